package dev.pgrehearse.verdict;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.LockWait;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.StatementProgress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the time of a long statement went: waits for locks, phases that the server told of, and what nobody tells. Pure.
 *
 * @param run the run of the statement
 * @param parts in order of their start; one of each name, repetitions together
 */
public record StatementPhases(Statement run, List<Part> parts) {
    /** Shorter ones have nothing to explain. */
    private static final double LONG_MS = 1000;

    /** A gap that is smaller than this, or than a twentieth of the statement, is the sampling's. */
    private static final double GAP_MS = 500;

    private static final double GAP_SHARE = 0.05;

    /** What has no progress view. */
    static final String UNTOLD = "at work; PostgreSQL has no progress view for it";

    /**
     * One part.
     *
     * @param name as PostgreSQL calls the phase, or in our words
     * @param startMs when it first began
     * @param lengthMs how long it took, all repetitions together
     * @param times how often it came
     * @param progress what was done in the end, in words; empty when nothing was counted
     * @param source the view, {@code files}, {@code batches}, {@code lock waits}; empty for what nobody told
     */
    public record Part(String name, double startMs, double lengthMs, int times, String progress, String source) {}

    /** Of each run that took a second at least, in order. */
    public static List<StatementPhases> of(Recording recording) {
        return Statements.runs(recording).stream()
                .filter(run -> run.endMs() - run.startMs() >= LONG_MS)
                .map(run -> of(recording, run))
                .toList();
    }

    private static StatementPhases of(Recording recording, Statement run) {
        List<Part> all = new ArrayList<>();
        recording.progress().stream()
                .filter(progress -> progress.statement() == run.index() && progress.attempt() == run.attempt())
                .flatMap(progress -> progress.phases().stream())
                .map(StatementPhases::part)
                .forEach(all::add);
        List<Part> told = List.copyOf(all);
        for (LockWait wait : Statements.waitsOf(recording, run)) {
            double start = Math.max(wait.startMs(), run.startMs());
            double end = Math.min(wait.startMs() + wait.durationMs(), run.endMs());
            // What CONCURRENTLY waits for is a phase of its view already
            if (end > start && told.stream().noneMatch(part -> overlaps(part, start, end))) {
                all.add(new Part(
                        "waiting for " + wait.mode() + " on " + wait.relation() + ", behind "
                                + Statements.inWords(wait.behind()),
                        start,
                        end - start,
                        1,
                        "",
                        "lock waits"));
            }
        }
        double length = run.endMs() - run.startMs();
        double untold = length - all.stream().mapToDouble(Part::lengthMs).sum();
        if (untold > Math.max(GAP_MS, GAP_SHARE * length)) {
            all.add(new Part(
                    all.stream().allMatch(part -> part.source().equals("lock waits")) ? UNTOLD : "else",
                    run.endMs(),
                    untold,
                    1,
                    "",
                    ""));
        }
        return new StatementPhases(run, together(all));
    }

    private static boolean overlaps(Part part, double start, double end) {
        double shared = Math.min(part.startMs() + part.lengthMs(), end) - Math.max(part.startMs(), start);
        return shared * 2 > end - start;
    }

    private static Part part(StatementProgress.Phase phase) {
        String on = phase.relation() == null ? "" : " (" + phase.relation() + ")";
        return new Part(phase.name() + on, phase.startMs(), phase.lengthMs(), 1, progress(phase), phase.source());
    }

    private static String progress(StatementProgress.Phase phase) {
        if (phase.unit() == null || phase.points().isEmpty()) {
            return "";
        }
        long done = phase.points().get(phase.points().size() - 1).done();
        boolean estimated = !phase.source().startsWith("pg_stat_progress");
        return amount(done, phase.unit())
                + (phase.total() == null
                        ? ""
                        : " of " + (estimated ? "about " : "") + amount(phase.total(), phase.unit()))
                + (phase.unit().equals("bytes") ? "" : " " + phase.unit());
    }

    private static String amount(long amount, String unit) {
        return unit.equals("bytes") ? Figures.bytes((double) amount) : Figures.count(amount);
    }

    private static List<Part> together(List<Part> parts) {
        Map<String, Part> byName = new LinkedHashMap<>();
        parts.stream()
                .sorted(Comparator.comparingDouble(Part::startMs))
                .forEach(part -> byName.merge(
                        part.name() + part.source(),
                        part,
                        (first, next) -> new Part(
                                first.name(),
                                first.startMs(),
                                first.lengthMs() + next.lengthMs(),
                                first.times() + next.times(),
                                next.progress(),
                                first.source())));
        return List.copyOf(byName.values());
    }

    /** The longest run of which anything is told; empty when there is none. */
    public static Optional<StatementPhases> longest(Recording recording) {
        return of(recording).stream()
                .filter(phases ->
                        phases.parts().stream().anyMatch(part -> !part.source().isEmpty()))
                .max(Comparator.comparingDouble(
                        phases -> phases.run().endMs() - phases.run().startMs()));
    }

    /** Such as {@code waiting for old snapshots 41.0 s of 63.0 s}: the longest part of the statement. */
    public String longestInWords() {
        return parts.stream()
                .max(Comparator.comparingDouble(Part::lengthMs))
                .map(part -> part.name() + " " + Figures.duration(part.lengthMs()) + " of "
                        + Figures.duration(run.endMs() - run.startMs()))
                .orElse("");
    }
}
