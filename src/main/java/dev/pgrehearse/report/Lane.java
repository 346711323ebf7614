package dev.pgrehearse.report;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.AdversaryFacts;
import dev.pgrehearse.recording.Recording.Event;
import dev.pgrehearse.recording.Recording.Phase;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.verdict.Figures;
import dev.pgrehearse.verdict.Statements;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One row of bars above the charts, on their time axis.
 *
 * @param name what the bars are
 * @param bars in order
 */
record Lane(String name, List<Bar> bars) {
    private static final int MOST_BARS = 200;
    private static final double LEAST_WIDTH_PERCENT = 0.3;

    /**
     * One bar.
     *
     * @param left where it begins, in per cent of the axis
     * @param width how wide it is, in per cent of the axis
     * @param kind a CSS class of ours
     * @param label what stands on it; may be empty
     * @param title all of it in words
     */
    record Bar(String left, String width, String kind, String label, String title) {}

    static List<Lane> of(Recording recording) {
        if (recording.phases().isEmpty()) {
            return List.of();
        }
        double start = recording.phases().get(0).startMs();
        double end = recording.phases().get(recording.phases().size() - 1).endMs();
        List<Lane> lanes = new ArrayList<>();
        List<Bar> phases = new ArrayList<>();
        for (Phase phase : recording.phases()) {
            phases.add(bar(
                    start,
                    end,
                    phase.startMs(),
                    phase.endMs(),
                    "phase-" + phase.name(),
                    phase.name(),
                    phase.name() + ", " + Figures.duration(phase.endMs() - phase.startMs())));
        }
        lanes.add(new Lane("Phases", phases));
        List<Bar> planted = new ArrayList<>();
        for (AdversaryFacts adversary : recording.adversaries()) {
            Double from = adversary.startMs();
            if (from != null) {
                double to = adversary.endMs() == null ? end : adversary.endMs();
                String who = Statements.inWords("adversary " + adversary.kind()) + " on " + adversary.table();
                planted.add(bar(
                        start,
                        end,
                        from,
                        to,
                        "adversary",
                        who,
                        who + ", from " + Figures.moment(from) + " to " + Figures.moment(to)));
            }
        }
        if (!planted.isEmpty()) {
            lanes.add(new Lane("Planted", planted));
        }
        List<Bar> statements = new ArrayList<>();
        for (Statement run :
                Statements.runs(recording).stream().limit(MOST_BARS).toList()) {
            statements.add(bar(
                    start,
                    end,
                    run.startMs(),
                    run.endMs(),
                    run.outcome().equals("ok") ? "statement" : "statement-failed",
                    Integer.toString(run.index()),
                    "statement " + run.index() + ", try " + run.attempt() + ", " + run.outcome() + ": "
                            + Statements.brief(run.sql()) + ", " + Figures.duration(run.endMs() - run.startMs())));
        }
        if (!statements.isEmpty()) {
            lanes.add(new Lane("Statements", statements));
        }
        List<Bar> events = new ArrayList<>();
        for (Event event : recording.events().stream().limit(MOST_BARS).toList()) {
            events.add(bar(
                    start,
                    end,
                    event.atMs(),
                    event.atMs(),
                    "event",
                    "",
                    Figures.moment(event.atMs()) + ": " + event.text()));
        }
        if (!events.isEmpty()) {
            lanes.add(new Lane("Events", events));
        }
        return lanes;
    }

    private static Bar bar(double start, double end, double from, double to, String kind, String label, String title) {
        double span = Math.max(1, end - start);
        double left = Math.min(100, Math.max(0, 100 * (from - start) / span));
        double width = Math.max(
                LEAST_WIDTH_PERCENT, Math.min(100 - left, 100 * (Math.min(to, end) - Math.max(from, start)) / span));
        return new Bar(percent(left), percent(width), kind, label, title);
    }

    private static String percent(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }
}
