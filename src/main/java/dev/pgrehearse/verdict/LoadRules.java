package dev.pgrehearse.verdict;

import dev.pgrehearse.recording.AppEvent;
import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.OperationFacts;
import dev.pgrehearse.recording.Recording.Phase;
import dev.pgrehearse.recording.Recording.PoolFacts;
import dev.pgrehearse.recording.Recording.ServerFacts;
import dev.pgrehearse.scenario.Limits;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The functions of the rules about what the load met. Pure.
 *
 * <p>Where the baseline broke the same limit already, the migration is charged only with what it added: more than the
 * whole limit on top is a NO-GO, less is a warning (and {@link Uncertainties} says that nobody can tell).
 */
final class LoadRules {
    private LoadRules() {}

    private static String withoutTheBlock(Recording recording) {
        if (Statements.runs(recording).stream().noneMatch(run -> run.blocking().requests() > 0)) {
            return SaferWay.numbered(List.of(
                    "No request was seen to wait for a statement of the migration: look at CPU, disk and the reasons to doubt,"
                            + " and rehearse it again, before you blame its locks.",
                    "Change one thing, rehearse again, and compare the same figure."));
        }
        return SaferWay.numbered(List.of(
                "See which statement blocked whom, above: without that block this does not happen.",
                SaferWay.firstFor(recording),
                "Change one thing, rehearse again, and compare the same figure."));
    }

    /** NO-GO when above the limit by the migration's doing; null when within it. */
    private static @Nullable Severity severity(double measured, double baseline, double limit) {
        if (!(measured > limit)) {
            return null;
        }
        boolean brokenBefore = baseline > limit;
        return brokenBefore && measured - baseline <= limit ? Severity.WARNING : Severity.NO_GO;
    }

    private static String alreadyBefore(double baseline, double limit, String unit) {
        return baseline > limit
                ? " The baseline, without the migration, broke this limit already: " + Figures.measured(baseline, unit)
                        + "."
                : "";
    }

    static List<Finding> longestStall(Recording recording, Limits limits) {
        double limit = limits.longestStall().toNanos() / 1e6;
        List<Finding> findings = new ArrayList<>();
        for (OperationFacts operation : Traffic.operations(recording)) {
            Traffic.Stall stall = Traffic.longestStall(operation, Traffic.JUDGED);
            double baseline =
                    Traffic.longestStall(operation, List.of(Phase.BASELINE)).lengthMs();
            Severity severity = severity(stall.lengthMs(), baseline, limit);
            if (severity != null) {
                String standstills = Traffic.standstills(operation, Traffic.JUDGED);
                Figures.Against figures = Figures.against(stall.lengthMs(), limit, Finding.MILLISECONDS);
                findings.add(new Finding(
                        "longest-stall",
                        severity,
                        null,
                        stall.lengthMs(),
                        limit,
                        Finding.MILLISECONDS,
                        "No " + operation.name() + " succeeded for " + (stall.open() ? "at least " : "")
                                + figures.measured(),
                        "Requests were offered all that time"
                                + (Double.isNaN(stall.startMs())
                                        ? ""
                                        : ", from " + Figures.moment(stall.startMs()) + " on")
                                + ", and users got nothing but waiting and errors. The limit is " + figures.limit()
                                + "." + (stall.open() ? " It had not ended when the rehearsal did." : "")
                                + (standstills.isEmpty()
                                        ? ""
                                        : " " + operation.name() + " stood still " + standstills + ".")
                                + alreadyBefore(baseline, limit, Finding.MILLISECONDS),
                        withoutTheBlock(recording)));
            }
        }
        return Gathered.ofOperations(findings);
    }

    static List<Finding> errorShare(Recording recording, Limits limits) {
        double limit = limits.errorRate();
        double measured = Traffic.errorShare(recording, Traffic.JUDGED);
        double baseline = Traffic.errorShare(recording, List.of(Phase.BASELINE));
        Severity severity = severity(measured, baseline, limit);
        if (severity == null) {
            return List.of();
        }
        Map<Outcome, Long> outcomes = Traffic.outcomes(recording, Traffic.JUDGED);
        long offered = Traffic.total(outcomes);
        long failed = offered - outcomes.getOrDefault(Outcome.OK, 0L);
        Figures.Against figures = Figures.against(measured, limit, Finding.SHARE);
        List<String> kinds = outcomes.entrySet().stream()
                .filter(entry -> entry.getKey() != Outcome.OK && entry.getValue() > 0)
                .sorted(Map.Entry.<Outcome, Long>comparingByValue().reversed())
                .map(entry -> Figures.count(entry.getValue()) + " × " + entry.getKey())
                .toList();
        return List.of(new Finding(
                "error-share",
                severity,
                null,
                measured,
                limit,
                Finding.SHARE,
                figures.measured() + " of the requests failed",
                Figures.count(failed) + " of " + Figures.count(offered, "request", "requests")
                        + " during migration and recovery did not end ok: " + String.join(", ", kinds)
                        + ". The limit is "
                        + figures.limit() + "." + alreadyBefore(baseline, limit, Finding.SHARE),
                withoutTheBlock(recording)));
    }

