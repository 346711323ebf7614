package dev.pgrehearse.report;

import dev.pgrehearse.recording.DiskUse;
import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.MigrationFacts;
import dev.pgrehearse.recording.Recording.OperationFacts;
import dev.pgrehearse.recording.Recording.OperationPhase;
import dev.pgrehearse.recording.Recording.Phase;
import dev.pgrehearse.recording.Recording.PoolFacts;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.scenario.Limits;
import dev.pgrehearse.verdict.Figures;
import dev.pgrehearse.verdict.Statements;
import dev.pgrehearse.verdict.Stops;
import dev.pgrehearse.verdict.Traffic;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/**
 * The rehearsals of a run side by side: one column each, one row a figure.
 *
 * @param columns the rehearsals' ids
 * @param rows the figures
 */
record Comparison(List<String> columns, List<Row> rows) {
    private static final String NONE = "–";

    /** One figure of every rehearsal. */
    record Row(String label, List<String> cells) {}

    static Comparison of(Run run) {
        List<Row> rows = new ArrayList<>();
        row(rows, run, "Verdict", rehearsed -> rehearsed.verdict().verdict().toString());
        row(
                rows,
                run,
                "Expected",
                rehearsed -> rehearsed.verdict().expected()
                        + (rehearsed.verdict().asExpected() ? "" : " (it came otherwise)"));
        row(rows, run, "Migration took", rehearsed -> duration(rehearsed.recording()));
        row(rows, run, "Attempts", rehearsed -> attempts(rehearsed.recording()));
        row(rows, run, "Longest wait for locks", rehearsed -> longestLockWait(rehearsed.recording()));
        for (String operation : operations(run)) {
            row(rows, run, "Longest stall: " + operation, rehearsed -> stall(rehearsed.recording(), operation));
        }
        for (String operation : operations(run)) {
            row(
                    rows,
                    run,
                    "p99, baseline → migration: " + operation,
                    rehearsed -> percentiles(
                            rehearsed.recording(),
                            operation,
                            rehearsed.verdict().limits()));
        }
        row(
                rows,
                run,
                "Requests offered",
                rehearsed -> Figures.count(Traffic.offered(rehearsed.recording(), Traffic.JUDGED)));
        row(rows, run, "Requests that failed", rehearsed -> failed(rehearsed.recording()));
        for (Outcome outcome : outcomes(run)) {
            row(
                    rows,
                    run,
                    "  " + words(outcome),
                    rehearsed -> Figures.count(Traffic.outcomes(rehearsed.recording(), Traffic.JUDGED)
                            .getOrDefault(outcome, 0L)));
        }
        row(rows, run, "Pool without a free connection, longest", rehearsed -> poolExhausted(rehearsed.recording()));
        row(rows, run, "Sessions that one statement blocked at once", rehearsed -> blocked(rehearsed.recording()));
        row(rows, run, "Disk above where it began, highest seen", rehearsed -> diskPeak(rehearsed.recording()));
        row(rows, run, "WAL of the migration's statements", rehearsed -> wal(rehearsed.recording()));
        row(rows, run, "Calm again after the migration", rehearsed -> recovery(rehearsed.recording()));
        return new Comparison(run.rehearsals().stream().map(Run.Rehearsed::id).toList(), rows);
    }

    private static void row(List<Row> rows, Run run, String label, Function<Run.Rehearsed, String> cell) {
        rows.add(new Row(label, run.rehearsals().stream().map(cell).toList()));
    }

    static String duration(Recording recording) {
        MigrationFacts migration = recording.migration();
        return migration == null
                ? NONE
                : Figures.duration(migration.durationMs()) + (migration.stop() == null ? "" : ", stopped");
    }

    private static String diskPeak(Recording recording) {
        DiskUse disk = recording.resources().disk();
        return disk == null ? NONE : Figures.bytes(disk.peakGrowthBytes());
    }

    /** Of runs that failed it is not known: the sum is a lower bound then. */
    private static String wal(Recording recording) {
        List<Statement> runs = Statements.runs(recording);
        List<Long> known =
                runs.stream().map(Statement::walBytes).filter(Objects::nonNull).toList();
        return known.isEmpty()
                ? NONE
                : (known.size() < runs.size() ? "≥\u00a0" : "")
                        + Figures.bytes(
                                known.stream().mapToLong(Long::longValue).sum());
    }

    static String attempts(Recording recording) {
        MigrationFacts migration = recording.migration();
        return migration == null ? NONE : Figures.count(migration.attempts());
    }

    static String longestLockWait(Recording recording) {
        return recording.migration() == null
                ? NONE
                : Figures.duration(Statements.runs(recording).stream()
                        .mapToDouble(Statement::lockWaitMs)
                        .max()
                        .orElse(0));
    }

    /** The longest stall of any operation. */
    static String longestStall(Recording recording) {
        if (recording.requests() == null) {
            return NONE;
        }
        Traffic.Stall longest = null;
        for (OperationFacts operation : Traffic.operations(recording)) {
            Traffic.Stall stall = Traffic.longestStall(operation, Traffic.JUDGED);
            if (longest == null || Double.isNaN(stall.lengthMs()) || stall.lengthMs() > longest.lengthMs()) {
                longest = stall;
            }
        }
        return longest == null ? NONE : Figures.duration(longest.lengthMs(), longest.open());
    }

    private static String stall(Recording recording, String name) {
        return operation(recording, name).map(Comparison::stall).orElse(NONE);
    }

    private static String stall(OperationFacts operation) {
        Traffic.Stall longest = Traffic.longestStall(operation, Traffic.JUDGED);
        return Figures.duration(longest.lengthMs(), longest.open())
                + inParentheses(Traffic.standstills(operation, Traffic.JUDGED));
    }

