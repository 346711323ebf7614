package dev.pgrehearse.cli;

import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import java.io.PrintStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Progress for a person: a bar for each task on a terminal, a line for each elsewhere. Goes to standard error, so that
 * standard output holds the result alone. Thread-safe.
 */
final class ConsoleProgress implements Progress, AutoCloseable {
    private static final int MILLIS_BETWEEN_UPDATES = 250;
    /** What the bar takes for a task of which nobody knows how long it is: it shows that it goes on, and since when. */
    private static final int WITHOUT_END = -1;

    private final PrintStream out;
    private final boolean terminal;
    private final Map<String, ProgressBar> bars = new LinkedHashMap<>();
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
                ProgressBar bar = bars.get(event.task());
                if (bar != null) {
                    bar.stepTo(event.done());
                }
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
                            .clearDisplayOnFinish()
                            .setConsumer(new ConsoleProgressBarConsumer(out))
                            .build());
        } else {
            out.println("  " + event.task() + " ...");
        }
    }

    private void finished(ProgressEvent event) {
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
