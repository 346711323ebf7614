package dev.pgrehearse.cli;

import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import dev.pgrehearse.verdict.Figures;
import java.io.PrintStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import me.tongfei.progressbar.ProgressState;

/**
 * Progress for a person: a bar for each task on a terminal, a line for each elsewhere. Goes to standard error, so that
 * standard output holds the result alone. Thread-safe.
 */
final class ConsoleProgress implements Progress, AutoCloseable {
    private static final int MILLIS_BETWEEN_UPDATES = 250;
    /** Where there is no terminal, an estimate is worth a line so often. */
    private static final long BETWEEN_LINES_NANOS = Duration.ofSeconds(10).toNanos();

    private static final Set<String> OUR_UNITS = Set.of("rows", "bytes", "statements", "s", "ms");

    /** What the bar takes for a task of which nobody knows how long it is: it shows that it goes on, and since when. */
    private static final int WITHOUT_END = -1;

    private final PrintStream out;
    private final boolean terminal;
    private final Map<String, ProgressBar> bars = new LinkedHashMap<>();
    private final Map<String, Long> told = new LinkedHashMap<>();
    private final Map<String, Long> begun = new LinkedHashMap<>();

    ConsoleProgress(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    @Override
    public synchronized void report(ProgressEvent event) {
        switch (event.kind()) {
            case STARTED -> started(event);
            case ADVANCED -> {
                advanced(event);
            }
            case FINISHED -> finished(event);
            case NOTICE -> out.println("  " + event.task());
        }
    }

    private void started(ProgressEvent event) {
        begun.put(event.task(), System.nanoTime());
        if (terminal) {
            bars.put(
                    event.task(),
                    new ProgressBarBuilder()
                            .setTaskName("  " + event.task())
                            .setInitialMax(event.total() > 0 ? event.total() : WITHOUT_END)
                            .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                            .setUpdateIntervalMillis(MILLIS_BETWEEN_UPDATES)
                            .setUnit(event.unit() == null ? "" : " " + event.unit(), 1)
                            .setEtaFunction(state -> foretold(event, state))
                            .clearDisplayOnFinish()
                            .setConsumer(new ConsoleProgressBarConsumer(out))
                            .build());
        } else {
            out.println("  " + event.task() + " ...");
        }
    }

    /**
     * Time left of what our own work decides: rows, bytes, seconds. How long a phase of a statement still takes the event says
     * when it can be told, in words.
     */
    private static Optional<Duration> foretold(ProgressEvent started, ProgressState state) {
        boolean ours = started.unit() == null || OUR_UNITS.contains(started.unit());
        if (!ours || state.getMax() <= 0 || state.getCurrent() <= state.getStart()) {
            return Optional.empty();
        }
        double left = (double) (state.getMax() - state.getCurrent()) / (state.getCurrent() - state.getStart());
        return Optional.of(
                Duration.ofMillis(Math.round(state.getElapsedAfterStart().toMillis() * left)));
    }

    /** What is left is an estimate, and said to be one. */
    private void advanced(ProgressEvent event) {
        Long remaining = event.remainingMs();
        String left = remaining == null ? "" : " about " + Figures.duration(remaining) + " left of this, by estimate";
        ProgressBar bar = bars.get(event.task());
        if (bar != null) {
            bar.stepTo(event.done());
            bar.setExtraMessage(left);
        } else if (remaining != null && System.nanoTime() - told.getOrDefault(event.task(), 0L) > BETWEEN_LINES_NANOS) {
            told.put(event.task(), System.nanoTime());
            out.println("  " + event.task() + ": " + Figures.share((double) event.done() / event.total()) + "," + left);
        }
    }

    private void finished(ProgressEvent event) {
        told.remove(event.task());
        ProgressBar bar = bars.remove(event.task());
        if (bar != null) {
            bar.close();
        }
        Long since = begun.remove(event.task());
        if (since != null) {
            double seconds = Duration.ofNanos(System.nanoTime() - since).toMillis() / 1e3;
            out.printf("  %s: done in %.1f s%n", event.task(), seconds);
        }
    }

    @Override
    public synchronized void close() {
        bars.values().forEach(ProgressBar::close);
        bars.clear();
    }
}
