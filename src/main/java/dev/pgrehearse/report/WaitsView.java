package dev.pgrehearse.report;

import dev.pgrehearse.recording.LockWaits;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.LockWait;
import dev.pgrehearse.recording.Recording.Phase;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.verdict.Figures;
import dev.pgrehearse.verdict.Statements;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What the reports tell of lock waits besides single ones.
 *
 * @param own waits that the workload causes itself, by what was waited for; the longest in total first
 * @param moreOwn how many rows of {@code own} are left out
 * @param deadlocks each in one sentence
 * @param queue the migration's queue
 */
record WaitsView(List<Own> own, int moreOwn, List<Deadlock> deadlocks, QueueTreeView queue) {
    private static final String WORKLOAD = "workload";
    private static final int MOST_OWN = 12;
    private static final int MOST_DEADLOCKS = 20;
    private static final String NONE = "–";

    /**
     * What the workload waits for behind itself: known from the baseline, and never charged to the migration.
     *
     * @param baseline how many waits, in all, the longest
     * @param after the same of migration and recovery
     */
    record Own(String relation, String baseline, String after) {}

    /**
     * A deadlock.
     *
     * @param at on the report's axis
     * @param withMigration whether the migration was one of its sides
     * @param sides who wanted what behind whom
     * @param victim who was ended
     */
    record Deadlock(String at, boolean withMigration, List<String> sides, String victim) {}

    static WaitsView of(Recording recording) {
        Map<String, List<LockWaits.Sum>> byRelation = recording.waits().sums().stream()
                .filter(sum -> sum.behind().equals(WORKLOAD))
                .filter(sum -> !sum.phase().equals(Phase.WARMUP))
                .collect(Collectors.groupingBy(LockWaits.Sum::relation, LinkedHashMap::new, Collectors.toList()));
        List<Own> own = byRelation.entrySet().stream()
                .sorted(Comparator.comparingDouble(
                        (Map.Entry<String, List<LockWaits.Sum>> entry) -> -total(entry.getValue())))
                .limit(MOST_OWN)
                .map(entry ->
                        new Own(entry.getKey(), inWords(entry.getValue(), true), inWords(entry.getValue(), false)))
                .toList();
        return new WaitsView(
                own,
                Math.max(0, byRelation.size() - MOST_OWN),
                recording.waits().deadlocks().stream()
                        .limit(MOST_DEADLOCKS)
                        .map(deadlock -> deadlock(recording, deadlock))
                        .toList(),
                QueueTreeView.of(recording));
    }

    /** How many deadlocks there were in all. The template calls it. */
    static long deadlocksOfMigration(Recording recording) {
        return recording.waits().deadlocks().stream()
                .filter(LockWaits.Deadlock::withMigration)
                .count();
    }

    private static double total(List<LockWaits.Sum> sums) {
        return sums.stream().mapToDouble(LockWaits.Sum::totalMs).sum();
    }

    private static String inWords(List<LockWaits.Sum> sums, boolean baseline) {
        List<LockWaits.Sum> its = sums.stream()
                .filter(sum -> sum.phase().equals(Phase.BASELINE) == baseline)
                .toList();
        long count = its.stream().mapToLong(LockWaits.Sum::count).sum();
        return count == 0
                ? NONE
                : Figures.count(count, "wait", "waits") + ", " + Figures.duration(total(its)) + " in all, longest "
                        + Figures.duration(its.stream()
                                .mapToDouble(LockWaits.Sum::longestMs)
                                .max()
                                .orElse(0));
    }

    private static Deadlock deadlock(Recording recording, LockWaits.Deadlock deadlock) {
        List<String> sides = new ArrayList<>();
        for (LockWaits.Side side : deadlock.sides()) {
            String blocker = deadlock.sides().stream()
                    .filter(other -> other.pid() == side.blockedBy())
                    .findFirst()
                    .map(other -> who(recording, other.who()))
                    .orElse("another session");
            String sql = side.sql() == null ? "" : ", running " + Statements.brief(side.sql());
            sides.add(who(recording, side.who()) + " (pid " + side.pid() + ") wanted " + side.mode() + " on "
                    + side.relation() + " behind " + blocker + sql);
        }
        LockWaits.Side victim = deadlock.victim();
        return new Deadlock(
                Figures.moment(deadlock.atMs()),
                deadlock.withMigration(),
                sides,
                victim == null ? "not told by the server's log" : who(recording, victim.who()) + " was ended");
    }

    /** A statement of the migration with its place. */
    static String who(Recording recording, String who) {
        return Statements.runs(recording).stream()
                .filter(run -> Statements.name(run.index()).equals(who))
                .findFirst()
                .map(run -> who + " (" + place(run) + ")")
                .orElseGet(() -> Statements.inWords(who));
    }

    private static String place(Statement run) {
        return run.file() + ":" + run.line();
    }

    /** Whom a wait stood behind, in the order of the queue; empty when that is not known. */
    static String queue(Recording recording, LockWait wait) {
        if (wait.queue() == null) {
            return "";
        }
        List<String> ahead = new ArrayList<>();
        int left = wait.ahead();
        for (LockWaits.Ahead one : recording.waits().queues().get(wait.queue()).ahead()) {
            int sessions = one.sessions() == null ? left : one.sessions();
            left -= sessions;
            ahead.add((sessions == 1 ? "" : Figures.count(sessions) + "\u00a0× ")
                    + Statements.inWords(one.who())
                    + (one.mode().isEmpty() ? "" : (one.holds() ? " holds " : " wants ") + one.mode()));
        }
        return String.join(" ← ", ahead);
    }
}
