package dev.pgrehearse.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Lock;
import dev.pgrehearse.recording.Recording.LockWait;
import dev.pgrehearse.recording.Recording.OperationFacts;
import dev.pgrehearse.recording.Recording.OperationPhase;
import dev.pgrehearse.recording.Recording.Phase;
import dev.pgrehearse.recording.Recording.PoolFacts;
import dev.pgrehearse.recording.Recording.ServerFacts;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.Recording.Timeline;
import dev.pgrehearse.recording.RecordingJson;
import dev.pgrehearse.scenario.Limits;
import dev.pgrehearse.scenario.Limits.ResponseLimit;
import dev.pgrehearse.verdict.DerivedTraffic;
import dev.pgrehearse.verdict.Figures;
import dev.pgrehearse.verdict.Finding;
import dev.pgrehearse.verdict.GeneratedData;
import dev.pgrehearse.verdict.Severity;
import dev.pgrehearse.verdict.Statements;
import dev.pgrehearse.verdict.Stops;
import dev.pgrehearse.verdict.Traffic;
import dev.pgrehearse.verdict.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One rehearsal as the template shows it: texts and lists, nothing left to decide.
 *
 * @param number its place in the run, from 1
 * @param tone a CSS class of ours: {@code go}, {@code no-go} or {@code unknown}
 * @param sign a character that tells the verdict without colour
 * @param headline why, in one sentence
 * @param advice what to do, from the finding that the headline is about; empty for a GO
 * @param pointMs how much time one point of the charts stands for; null without a timeline
 * @param stopWords of a stop half-way, in whole sentences; none without one
 * @param embedded whether the server is not production's build, which makes seconds only indicative
 */