    static List<Finding> poolExhausted(Recording recording, Limits limits) {
        double limit = limits.poolExhausted().toNanos() / 1e6;
        double baseline = Traffic.baselinePoolExhaustedMs(recording);
        List<PoolFacts> exhausted = recording.pools().stream()
                .filter(pool -> pool.firstExhaustedMs() != null && pool.longestExhaustedMs() > limit)
                .sorted(Comparator.comparingDouble(PoolFacts::longestExhaustedMs)
                        .reversed())
                .toList();
        if (exhausted.isEmpty()) {
            return List.of();
        }
        PoolFacts worst = exhausted.get(0);
        Severity severity = severity(worst.longestExhaustedMs(), baseline, limit);
        Double first = worst.firstExhaustedMs();
        if (severity == null || first == null) {
            return List.of();
        }
        Figures.Against figures = Figures.against(worst.longestExhaustedMs(), limit, Finding.MILLISECONDS);
        long timeouts =
                recording.pools().stream().mapToLong(PoolFacts::timeouts).sum();
        return List.of(new Finding(
                "pool-exhausted",
                severity,
                null,
                worst.longestExhaustedMs(),
                limit,
                Finding.MILLISECONDS,
                "The pool of " + worst.instance() + " had no free connection for " + figures.measured()
                        + (exhausted.size() == 1
                                ? ""
                                : ", and so had " + Figures.count(exhausted.size() - 1, "other", "others")),
                "All " + Figures.count(worst.size()) + " connections were in use from " + Figures.moment(first)
                        + " on" + leadTime(worst) + "; at most "
                        + Figures.count(worst.pendingPeak(), "thread", "threads")
                        + " waited for one. In all pools workers gave up waiting "
                        + Figures.count(timeouts, "time", "times")
                        + ", also for clients that had gone. Operations that never touch the migrated table fail too. The limit is "
                        + figures.limit() + "." + alreadyBefore(baseline, limit, Finding.MILLISECONDS),
                SaferWay.numbered(List.of(
                        "See which statement blocked whom, above: blocked sessions keep their connections.",
                        SaferWay.firstFor(recording),
                        "A larger pool only fills a little later; do not start there."))));
    }

    /** How much earlier than the last connection an alert at a share of the pool could have come. */
    private static String leadTime(PoolFacts pool) {
        Double full = pool.firstAtMs().get(100);
        if (full == null) {
            return "";
        }
        List<String> leads = new ArrayList<>();
        for (int percent : List.of(50, 80, 90)) {
            Double reached = pool.firstAtMs().get(percent);
            if (reached != null) {
                leads.add(Figures.duration(Math.max(0, full - reached)) + " after " + percent + " %");
            }
        }
        return leads.isEmpty() ? "" : " (the last one " + String.join(", ", leads) + " were in use)";
    }

    static List<Finding> maxConnections(Recording recording, Limits limits) {
        long refused = Traffic.outcomes(recording, Traffic.JUDGED).getOrDefault(Outcome.TOO_MANY_CONNECTIONS, 0L);
        long pools = ServiceRules.happened(recording, AppEvent.CONNECTION_REFUSED);
        long before =
                Traffic.outcomes(recording, List.of(Phase.BASELINE)).getOrDefault(Outcome.TOO_MANY_CONNECTIONS, 0L)
                        + ServiceRules.happenedBefore(recording, AppEvent.CONNECTION_REFUSED);
        Integer most = recording.costs().maxConnections();
        int peak = recording.costs().connectionsPeak();
        String safer = SaferWay.numbered(List.of(
                "Give the pools of all instances together, at the most the autoscaler makes, fewer connections than"
                        + " max_connections leaves after the reserved ones.",
                "Bound each wait for a lock, so that connections do not pile up: `SET lock_timeout = '500ms'`, with"
                        + " retries."));
        if (refused > 0 || pools > 0) {
            return List.of(new Finding(
                    "max-connections-reached",
                    before > 0 ? Severity.WARNING : Severity.NO_GO,
                    null,
                    refused + pools,
                    0,
                    Finding.COUNT,
                    "The server refused "
                            + (refused == 0
                                    ? "connections to the pools of instances"
                                    : Figures.count(refused, "request", "requests"))
                            + " for want of a connection slot",
                    "SQLSTATE 53300, or PgBouncer's max_client_conn where there is one: new instances and jobs could not"
                            + " connect either. At most "
                            + Figures.count(peak, "connection was", "connections were") + " open"
                            + (most == null ? "" : " of max_connections " + Figures.count(most)) + "."
                            + (before > 0 ? " The baseline had such refusals already." : ""),
                    safer));
        }
        if (most != null && peak >= most - reserved(recording)) {
            int available = most - reserved(recording);
            return List.of(new Finding(
                    "max-connections-reached",
                    Severity.WARNING,
                    null,
                    peak,
                    available,
                    Finding.COUNT,
                    "All " + Figures.count(available) + " connection slots were in use",
                    "No request was refused this time, but there was no slot left for one more. At most "
                            + Figures.count(peak)
                            + " sessions were counted; from PostgreSQL 18 on one that is being refused counts too.",
                    safer));
        }
        return List.of();
    }

