package dev.pgrehearse.recording;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Folds lock waits: those that the recording lists, sums over all of them, deadlocks, the queue over time. */
final class WaitFold {
    /** So many waits are listed; the others are in {@link #FILE_NAME} and in the sums. */
    static final int LISTED = 10_000;

    /** All waits, beside the recording, when it does not list them. */
    static final String FILE_NAME = "lock-waits.ndjson";

    /** Sums that are told apart; the smallest of more are told together. */
    private static final int SUMS = 2_000;

    /** As {@link Fact.Waited#behind()} and {@link Fact.Waited#operation()} name the workload itself and the migration. */
    static final String WORKLOAD = "workload";

    private static final String MIGRATION = "migration";

    private final Facts facts;
    private final MigrationFold migration;
    private final Phases phases;
    private final Map<Integer, List<LockWaits.Ahead>> queues;
    private final Map<List<LockWaits.Ahead>, Integer> listedQueues = new LinkedHashMap<>();
    private final List<Recording.LockWait> listed;

    WaitFold(Facts facts, MigrationFold migration, Phases phases) {
        this.facts = facts;
        this.migration = migration;
        this.phases = phases;
        this.queues = facts.all(Fact.QueueListed.class).stream()
                .collect(Collectors.toMap(
                        Fact.QueueListed::number, Fact.QueueListed::ahead, (first, second) -> second, HashMap::new));
        this.listed = chosen(migration.waits()).stream()
                .map(wait -> told(wait, place(wait)))
                .toList();
    }

    /** In order of their start. */
    List<Recording.LockWait> listed() {
        return listed;
    }

    LockWaits together() {
        return new LockWaits(
                migration.waits().size(),
                leavesOut() ? FILE_NAME : null,
                listedQueues.keySet().stream().map(LockWaits.Queue::new).toList(),
                sums(),
                facts.all(Fact.Deadlocked.class).stream().map(this::deadlock).toList(),
                new QueueFold(facts, migration.charges(), phases).fold());
    }

    /** What looks at single waits sees those that are listed. */
    Optional<Recording.Doubt> unlisted() {
        return leavesOut()
                ? Optional.of(new Recording.Doubt(
                        "lock-waits-not-listed",
                        migration.waits().size() + " lock waits were seen, of which the recording lists " + LISTED
                                + ": the longest of those that the workload did not cause itself. Where findings count requests"
                                + " that waited there were at least so many; sums by statement are of all."))
                : Optional.empty();
    }