    private static String percentiles(Recording recording, String name, Limits limits) {
        return operation(recording, name)
                .map(operation -> percentile(operation.phases().get(Phase.BASELINE)) + " → "
                        + percentile(operation.phases().get(Phase.MIGRATION))
                        + inParentheses(failed(operation, Phase.MIGRATION, limits)))
                .orElse(NONE);
    }

    /** With a space before; nothing around nothing. */
    static String inParentheses(String words) {
        return words.isEmpty() ? "" : " (" + words + ")";
    }

    /**
     * {@code of 9 000, 8 440 failed} where a greater share than the limit's did; else empty. A request that was refused at
     * once is a fast one to a percentile: no such figure may stand alone.
     */
    static String failed(OperationFacts operation, String phase, Limits limits) {
        Map<Outcome, Long> outcomes = operation.outcomesByPhase().getOrDefault(phase, Map.of());
        long offered = outcomes.values().stream().mapToLong(Long::longValue).sum();
        long failed = offered - outcomes.getOrDefault(Outcome.OK, 0L);
        return failed > limits.errorRate() * offered
                ? "of " + Figures.count(offered) + ", " + Figures.count(failed) + " failed"
                : "";
    }

    private static String percentile(@org.jspecify.annotations.Nullable OperationPhase phase) {
        if (phase == null || phase.count() == 0) {
            return NONE;
        }
        return censored(phase.p99Ms(), phase);
    }

    /** A percentile of a phase; with ≥ when it lies where requests were given up. */
    static String censored(double percentile, OperationPhase phase) {
        Double above = phase.censoredAboveMs();
        return Figures.duration(percentile, above != null && percentile >= above);
    }

    /** Share of the requests of migration and recovery that failed. */
    static String errorShare(Recording recording) {
        return Traffic.offered(recording, Traffic.JUDGED) == 0
                ? NONE
                : Figures.share(Traffic.errorShare(recording, Traffic.JUDGED));
    }

    private static String failed(Recording recording) {
        long offered = Traffic.offered(recording, Traffic.JUDGED);
        if (offered == 0) {
            return NONE;
        }
        long ok = Traffic.outcomes(recording, Traffic.JUDGED).getOrDefault(Outcome.OK, 0L);
        return Figures.count(offered - ok) + " (" + errorShare(recording) + ")";
    }

    /** The longest single span in which a pool had no free connection and requests waited. */
    static String poolExhausted(Recording recording) {
        return recording.pools().isEmpty()
                ? NONE
                : Figures.duration(recording.pools().stream()
                        .mapToDouble(PoolFacts::longestExhaustedMs)
                        .max()
                        .orElse(0));
    }

    private static String blocked(Recording recording) {
        return Figures.count(Statements.runs(recording).stream()
                .mapToInt(run -> run.blocking().sessionsPeak())
                .max()
                .orElse(0));
    }

    static String recovery(Recording recording) {
        Phase migration = Traffic.phase(recording, Phase.MIGRATION);
        Double calm = recording.recovery().calmAtMs();
        Phase recovery = Traffic.phase(recording, Phase.RECOVERY);
        if (migration == null || recovery == null) {
            return "not watched";
        }
        Recording.Stop stop = Stops.of(recording);
        if (stop != null && calm != null) {
            return Stops.calmAgain(Stops.sinceStop(stop, calm)) + " after the stop";
        }
        return calm == null
                ? "not within " + Figures.duration(recovery.endMs() - recovery.startMs())
                : Stops.calmAgain(calm - migration.endMs());
    }

    private static java.util.Optional<OperationFacts> operation(Recording recording, String name) {
        return Traffic.operations(recording).stream()
                .filter(operation -> operation.name().equals(name))
                .findFirst();
    }

    private static Set<String> operations(Run run) {
        Set<String> names = new LinkedHashSet<>();
        run.rehearsals()
                .forEach(rehearsed ->
                        Traffic.operations(rehearsed.recording()).forEach(operation -> names.add(operation.name())));
        return names;
    }

    private static List<Outcome> outcomes(Run run) {
        List<Outcome> seen = new ArrayList<>();
        for (Outcome outcome : Outcome.values()) {
            boolean anywhere = outcome != Outcome.OK
                    && run.rehearsals().stream()
                            .map(rehearsed -> Traffic.outcomes(rehearsed.recording(), Traffic.JUDGED)
                                    .get(outcome))
                            .filter(Objects::nonNull)
                            .anyMatch(count -> count > 0);
            if (anywhere) {
                seen.add(outcome);
            }
        }
        return seen;
    }

    /** An outcome as a reader would call it. */
    static String words(Outcome outcome) {
        return switch (outcome) {
            case OK -> "ok";
            case POOL_TIMEOUT -> "no connection from the pool in time";
            case QUEUE_REJECTED -> "rejected: workers busy, queue full";
            case REQUEST_TIMEOUT -> "given up by the client";
            case TOO_MANY_CONNECTIONS -> "refused: no connection slot (53300)";
            case LOCK_TIMEOUT -> "lock_timeout (55P03)";
            case STATEMENT_TIMEOUT -> "statement_timeout (57014)";
            case DEADLOCK -> "deadlock (40P01)";
            case SERIALIZATION_FAILURE -> "serialization failure (40001)";
            case CONNECTION_LOST -> "connection lost";
            case BREAKER_OPEN -> "circuit breaker open";
            case NO_INSTANCE -> "no instance ready";
            case SQL_ERROR -> "other error of the server";
            case UNFINISHED -> "unfinished at the end";
            case RECOVERY_CONFLICT -> "cancelled by replay on the standby (40001)";
        };
    }
}
