package dev.pgrehearse.rehearsal;

import dev.pgrehearse.workload.Pulse;
import java.util.List;
import java.util.Optional;

/**
 * What calm looks like, learned from the baseline, and when the load is calm again.
 *
 * <p>Calm is a window whose p50 and p95 are within the baseline's own spread of such windows, but at least within
 * 1.1 times their worst and {@value #NOISE_MICROS} µs above it; whose error share is not above the worst of theirs; and at
 * whose end nobody waits for a connection that did not in the baseline either. The widest window is 10 s: percentiles of
 * single seconds are noise.
 */
final class Calm {
    private static final int WIDEST_PULSES = 10;
    private static final double FACTOR = 1.1;
    /** Scheduling on a shared machine moves a p95 by this much by itself. */
    private static final long NOISE_MICROS = 10_000;

    private final int width;
    private final double p50Limit;
    private final double p95Limit;
    private final double errorLimit;
    private final int pendingLimit;

    private Calm(int width, double p50Limit, double p95Limit, double errorLimit, int pendingLimit) {
        this.width = width;
        this.p50Limit = p50Limit;
        this.p95Limit = p95Limit;
        this.errorLimit = errorLimit;
        this.pendingLimit = pendingLimit;
    }

    /** Learns from the baseline's pulses, of which there must be at least one. */
    static Calm asIn(List<Pulse> baseline) {
        int width = Math.max(1, Math.min(WIDEST_PULSES, baseline.size() / 2));
        List<Window> windows = Window.sliding(baseline, width);
        double p50 = windows.stream().mapToLong(Window::p50Micros).max().orElse(0);
        double p95 = windows.stream().mapToLong(Window::p95Micros).max().orElse(0);
        return new Calm(
                width,
                Math.max(p50 * FACTOR, p50 + NOISE_MICROS),
                Math.max(p95 * FACTOR, p95 + NOISE_MICROS),
                windows.stream().mapToDouble(Window::errorShare).max().orElse(0),
                windows.stream().mapToInt(Window::pending).max().orElse(0));
    }

    /**
     * Since when the load has been calm without a break, on the rehearsal's clock: looking back from the first calm window
     * that began at {@code watchedNanos} or later. {@code soughtNanos} itself when nothing disturbed the load since, else
     * the begin of a pulse, before which the load was disturbed at some time within one pulse. Empty when there was no calm
     * window yet.
     *
     * <p>The pulse during which calm is first looked for counts as a whole: what was disturbed in it may have been before.
     *
     * @param pulses of the whole rehearsal, or at least from the one on that {@code soughtNanos} falls into
     * @param soughtNanos from when on calm is looked for
     * @param watchedNanos when the first window begins at the earliest that proves calm; not before {@code soughtNanos}
     */
    Optional<Long> since(List<Pulse> pulses, long soughtNanos, long watchedNanos) {
        List<Window> windows = Window.sliding(
                pulses.stream().filter(pulse -> pulse.toNanos() > soughtNanos).toList(), width);
        int first = 0;
        while (first < windows.size()
                && (windows.get(first).fromNanos() < watchedNanos || !isCalm(windows.get(first)))) {
            first++;
        }
        if (first == windows.size()) {
            return Optional.empty();
        }
        while (first > 0 && isCalm(windows.get(first - 1))) {
            first--;
        }
        return Optional.of(Math.max(soughtNanos, windows.get(first).fromNanos()));
    }

    private boolean isCalm(Window window) {
        return window.count() > 0
                && window.p50Micros() <= p50Limit
                && window.p95Micros() <= p95Limit
                && window.errorShare() <= errorLimit
                && window.pending() <= pendingLimit;
    }
}
