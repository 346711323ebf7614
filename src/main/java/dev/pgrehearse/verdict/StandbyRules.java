package dev.pgrehearse.verdict;

import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Phase;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.StandbyFacts;
import dev.pgrehearse.recording.StandbyFacts.Behind;
import dev.pgrehearse.recording.StandbyFacts.Blocked;
import dev.pgrehearse.scenario.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The functions of the rules about what became of a standby. Pure; without a standby they find nothing. */
final class StandbyRules {
    private StandbyRules() {}

    static List<Finding> lag(Recording recording, Limits limits) {
        StandbyFacts standby = recording.standby();
        if (standby == null || standby.lagPeakMs() == null) {
            return List.of();
        }
        double measured = standby.lagPeakMs();
        double limit = limits.standbyLag().toNanos() / 1e6;
        Behind open = open(standby);
        if (measured <= limit && open == null) {
            return List.of();
        }
        Figures.Against figures = Figures.against(measured, limit, Finding.MILLISECONDS);
        return List.of(new Finding(
                "standby-lag",
                measured > limit ? Severity.NO_GO : Severity.WARNING,
                null,
                measured,
                limit,
                Finding.MILLISECONDS,
                "The standby was behind by up to " + figures.measured()
                        + (open == null ? "" : ", and had not caught up when the rehearsal ended"),
                "Whoever read there saw what the database had been before. "
                        + written(standby) + heldUp(standby) + "The limit is " + figures.limit() + "."
                        + baseline(standby)
                        + (open == null ? "" : " How long it would have been behind in the end, nobody knows."),
                SaferWay.numbered(List.of(
                        "Write less WAL at once: back-fills in batches with pauses, indexes one after the other, no rewrite of"
                                + " a large table.",
                        "See what held replay up, above: long reads on the standby, or a lock that it had to wait for.",
                        "Pause between steps until pg_stat_replication.replay_lag is small again.",
                        "Rehearse again, and compare the same figure."))));
    }

    private static @Nullable Behind open(StandbyFacts standby) {
        return standby.behind().stream()
                .filter(behind -> behind.caughtUpMs() == null)
                .findFirst()
                .orElse(null);
    }

    private static String written(StandbyFacts standby) {
        Long bytes = standby.lagPeakBytes();
        return bytes == null ? "" : "At most " + Figures.bytes(bytes.doubleValue()) + " of WAL were not replayed yet. ";
    }

    private static String heldUp(StandbyFacts standby) {
        return standby.heldUpMs() == 0
                ? ""
                : "Replay waited " + Figures.duration(standby.heldUpMs()) + " in all for reads on the standby ("
                        + String.join(
                                ", ",
                                standby.heldUp().stream()
                                        .map(StandbyFacts.HeldUp::by)
                                        .distinct()
                                        .toList())
                        + "). ";
    }

    private static String baseline(StandbyFacts standby) {
        Double before = standby.baselineLagPeakMs();
        return before == null ? "" : " In the baseline it was behind by " + Figures.duration(before) + " at most.";
    }

    static List<Finding> readsBlocked(Recording recording, Limits limits) {
        StandbyFacts standby = recording.standby();
        if (standby == null) {
            return List.of();
        }
        double limit = limits.longestStall().toNanos() / 1e6;
        List<Finding> findings = new ArrayList<>();
        for (Blocked blocked : standby.blocked()) {
            Integer statement = blocked.statement();
            if (statement != null) {
                findings.add(blocked(recording, blocked, statement, limit));
            }
        }
        return findings;
    }

    private static Finding blocked(Recording recording, Blocked blocked, int statement, double limit) {
        Figures.Against figures = Figures.against(blocked.longestMs(), limit, Finding.MILLISECONDS);
        boolean broken = blocked.longestMs() > limit;
        String sql = Statements.runs(recording).stream()
                .filter(run -> run.index() == statement)
                .map(Statement::sql)
                .findFirst()
                .orElse("");
        return new Finding(
                "standby-reads-blocked",
                broken ? Severity.NO_GO : Severity.INFO,
                statement,
                blocked.longestMs(),
                limit,
                Finding.MILLISECONDS,
                "Reads of " + blocked.relation() + " on the standby "
                        + (broken ? "stood still for " : "waited for up to ") + figures.measured()
                        + " behind the replay of " + Statements.brief(sql),
                "A standby takes each ACCESS EXCLUSIVE lock that the primary had, from when it replays the lock to when it replays"
                        + " the transaction's end: "
                        + Figures.count(blocked.waits(), "read", "reads") + " ("
                        + String.join(", ", blocked.operations()) + ") waited for it there, and no lock_timeout of the"
                        + " migration shortens that. The limit is " + figures.limit() + ".",
                SaferWay.of(sql, blocked.relation()));
    }

    static List<Finding> readsCancelled(Recording recording, Limits limits) {
        StandbyFacts standby = recording.standby();
        if (standby == null) {
            return List.of();
        }
        long requests = Traffic.outcomes(recording, Traffic.JUDGED).getOrDefault(Outcome.RECOVERY_CONFLICT, 0L);
        if (requests == 0) {
            return List.of();
        }
        long before = Traffic.outcomes(recording, List.of(Phase.BASELINE)).getOrDefault(Outcome.RECOVERY_CONFLICT, 0L);
        return List.of(new Finding(
                "standby-reads-cancelled",
                Severity.WARNING,
                null,
                requests,
                0,
                Finding.COUNT,
                "Replay cancelled " + Figures.count(requests, "read", "reads") + " on the standby",
                "They were in its way for longer than max_standby_streaming_delay ("
                        + standby.settings().getOrDefault("max_standby_streaming_delay", "as the server has it")
                        + "), and ended with “canceling statement due to conflict with recovery” (40001)."
                        + byCause(standby.conflicts())
                        + (before == 0 ? "" : " In the baseline it cancelled " + Figures.count(before) + " already.")
                        + " They count as failed requests, too.",
                SaferWay.numbered(List.of(
                        "Have the readers try again: a read that was cancelled may well succeed the next time.",
                        "Against vacuumed rows: hot_standby_feedback = on on the standby, which costs bloat on the primary.",
                        "Against locks: forms of the statement without ACCESS EXCLUSIVE, or a time without long reads there.",
                        "Weigh max_standby_streaming_delay: the longer reads may be, the longer replay is behind."))));
    }

    private static String byCause(@Nullable Map<String, Long> conflicts) {
        if (conflicts == null) {
            return "";
        }
        List<String> causes = conflicts.entrySet().stream()
                .filter(entry -> entry.getValue() > 0)
                .map(entry -> Figures.count(entry.getValue()) + " × " + entry.getKey())
                .toList();
        return causes.isEmpty() ? "" : " By cause, in all of the rehearsal: " + String.join(", ", causes) + ".";
    }
}