    private static int reserved(Recording recording) {
        ServerFacts server = recording.server();
        if (server == null) {
            return 0;
        }
        int reserved = 0;
        for (String name : List.of("superuser_reserved_connections", "reserved_connections")) {
            String value = server.settings().get(name);
            if (value != null && value.matches("\\d{1,6}")) {
                reserved += Integer.parseInt(value);
            }
        }
        return reserved;
    }

    static List<Finding> responseP99(Recording recording, Limits limits) {
        List<Finding> findings = new ArrayList<>();
        for (OperationFacts operation : Traffic.operations(recording)) {
            Double allowed = ResponseTime.allowedMs(operation, limits.responseOf(operation.name()));
            if (allowed == null || allowed.isNaN()) {
                continue;
            }
            ResponseTime.assess(operation, allowed, Traffic.JUDGED).stream()
                    .filter(each -> each.answer() == ResponseTime.Answer.BROKEN)
                    .max(Comparator.comparingDouble(ResponseTime.Assessment::p99Ms))
                    .ifPresent(worst -> findings.add(slow(recording, operation, worst, allowed)));
        }
        return Gathered.ofOperations(findings);
    }

    private static Finding slow(
            Recording recording, OperationFacts operation, ResponseTime.Assessment worst, double allowed) {
        Recording.OperationPhase before = operation.phases().get(Phase.BASELINE);
        double baseline = before == null ? Double.NaN : before.p99Ms();
        Recording.OperationPhase phase = operation.phases().get(worst.phase());
        Double censoredAbove = phase == null ? null : phase.censoredAboveMs();
        boolean censored = censoredAbove != null && worst.p99Ms() >= censoredAbove;
        Figures.Against figures = Figures.against(worst.p99Ms(), allowed, Finding.MILLISECONDS);
        boolean notItsDoing = baseline > allowed && worst.p99Ms() - baseline <= allowed;
        return new Finding(
                "response-p99",
                notItsDoing ? Severity.WARNING : Severity.NO_GO,
                null,
                worst.p99Ms(),
                allowed,
                Finding.MILLISECONDS,
                "p99 of " + operation.name() + " was " + (censored ? "at least " : "") + figures.measured() + " during "
                        + worst.phase(),
                String.format(
                        Locale.ROOT,
                        "One request in a hundred took that long or longer, from its arrival; in the baseline p99 was %s."
                                + " The limit comes to %s.",
                        Figures.duration(baseline),
                        figures.limit()),
                withoutTheBlock(recording));
    }

    static List<Finding> noRecovery(Recording recording, Limits limits) {
        Phase recovery = Traffic.phase(recording, Phase.RECOVERY);
        if (!recording.complete()
                || recovery == null
                || recording.requests() == null
                || recording.recovery().calmAtMs() != null
                || StaysDown.of(recording).isPresent()) {
            return List.of();
        }
        double watched = recovery.endMs() - recovery.startMs();
        return List.of(new Finding(
                "no-recovery",
                Severity.NO_GO,
                null,
                watched,
                watched,
                Finding.MILLISECONDS,
                "The system had not recovered " + Figures.duration(watched) + " after the migration ended",
                "Response times, errors or waiting requests were not back at the baseline's level when the rehearsal"
                        + " stopped looking. A system that does not recover by itself needs somebody to take load off it.",
                SaferWay.numbered(List.of(
                        "Look at the timeline: what is still high after the migration's end (pending requests, errors,"
                                + " blocked sessions)?",
                        "After a rewrite run `ANALYZE` at once, so that plans do not regress.",
                        "If the load itself keeps it down (retries, timeouts, full pools), shed load before the night:"
                                + " shorter queues, fewer retries."))));
    }
}
