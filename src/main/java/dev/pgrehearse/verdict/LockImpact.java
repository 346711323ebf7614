package dev.pgrehearse.verdict;

import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.recording.LockWaits;
import dev.pgrehearse.recording.OperationLocks;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Lock;
import dev.pgrehearse.recording.Recording.LockWait;
import dev.pgrehearse.recording.Recording.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A lock of the migration's that forbids others something, set against what the workload does. Pure.
 *
 * @param run the run of the statement that took it
 * @param lock the lock
 * @param forbids what it forbids, in SQL's words
 * @param met those that waited for it, requests of the workload first, the most waits first
 * @param couldMeet operations that take what it forbids, and none of whose requests happened to meet it
 * @param unknown operations whose locks were not read, and none of whose requests met it
 * @param used whether any operation is known to use the relation at all; null when locks of operations were not recorded
 */
public record LockImpact(
        Statement run,
        Lock lock,
        String forbids,
        List<Met> met,
        List<String> couldMeet,
        List<String> unknown,
        @Nullable Boolean used) {
    /**
     * Who waited.
     *
     * @param who an operation, or who else it was
     * @param ofWorkload whether it is the workload
     * @param waits how many waits; a request that tries again may wait again
     * @param requests how many requests those were; empty when that is not known
     * @param longestMs the longest of them
     * @param atLeast whether there may be more: the statement ran more than once, and the recording does not list all waits
     */
    public record Met(
            String who, boolean ofWorkload, long waits, OptionalLong requests, double longestMs, boolean atLeast) {}

    /** Waits that are alike: one that the recording lists, or the sum of all of a kind. */
    private record Waits(String operation, String mode, long count, double longestMs) {
        private static Waits of(LockWait wait) {
            return new Waits(wait.operation(), wait.mode(), 1, wait.durationMs());
        }

        private static Waits of(LockWaits.Sum sum) {
            return new Waits(sum.operation(), sum.mode(), sum.count(), sum.longestMs());
        }
    }

    /** The waits behind one run of a statement, by relation; and what waits call the statement, when it ran no more than once. */
    private record Behind(
            Map<String, List<Waits>> byRelation,
            boolean all,
            @Nullable String only) {}

    /**
     * Every lock that disturbs: it forbids reads or writes, or what an operation is known to take, or somebody waited for it.
     * In the order of the statements; of one statement those that were met first. Without locks that a stronger one of the
     * same statement on the same relation includes, and without those on what the statement itself was making.
     */
    public static List<LockImpact> of(Recording recording) {
        List<LockImpact> impacts = new ArrayList<>();
        for (List<Statement> runs : Statements.byIndex(recording).values()) {
            for (int i = 0; i < runs.size(); i++) {
                double until = i + 1 < runs.size() ? runs.get(i + 1).startMs() : Double.POSITIVE_INFINITY;
                impacts.addAll(of(recording, runs.get(i), behind(recording, runs.get(i), runs.size() == 1, until)));
            }
        }
        return List.copyOf(impacts);
    }

    private static List<LockImpact> of(Recording recording, Statement run, Behind behind) {
        return Statements.locks(recording, run).stream()
                .flatMap(lock -> of(recording, run, lock, behind).stream())
                .sorted(Comparator.comparingLong((LockImpact impact) -> -impact.requests())
                        .thenComparingInt(impact -> -impact.met().size())
                        .thenComparingInt(impact -> -impact.couldMeet().size()))
                .toList();
    }

    /**
     * Of very many waits the recording lists the longest and has sums over all, which do not tell one run of a statement from
     * the next: of a statement that ran once they are its own.
     */
    private static Behind behind(Recording recording, Statement run, boolean ranOnce, double untilMs) {
        String culprit = Statements.name(run.index());
        boolean listed = recording.waits().file() == null;
        if (!listed && ranOnce) {
            return new Behind(
                    recording.waits().sums().stream()
                            .filter(sum -> sum.behind().equals(culprit))
                            .collect(Collectors.groupingBy(
                                    LockWaits.Sum::relation, Collectors.mapping(Waits::of, Collectors.toList()))),
                    true,
                    culprit);
        }
        return new Behind(
                recording.lockWaits().stream()
                        .filter(wait -> wait.behind().equals(culprit))
                        .filter(wait -> wait.startMs() < untilMs && wait.startMs() + wait.durationMs() >= run.startMs())
                        .collect(Collectors.groupingBy(
                                LockWait::relation, Collectors.mapping(Waits::of, Collectors.toList()))),
                listed,
                ranOnce ? culprit : null);
    }

    private static List<LockImpact> of(Recording recording, Statement run, Lock lock, Behind behind) {
        LockMode mode = Statements.mode(lock.mode());
        if (mode == null) {
            return List.of();
        }
        List<Met> met = met(recording, mode, lock.relation(), behind);
        List<String> waiting = met.stream().map(Met::who).toList();
        List<String> couldMeet = recording.operationLocks().stream()
                .filter(operation -> !waiting.contains(operation.operation()))
                .filter(operation -> operation.locks().stream()
                        .anyMatch(taken -> taken.relation().equals(lock.relation()) && conflicts(mode, taken.mode())))
                .map(OperationLocks::operation)
                .toList();
        if (mode.forbids().isEmpty() && met.isEmpty() && couldMeet.isEmpty()) {
            return List.of();
        }
        return List.of(new LockImpact(
                run,
                lock,
                mode.forbids().isEmpty() ? "schema changes, VACUUM and ANALYZE" : mode.forbids(),
                met,
                couldMeet,
                recording.operationLocks().stream()
                        .filter(operation -> operation.readings() == 0 && !waiting.contains(operation.operation()))
                        .map(OperationLocks::operation)
                        .toList(),
                recording.operationLocks().isEmpty()
                        ? null
                        : (Boolean) recording.operationLocks().stream()
                                .flatMap(operation -> operation.locks().stream())
                                .anyMatch(taken -> taken.relation().equals(lock.relation()))));
    }

    private static List<Met> met(Recording recording, LockMode mode, String relation, Behind behind) {
        Map<String, List<Waits>> byWho = behind.byRelation().getOrDefault(relation, List.of()).stream()
                .filter(waits -> conflicts(mode, waits.mode()))
                .collect(Collectors.groupingBy(Waits::operation, TreeMap::new, Collectors.toList()));
        return byWho.entrySet().stream()
                .map(entry -> met(recording, entry.getKey(), relation, entry.getValue(), behind))
                .sorted(Comparator.comparing(Met::ofWorkload)
                        .reversed()
                        .thenComparing(Comparator.comparingLong(Met::waits).reversed()))
                .toList();
    }

    private static Met met(Recording recording, String who, String relation, List<Waits> waits, Behind behind) {
        long count = waits.stream().mapToLong(Waits::count).sum();
        return new Met(
                who,
                Statements.isOfWorkload(recording, who),
                count,
                behind.only() == null
                        ? OptionalLong.empty()
                        : WaitedRequests.of(recording, Set.of(who), behind.only(), Set.of(relation), count),
                waits.stream().mapToDouble(Waits::longestMs).max().orElse(0),
                !behind.all());
    }

    private static boolean conflicts(LockMode mode, String other) {
        LockMode found = Statements.mode(other);
        return found != null && mode.conflictsWith(found);
    }

    /** How many waits of the workload's requests. */
    public long requests() {
        return met.stream().filter(Met::ofWorkload).mapToLong(Met::waits).sum();
    }

    /** Whether anybody waited for it, or could have. */
    public boolean concernsAnybody() {
        return !met.isEmpty() || !couldMeet.isEmpty();
    }

    /** The lock in words: {@code SHARE on orders for 61.0 s}. */
    public String lockInWords() {
        String waited = lock.waitedMs() > 0 ? ", waited for " + Figures.duration(lock.waitedMs()) : "";
        if (!lock.granted()) {
            return lock.mode() + " on " + lock.relation() + waited + " and never had";
        }
        return lock.mode() + " on " + lock.relation() + waited + (waited.isEmpty() ? " for " : ", held for ")
                + Figures.duration(lock.heldMs())
                + (lock.longestHeldMs() == null
                        ? ""
                        : " in all, " + Figures.duration(lock.longestHeldMs()) + " at once");
    }

    /** Whom it met, or could have, in words. */
    public String metInWords() {
        List<String> parts = new ArrayList<>();
        for (Met each : met) {
            String atLeast = each.atLeast() ? "at least " : "";
            parts.add((each.ofWorkload()
                            ? WaitedRequests.inWords(each.requests(), each.waits(), each.who(), each.atLeast())
                            : Statements.inWords(each.who()) + " waited " + atLeast
                                    + (each.waits() == 1 ? "once" : Figures.count(each.waits()) + " times"))
                    + ", longest " + Figures.duration(each.longestMs()));
        }
        if (!couldMeet.isEmpty()) {
            parts.add((met.isEmpty() ? "operations that do: " : "of ")
                    + names(couldMeet)
                    + (met.isEmpty() ? "; none happened to meet it" : " none happened to meet it"));
        } else if (used == null) {
            parts.add((met.isEmpty() ? "" : "for the rest ") + "it was not recorded which operations could meet it");
        } else if (met.isEmpty() && unknown.isEmpty()) {
            parts.add(
                    used ? "operations use it, but none does what is forbidden" : "nobody of this workload touches it");
        }
        if (!unknown.isEmpty()) {
            parts.add("not known of " + names(unknown));
        }
        return String.join("; ", parts);
    }

    /** Such as {@code SHARE on orders for 61.0 s: forbids INSERT, UPDATE, DELETE; 18 300 requests of place_order waited, longest 61.2 s}. */
    public String inWords() {
        return lockInWords() + ": forbids " + forbids + "; " + metInWords();
    }

    /** The one that the most requests waited for; null when none did. */
    public static @Nullable LockImpact worst(Recording recording) {
        return of(recording).stream()
                .filter(impact -> impact.requests() > 0)
                .max(Comparator.comparingLong(LockImpact::requests))
                .orElse(null);
    }

    private static String names(List<String> operations) {
        return operations.size() <= 5
                ? String.join(", ", operations)
                : Stream.concat(
                                operations.stream().limit(5),
                                Stream.of("and " + Figures.count(operations.size() - 5) + " more"))
                        .collect(Collectors.joining(", "));
    }
}
