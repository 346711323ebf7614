package dev.pgrehearse.verdict;

import dev.pgrehearse.postgres.SqlState;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.MigrationFacts;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.scenario.Limits;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The functions of the rules about how the migration ended and what it left. Pure. */
final class OutcomeRules {
    private OutcomeRules() {}

    static List<Finding> migrationFailed(Recording recording, Limits limits) {
        MigrationFacts migration = recording.migration();
        if (migration == null || !migration.outcome().equals("failed")) {
            return List.of();
        }
        @Nullable Statement failed = null;
        for (Statement run : migration.statements()) {
            if (run.outcome().equals("failed")) {
                failed = run;
            }
        }
        if (failed != null && SqlState.meansFault(failed.sqlState())) {
            // The rehearsal did not run to its end, and says why: on another machine the statement may well succeed.
            return List.of();
        }
        String what = failed == null ? "The migration failed" : Statements.brief(failed.sql()) + " failed";
        String error = failed == null || failed.error() == null ? "" : ": " + Statements.brief(failed.error());
        String state = failed == null || failed.sqlState() == null ? "" : " (SQLSTATE " + failed.sqlState() + ")";
        String tries = migration.attempts() > 1 ? " after " + Figures.count(migration.attempts()) + " attempts" : "";
        return List.of(new Finding(
                "migration-failed",
                Severity.NO_GO,
                failed == null ? null : failed.index(),
                1,
                0,
                Finding.COUNT,
                what + tries + state + (failed == null ? before(migration) : error),
                "The database now: " + (migration.state().isEmpty() ? "not recorded" : migration.state()),
                SaferWay.numbered(neverBegan(migration) ? beforeAnyStatement() : afterFailure(failed))));
    }

    private static boolean neverBegan(MigrationFacts migration) {
        return migration.statements().isEmpty();
    }

    /** Why a migration failed of which no statement did: the state says it. */
    private static String before(MigrationFacts migration) {
        return neverBegan(migration) && !migration.state().isEmpty()
                ? ": " + Statements.oneLine(migration.state())
                : "";
    }

    private static List<String> beforeAnyStatement() {
        return List.of(
                "Leave the migration a connection: raise `server.settings.max_connections`, or lower `app.instances` or"
                        + " `app.pool.maximumPoolSize`; in production likewise, if these are production's.",
                "Rehearse it again from the start.");
    }

    private static List<String> afterFailure(@Nullable Statement failed) {
        String sqlState = failed == null ? null : failed.sqlState();
        List<String> steps = new ArrayList<>();
        boolean timedOut = "55P03".equals(sqlState) || "57014".equals(sqlState);
        if (timedOut && failed != null && Statements.isConcurrently(failed.sql())) {
            steps.add(
                    "Give CONCURRENTLY no lock_timeout and no statement_timeout: it waits for every older transaction and makes nobody wait"
                            + " meanwhile. Look for those first: `SELECT pid, xact_start, query FROM pg_stat_activity WHERE"
                            + " backend_xmin IS NOT NULL ORDER BY xact_start`.");
        } else if ("55P03".equals(sqlState)) {
            steps.add(
                    "It never got its lock within lock_timeout: allow more attempts, or find whoever holds the lock.");
        } else if ("40P01".equals(sqlState)) {
            steps.add(
                    "It was the victim of a deadlock: take locks in the application's order, one table a transaction.");
        } else {
            steps.add("Correct the statement, and see what it left behind.");
        }
        steps.add("Make each step safe to run again: check what is there instead of trusting IF NOT EXISTS.");
        steps.add("Rehearse it again from the start.");
        return steps;
    }

    static List<Finding> overDuration(Recording recording, Limits limits) {
        MigrationFacts migration = recording.migration();
        double limit = limits.duration().toNanos() / 1e6;
        if (migration == null || !(migration.durationMs() > limit)) {
            return List.of();
        }
        Figures.Against figures = Figures.against(migration.durationMs(), limit, Finding.MILLISECONDS);
        return List.of(new Finding(
                "over-duration",
                Severity.NO_GO,
                null,
                migration.durationMs(),
                limit,
                Finding.MILLISECONDS,
                "The migration took " + figures.measured() + ", longer than the " + figures.limit() + " allowed",
                "A migration that outlives its window, a deploy or a liveness timeout is stopped half-way by somebody.",
                SaferWay.numbered(List.of(
                        "Split it: what locks in short steps, what copies or scans in batches outside the window.",
                        "Run it apart from the start of a pod or a deploy.",
                        "Decide before the night when it is stopped, and rehearse the stop."))));
    }

    static List<Finding> notValidConstraintLeft(Recording recording, Limits limits) {
        List<String> constraints = recording.leftovers().notValidConstraints();
        if (constraints.isEmpty()) {
            return List.of();
        }
        return List.of(
                new Finding(
                        "not-valid-constraint-left",
                        Severity.WARNING,
                        null,
                        constraints.size(),
                        0,
                        Finding.COUNT,
                        "The migration left " + (constraints.size() == 1 ? "a constraint" : "constraints")
                                + " NOT VALID: " + String.join(", ", constraints),
                        "New rows are checked, old ones are not, and the planner does not trust it.",
                        SaferWay.numbered(
                                List.of(
                                        "`ALTER TABLE … VALIDATE CONSTRAINT …` in a transaction of its own; reads and writes go on."))));
    }

    static List<Finding> leftBehind(Recording recording, Limits limits) {
        List<String> other = recording.leftovers().other();
        if (other.isEmpty()) {
            return List.of();
        }
        return List.of(new Finding(
                "left-behind",
                Severity.WARNING,
                null,
                other.size(),
                0,
                Finding.COUNT,
                "Something is in the catalogue that a finished migration would not leave: " + String.join("; ", other),
                "Nobody else will remove it.",
                SaferWay.numbered(List.of("Decide whether it is wanted; otherwise let the migration remove it."))));
    }
}
