package dev.pgrehearse.rehearsal;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/**
 * When the machine itself stood still: threads that have nothing to do but to wake each millisecond, one a processor, and what
 * they overslept. Whoever shares a machine with others has such pauses, and no figure of that moment is exact, whoever takes it. The
 * threads are of the process that runs the load and the tool: a pause of its Java machine counts, too.
 */
public final class PauseMeter implements AutoCloseable {
    private static final long EACH_NANOS = 1_000_000;

    /** Overslept by less the machine is as quick as it ever is. */
    private static final long LEAST_NANOS = 2_000_000;

    /** From when to when a thread was not woken, in microseconds of the machine's clock, which is the server's, too. */
    record Pause(double fromMicros, double toMicros) {
        double millis() {
            return (toMicros - fromMicros) / 1e3;
        }
    }

    private final List<Pause> pauses = new ArrayList<>();
    private volatile boolean over;

    public PauseMeter() {
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            Thread thread = new Thread(this::watch, "pause meter");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void watch() {
        while (!over) {
            long slept = System.nanoTime();
            LockSupport.parkNanos(EACH_NANOS);
            long overslept = System.nanoTime() - slept - EACH_NANOS;
            if (overslept > LEAST_NANOS) {
                double now = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
                synchronized (pauses) {
                    pauses.add(new Pause(now - overslept / 1e3, now));
                }
            }
        }
    }

    /** Whether some thread overslept by so much in a span of microseconds of the machine's clock. */
    public boolean isPauseWithin(double fromMicros, double toMicros, double leastMillis) {
        synchronized (pauses) {
            return pauses.stream()
                    .anyMatch(pause -> pause.fromMicros() < toMicros
                            && pause.toMicros() > fromMicros
                            && pause.millis() >= leastMillis);
        }
    }

    /** How many there were, and the longest in milliseconds. */
    String inWords() {
        synchronized (pauses) {
            return String.format(
                    Locale.ROOT,
                    "%,d pauses of more than 2 ms, the longest of %.1f ms",
                    pauses.size(),
                    pauses.stream().mapToDouble(Pause::millis).max().orElse(0));
        }
    }

    @Override
    public void close() {
        over = true;
    }
}