record RehearsalView(
        int number,
        String id,
        String tone,
        String sign,
        Recording recording,
        Verdict verdict,
        String headline,
        List<String> otherReasons,
        List<Step> advice,
        List<FindingView> findings,
        @Nullable Double pointMs,
        String chartJson,
        String chartWords,
        List<Lane> lanes,
        List<String> stopWords,
        List<StatementView> statements,
        int moreStatements,
        List<IndexView> indexes,
        String otherIndexes,
        List<LockWait> lockWaits,
        int moreLockWaits,
        List<OperationView> operations,
        List<PoolView> pools,
        List<Pair> outcomes,
        List<Pair> server,
        List<Pair> limits,
        String conditions,
        boolean embedded) {
    private static final int MOST_STATEMENTS = 100;
    private static final int MOST_LOCK_WAITS = 20;
    private static final int LONGEST_SQL = 2000;
    private static final int LONGEST_CONDITIONS = 20_000;

    /** A name and what stands beside it. */
    record Pair(String name, String value) {}

    /** A finding with its figures as text. */
    record FindingView(Finding finding, String tone, String measured, String limit, List<Step> steps) {}

    /**
     * A run of a statement; {@code sql} is cut when it is very long.
     *
     * @param concurrently what a CONCURRENTLY statement waited for and who waited for it; null for any other
     */
    record StatementView(
            Statement run,
            String sql,
            String tone,
            List<LockView> locks,
            String blocked,
            @Nullable String concurrently,
            boolean cleaning,
            @Nullable String batches) {}

    /** A lock with what it forbids; null when it disturbs only other DDL. */
    record LockView(Lock lock, @Nullable String forbids) {}

    /**
     * One operation in one phase.
     *
     * @param failed how many of how many failed, where that is more than the limit: their times are no response times
     *     that anybody wants; else empty
     */
    record OperationView(
            String name,
            boolean first,
            int rows,
            String phase,
            OperationPhase facts,
            String failed,
            String p50,
            String p95,
            String p99,
            String max,
            String stall) {}

    /** A pool with the moments at which parts of it were first in use. */
    record PoolView(PoolFacts facts, String at50, String at80, String at90, String at100) {}

    static RehearsalView of(Run.Rehearsed rehearsed, int number) {
        Recording recording = rehearsed.recording();
        Verdict verdict = rehearsed.verdict();
        Timeline timeline = recording.timeline();
        List<Statement> runs = Statements.runs(recording);
        List<LockWait> longest = recording.lockWaits().stream()
                .sorted(Comparator.comparingDouble(LockWait::durationMs).reversed())
                .limit(MOST_LOCK_WAITS)
                .toList();
        List<String> reasons = verdict.reasons();
        ServerFacts server = recording.server();
        return new RehearsalView(
                number,
                rehearsed.id(),
                tone(verdict),
                switch (verdict.verdict()) {
                    case GO -> "✓";
                    case NO_GO -> "✕";
                    case UNKNOWN -> "?";
                },
                recording,
                verdict,
                reasons.get(0),
                reasons.subList(1, reasons.size()),
                advice(verdict),
                verdict.findings().stream().map(RehearsalView::finding).toList(),
                timeline == null ? null : ChartData.pointMs(timeline),
                ChartData.of(recording),
                chartWords(recording),
                Lane.of(recording),
                Stops.inWords(recording),
                runs.stream()
                        .limit(MOST_STATEMENTS)
                        .map(run -> statement(recording, run))
                        .toList(),
                Math.max(0, runs.size() - MOST_STATEMENTS),
                IndexView.of(recording),
                IndexView.others(recording),
                longest,
                (int) Math.max(recording.waits().seen(), recording.lockWaits().size()) - longest.size(),
                operations(recording, verdict.limits()),
                recording.pools().stream().map(pool -> pool(recording, pool)).toList(),
                outcomes(recording),
                server == null ? List.of() : settings(server),
                limits(verdict.limits()),
                conditions(recording),
                server != null && server.kind().equals("embedded"));
    }

    /** What happened to the service, in order. The template calls it. */
    public List<Chain.Link> chain() {
        return Chain.of(recording);
    }

    /** What waited, and for whom. The template calls it. */
    public WaitsView waits() {
        return WaitsView.of(recording);
    }

    /** How many waits there were, with those that are not listed. The template calls it. */
    public long waitsSeen() {
        return Math.max(recording.waits().seen(), recording.lockWaits().size());
    }

    /** Whom a wait stood behind. The template calls it. */
    public String queueOf(LockWait wait) {
        return WaitsView.queue(recording, wait);
    }

    /** Where the time of responses went. The template calls it. */
    public List<PartsView> responseParts() {
        return PartsView.of(recording);
    }

    /** Whether requests' waits for locks cannot be told from their work. The template calls it. */
    public boolean backendsUnknown() {
        return PartsView.backendsUnknown(recording);
    }

    /** The migration's locks: what they forbid, whom they met. The template calls it. */
    public LockImpactView lockImpact() {
        return LockImpactView.of(recording);
    }

    /** Where the time of long statements went. The template calls it. */
    public List<PhasesView> phases() {
        return PhasesView.of(recording);
    }

    /** Whether clients tried again, so that tries are worth a line. The template calls it. */
    public boolean retried() {
        return ChartData.retried(recording);
    }

    /** Whether instances came or went, so that their number is worth a chart. The template calls it. */
    public boolean changing() {
        return ChartData.changes(recording, "instances") || ChartData.changes(recording, "instancesReady");
    }

    /** What became of the standby; null without one. The template calls it. */
    public @Nullable StandbyView standby() {
        return StandbyView.of(recording);
    }

    /** Whether it was needed, and what it changed. The template calls it. */
    public ChangesView changes() {
        return ChangesView.of(recording);
    }

    /** What the migration cost. The template calls it. */
    public CostView costs() {
        return CostView.of(recording);
    }

    /** Whether there is a chart of how far statements were. The template calls it. */
    public boolean progressTold() {
        return ProgressChart.isIn(recording);
    }

    /** How many phases that has no room for. The template calls it. */
    public long progressUntold() {
        return ProgressChart.untold(recording);
    }

    /** Whether there is a chart of the disk. The template calls it. */
    public boolean diskSampled() {
        return ChartData.has(recording, "diskRelations");
    }

    /** Whether there is a chart of the processors. The template calls it. */
    public boolean cpuSampled() {
        return ChartData.has(recording, "cpuServer");
    }

    /** How much generated data are like production's; null without a profile. The template calls it. */
    public @Nullable String fidelityWords() {
        return GeneratedData.inWords(recording);
    }

    /** How much of production's traffic was run; null when all operations were declared. The template calls it. */
    public @Nullable String trafficWords() {
        return DerivedTraffic.inWords(recording, verdict.limits());
    }

    private static String tone(Verdict verdict) {
        return switch (verdict.verdict()) {
            case GO -> "go";
            case NO_GO -> "no-go";
            case UNKNOWN -> "unknown";
        };
    }

    private static List<Step> advice(Verdict verdict) {
        return verdict.findings().stream()
                .filter(finding -> finding.severity() == Severity.NO_GO)
                .filter(finding ->
                        (finding.title() + ".").equals(verdict.reasons().get(0)))
                .findFirst()
                .map(finding -> Step.all(finding.safer()))
                .orElse(List.of());
    }

    private static FindingView finding(Finding finding) {
        Figures.Against figures = Figures.against(finding.measured(), finding.limit(), finding.unit());
        String tone = switch (finding.severity()) {
            case NO_GO -> "no-go";
            case WARNING -> "warning";
            case INFO -> "info";
        };
        return new FindingView(
                finding,
                tone,
                figures.measured(),
                Double.isNaN(finding.limit()) ? "" : figures.limit(),
                Step.all(finding.safer()));
    }

    private static StatementView statement(Recording recording, Statement run) {
        String sql = run.sql().strip();
        List<LockView> locks = new ArrayList<>();
        for (Lock lock : Statements.locks(recording, run)) {
            LockMode mode = Statements.mode(lock.mode());
            locks.add(new LockView(lock, mode == null || mode.forbids().isEmpty() ? null : mode.forbids()));
        }
        Recording.Blocking blocking = run.blocking();
        String blocked = blocking.sessionsPeak() == 0
                ? "nobody"
                : "at most " + Figures.count(blocking.sessionsPeak(), "session", "sessions") + " at once, "
                        + Figures.count(blocking.requests(), "wait", "waits") + " of requests, the longest for "
                        + Figures.duration(blocking.longestMs()) + " (" + String.join(", ", blocking.operations())
                        + ")";
        return new StatementView(
                run,
                sql.length() <= LONGEST_SQL ? sql : sql.substring(0, LONGEST_SQL) + " … (cut here)",
                run.outcome().equals("ok") ? "go" : run.outcome().equals("failed") ? "no-go" : "unknown",
                locks,
                blocked,
                Statements.concurrently(recording, run),
                Stops.isCleaning(recording, run),
                Statements.batchesInWords(run));
    }

    private static List<OperationView> operations(Recording recording, Limits limits) {
        List<OperationView> rows = new ArrayList<>();
        for (OperationFacts operation : Traffic.operations(recording)) {
            List<String> names = List.of(Phase.BASELINE, Phase.MIGRATION, Phase.RECOVERY).stream()
                    .filter(operation.phases()::containsKey)
                    .toList();
            for (String name : names) {
                OperationPhase phase = Objects.requireNonNull(operation.phases().get(name));
                rows.add(new OperationView(
                        operation.name(),
                        name.equals(names.get(0)),
                        names.size(),
                        name,
                        phase,
                        Comparison.failed(operation, name, limits),
                        measured(phase, Comparison.censored(phase.p50Ms(), phase)),
                        measured(phase, Comparison.censored(phase.p95Ms(), phase)),
                        measured(phase, Comparison.censored(phase.p99Ms(), phase)),
                        measured(phase, Comparison.censored(phase.maxMs(), phase)),
                        measured(
                                phase,
                                Figures.duration(phase.stallMs(), phase.stallOpen())
                                        + Comparison.inParentheses(Traffic.standstills(operation, List.of(name))))));
            }
        }
        return rows;
    }

    /** Of what was never offered nothing was measured. */
    private static String measured(OperationPhase phase, String figure) {
        return phase.count() == 0 ? "–" : figure;
    }

    private static PoolView pool(Recording recording, PoolFacts pool) {
        Phase migration = Traffic.phase(recording, Phase.MIGRATION);
        double start = migration == null ? 0 : migration.startMs();
        return new PoolView(pool, at(pool, 50, start), at(pool, 80, start), at(pool, 90, start), at(pool, 100, start));
    }

    private static String at(PoolFacts pool, int percent, double start) {
        Double moment = pool.firstAtMs().get(percent);
        return moment == null ? "never" : "+" + Figures.duration(moment - start);
    }

    private static List<Pair> outcomes(Recording recording) {
        List<Pair> pairs = new ArrayList<>();
        for (Map.Entry<Outcome, Long> entry :
                Traffic.outcomes(recording, Traffic.JUDGED).entrySet()) {
            if (entry.getValue() > 0) {
                pairs.add(new Pair(Comparison.words(entry.getKey()), Figures.count(entry.getValue())));
            }
        }
        return pairs;
    }

    private static List<Pair> settings(ServerFacts server) {
        List<Pair> pairs = new ArrayList<>();
        new TreeMap<>(server.settings()).forEach((name, value) -> pairs.add(new Pair(name, value)));
        return pairs;
    }

    private static List<Pair> limits(Limits limits) {
        List<Pair> pairs = new ArrayList<>();
        limit(pairs, limits, "longestStall", duration(limits.longestStall()));
        limit(pairs, limits, "errorRate", Figures.share(limits.errorRate()));
        limit(pairs, limits, "poolExhausted", duration(limits.poolExhausted()));
        limit(pairs, limits, "lockHeld", duration(limits.lockHeld()));
        limit(pairs, limits, "lockWait", duration(limits.lockWait()));
        limit(pairs, limits, "duration", duration(limits.duration()));
        limit(pairs, limits, "standbyLag", duration(limits.standbyLag()));
        limit(pairs, limits, "response", words(limits.response()));
        limits.operations().forEach((name, limit) -> pairs.add(new Pair("response of " + name, words(limit))));
        return pairs;
    }

    private static void limit(List<Pair> pairs, Limits limits, String key, String value) {
        pairs.add(new Pair(key, value + (limits.defaulted().contains(key) ? " (default)" : "")));
    }

    private static String words(ResponseLimit limit) {
        Duration absolute = limit.p99();
        Double times = limit.p99TimesBaseline();
        if (absolute == null && times == null) {
            return "none";
        }
        if (times == null) {
            return "p99 " + duration(Objects.requireNonNull(absolute));
        }
        return "p99 " + Figures.times(times) + " the baseline's"
                + (absolute == null ? "" : ", or " + duration(absolute) + " if that is more");
    }

    private static String duration(Duration duration) {
        return Figures.duration(duration.toNanos() / 1e6);
    }

    private static String conditions(Recording recording) {
        try {
            String text = RecordingJson.mapper()
                    .writeValueAsString(recording.scenario().document());
            return text.length() <= LONGEST_CONDITIONS
                    ? text
                    : text.substring(0, LONGEST_CONDITIONS) + "\n… cut here; recording.json has all of it";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the scenario of a recording could not be written as JSON", e);
        }
    }

    /** What the charts show, for whoever cannot see them. */
    private static String chartWords(Recording recording) {
        Timeline timeline = recording.timeline();
        if (timeline == null) {
            return "No timeline was recorded.";
        }
        return "At most " + Figures.plain(peak(timeline, "blockedSessions"))
                + " sessions waited for locks at once, the "
                + "migration's own among them; in all pools together "
                + Figures.plain(peak(timeline, "poolPending")) + " requests waited for a connection; p99 reached "
                + Figures.duration(peak(timeline, "p99Ms")) + ".";
    }

    private static double peak(Timeline timeline, String series) {
        double peak = Double.NaN;
        for (double value : timeline.series().getOrDefault(series, new double[0])) {
            if (Double.isNaN(peak) || value > peak) {
                peak = value;
            }
        }
        return peak;
    }
}
