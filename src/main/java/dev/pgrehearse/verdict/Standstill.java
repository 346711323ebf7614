package dev.pgrehearse.verdict;

import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.recording.OperationLocks;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Lock;
import dev.pgrehearse.recording.Recording.LockWait;
import dev.pgrehearse.recording.Recording.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * By what a statement of the migration makes others stand still: a lock on a table that others use, or the rows that it
 * changed. As it was measured under load; what the rules {@code reads-blocked} and {@code writes-blocked} judge. Pure.
 *
 * @param index of the statement
 * @param what in words: {@code SHARE on orders}, {@code rows that it changed}
 * @param rows whether it is rows and no lock on a table
 * @param fromMs when its run began that had it longest
 * @param waitedMs how long that run waited for it, with everybody who came later behind it
 * @param longestWaitMs the longest that any run waited for it, also one that gave up
 * @param behind whom it waited for, in words; null when it was not seen to wait
 * @param behindWorkload whether that was the workload's own transactions alone
 * @param heldMs how long it was held without a break; of rows, the longest that a request waited for them; 0 when it was
 *     never had
 * @param once whether no run had it more than once
 * @param perBatch whether it is given back after each batch of a back-fill
 * @param met operations of the workload whose requests waited for it, the most waits first
 * @param couldMeet operations that do what it forbids, none of whose requests happened to meet it; of rows, those that may
 *     change or lock some of the same table
 */
public record Standstill(
        int index,
        String what,
        boolean rows,
        double fromMs,
        double waitedMs,
        double longestWaitMs,
        @Nullable String behind,
        boolean behindWorkload,
        double heldMs,
        boolean once,
        boolean perBatch,
        List<String> met,
        List<String> couldMeet) {
    private static final String THE_WORKLOAD = "workload";

    public Standstill {
        met = List.copyOf(met);
        couldMeet = List.copyOf(couldMeet);
    }

    /** All of a recording, in the order of the statements. */
    public static List<Standstill> of(Recording recording) {
        Map<Integer, Map<String, List<LockImpact>>> locks = new TreeMap<>();
        for (LockImpact impact : LockImpact.of(recording)) {
            if (impact.requests() > 0 || Statements.disturbs(recording, impact.lock())) {
                locks.computeIfAbsent(impact.run().index(), index -> new TreeMap<>())
                        .computeIfAbsent(impact.lock().relation(), relation -> new ArrayList<>())
                        .add(impact);
            }
        }
        List<Standstill> all = new ArrayList<>();
        Statements.byIndex(recording).forEach((index, runs) -> {
            Map<String, List<LockImpact>> byRelation = locks.getOrDefault(index, Map.of());
            byRelation.values().forEach(impacts -> all.add(ofLock(recording, impacts)));
            ofRows(recording, index, runs, byRelation.keySet()).ifPresent(all::add);
        });
        return List.copyOf(all);
    }

    /** Of several runs the one that had it longest. */
    private static Standstill ofLock(Recording recording, List<LockImpact> impacts) {
        LockImpact longest = impacts.stream()
                .max(Comparator.comparing((LockImpact impact) -> impact.lock().granted())
                        .thenComparingDouble(impact -> impact.lock().longestHold()))
                .orElseThrow();
        Lock lock = longest.lock();
        LockImpact waited = impacts.stream()
                .max(Comparator.comparingDouble(impact -> impact.lock().waitedMs()))
                .orElseThrow();
        List<LockWait> waits = Statements.waitsOf(recording, waited.run());
        return new Standstill(
                longest.run().index(),
                lock.mode() + " on " + lock.relation(),
                false,
                longest.run().startMs(),
                lock.granted() ? lock.waitedMs() : 0,
                waited.lock().waitedMs(),
                Statements.waitedBehind(recording, waited.run()),
                !waits.isEmpty()
                        && waits.stream().allMatch(wait -> wait.behind().equals(THE_WORKLOAD)),
                lock.granted() ? lock.longestHold() : 0,
                impacts.stream().allMatch(impact -> impact.lock().longestHeldMs() == null),
                longest.run().batches() != null,
                names(impacts.stream()
                        .flatMap(impact -> impact.met().stream())
                        .filter(LockImpact.Met::ofWorkload)
                        .map(LockImpact.Met::who)
                        .toList()),
                names(impacts.stream()
                        .flatMap(impact -> impact.couldMeet().stream())
                        .toList()));
    }

    private static List<String> names(List<String> names) {
        return List.copyOf(new LinkedHashSet<>(names));
    }

    /** Rows are locked by no entry that anybody could read: only waits for them tell. */
    private static Optional<Standstill> ofRows(
            Recording recording, int index, List<Statement> runs, Set<String> lockedWhole) {
        List<LockWait> waits = recording.lockWaits().stream()
                .filter(wait -> wait.behind().equals(Statements.name(index)) && Statements.isForRow(wait))
                .filter(wait -> Statements.isOfWorkload(recording, wait))
                .toList();
        Statement last = runs.get(runs.size() - 1);
        List<String> couldMeet =
                waits.isEmpty() ? changersOf(recording, tablesOf(recording, last, lockedWhole)) : List.of();
        if (waits.isEmpty() && couldMeet.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Long> counts =
                waits.stream().collect(Collectors.groupingBy(LockWait::operation, TreeMap::new, Collectors.counting()));
        return Optional.of(new Standstill(
                index,
                "rows that it changed",
                true,
                last.startMs(),
                0,
                0,
                null,
                false,
                waits.stream().mapToDouble(LockWait::durationMs).max().orElse(0),
                true,
                last.batches() != null,
                counts.entrySet().stream()
                        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                        .map(Map.Entry::getKey)
                        .toList(),
                couldMeet));
    }

    /** The tables whose rows it changed, but for those that it locked as a whole. */
    private static Set<String> tablesOf(Recording recording, Statement run, Set<String> lockedWhole) {
        Recording.DatasetFacts dataset = recording.dataset();
        return dataset == null
                ? Set.of()
                : run.locks().stream()
                        .filter(lock -> Statements.mode(lock.mode()) == LockMode.ROW_EXCLUSIVE)
                        .map(Lock::relation)
                        .filter(relation -> !lockedWhole.contains(relation)
                                && dataset.tables().stream()
                                        .anyMatch(table -> table.name().equals(relation)))
                        .collect(Collectors.toSet());
    }

    private static List<String> changersOf(Recording recording, Set<String> tables) {
        return recording.operationLocks().stream()
                .filter(operation -> operation.locks().stream()
                        .anyMatch(taken -> tables.contains(taken.relation()) && mayLockRows(taken.mode())))
                .map(OperationLocks::operation)
                .toList();
    }

    private static boolean mayLockRows(String mode) {
        LockMode found = Statements.mode(mode);
        return found == LockMode.ROW_EXCLUSIVE || found == LockMode.ROW_SHARE;
    }
}