    /** Writes all waits beside the recording when it leaves some out; without their queues, but with their lengths. */
    void writeFile(Path folder) throws IOException {
        if (!leavesOut()) {
            return;
        }
        try (BufferedWriter lines = Files.newBufferedWriter(folder.resolve(FILE_NAME))) {
            migration.waits().forEach(wait -> write(lines, told(wait, null)));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void write(BufferedWriter lines, Recording.LockWait wait) {
        try {
            lines.write(RecordingJson.line(wait));
            lines.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean leavesOut() {
        return migration.waits().size() > LISTED;
    }

    /** Those that the workload causes itself are the least worth listing, and short ones less than long ones. */
    private static List<Fact.Waited> chosen(List<Fact.Waited> waits) {
        if (waits.size() <= LISTED) {
            return waits;
        }
        return waits.stream()
                .sorted(Comparator.comparing((Fact.Waited wait) -> wait.behind().equals(WORKLOAD))
                        .thenComparing(
                                Comparator.comparingLong(WaitFold::length).reversed()))
                .limit(LISTED)
                .sorted(Comparator.comparingLong(Fact.Waited::startNanos))
                .toList();
    }

    private Recording.LockWait told(Fact.Waited wait, @Nullable Integer queue) {
        Fact.StatementRan run =
                wait.operation().equals(MIGRATION) ? migration.statementOf(wait).orElse(null) : null;
        return new Recording.LockWait(
                phases.millis(wait.startNanos()),
                length(wait) / 1e6,
                wait.pid(),
                wait.relation(),
                wait.mode(),
                wait.operation(),
                wait.behind(),
                wait.ended(),
                wait.source(),
                Recording.LockWait.kindOf(wait.relation()),
                run == null ? null : (Integer) run.index(),
                run == null ? null : run.file() + ":" + run.line(),
                queue,
                wait.ahead());
    }

    private @Nullable Integer place(Fact.Waited wait) {
        List<LockWaits.Ahead> ahead = wait.queue() == null ? null : queues.get(wait.queue());
        if (ahead == null) {
            return null;
        }
        List<LockWaits.Ahead> named = ahead.stream()
                .map(one -> one.holds()
                        ? new LockWaits.Ahead(
                                migration.charges().holder(one.who(), wait.relation(), one.mode(), wait.startNanos()),
                                one.mode(),
                                true,
                                one.sessions())
                        : one)
                .toList();
        return listedQueues.computeIfAbsent(named, unseen -> listedQueues.size());
    }

    private record Alike(String phase, String relation, String mode, String operation, String behind) {}

    private static final class Total {
        private long count;
        private long nanos;
        private long longest;

        private void add(long length) {
            count++;
            nanos += length;
            longest = Math.max(longest, length);
        }

        private void add(Total other) {
            count += other.count;
            nanos += other.nanos;
            longest = Math.max(longest, other.longest);
        }
    }

    private List<LockWaits.Sum> sums() {
        Map<Alike, Total> totals = new LinkedHashMap<>();
        for (Fact.Waited wait : migration.waits()) {
            String phase = phases.at(wait.startNanos()).map(Phases.Span::name).orElse("");
            totals.computeIfAbsent(
                            new Alike(phase, wait.relation(), wait.mode(), wait.operation(), wait.behind()),
                            alike -> new Total())
                    .add(length(wait));
        }
        List<Map.Entry<Alike, Total>> sorted = new ArrayList<>(totals.entrySet());
        sorted.sort(Comparator.comparingLong((Map.Entry<Alike, Total> entry) -> entry.getValue().nanos)
                .reversed());
        Map<Alike, Total> told = new LinkedHashMap<>();
        sorted.stream().limit(SUMS).forEach(entry -> told.put(entry.getKey(), entry.getValue()));
        sorted.stream()
                .skip(SUMS)
                .forEach(entry -> told.computeIfAbsent(
                                new Alike(
                                        entry.getKey().phase(),
                                        LockWaits.FURTHER,
                                        "",
                                        "",
                                        entry.getKey().behind()),
                                alike -> new Total())
                        .add(entry.getValue()));
        List<LockWaits.Sum> sums = new ArrayList<>();
        told.forEach((alike, total) -> sums.add(new LockWaits.Sum(
                alike.phase(),
                alike.relation(),
                alike.mode(),
                alike.operation(),
                alike.behind(),
                total.count,
                total.nanos / 1e6,
                total.longest / 1e6)));
        return sums;
    }

    private LockWaits.Deadlock deadlock(Fact.Deadlocked deadlocked) {
        return new LockWaits.Deadlock(
                phases.millis(deadlocked.atNanos()),
                deadlocked.sides().stream().anyMatch(side -> Charges.isMigration(side.who())),
                deadlocked.sides());
    }

    /** In words, who waited for whom. */
    static String inWords(LockWaits.Deadlock deadlock) {
        LockWaits.Side victim = deadlock.victim();
        if (victim == null) {
            return "A deadlock; the server's log does not tell between whom.";
        }
        Map<Integer, String> names = deadlock.sides().stream()
                .collect(Collectors.toMap(LockWaits.Side::pid, LockWaits.Side::who, (first, second) -> first));
        return deadlock.sides().stream()
                        .map(side -> side.who() + " (pid " + side.pid() + ") wanted " + side.mode() + " on "
                                + side.relation() + " behind "
                                + names.getOrDefault(side.blockedBy(), "another session") + " (pid "
                                + side.blockedBy() + ")")
                        .collect(Collectors.joining("; "))
                + ". The server ended " + victim.who() + " (pid " + victim.pid() + ").";
    }

    private static long length(Fact.Waited wait) {
        return wait.endNanos() - wait.startNanos();
    }
}
