package dev.pgrehearse.workload;

import dev.pgrehearse.recording.Recording;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/** How late the driver offers requests, against its own schedule. For one thread at a time. */
final class Lateness {
    /** A driver whose 99th percentile comes later than this measures itself too: a doubt. */
    static final Duration TOLERATED = Duration.ofMillis(10);
    /** Beyond this the load was another one than the scenario's: {@link Recording.Doubt#DRIVER_TOO_LATE}. */
    static final Duration BEARABLE = Duration.ofMillis(100);

    private static final int SIGNIFICANT_DIGITS = 3;

    private final Histogram micros = new Histogram(SIGNIFICANT_DIGITS);

    /** A request was offered so long after it should have been. */
    void add(long nanos) {
        micros.recordValue(Math.max(0, nanos) / 1_000);
    }

    /** The lateness that all but one in a hundred requests kept below, in microseconds; 0 when none was offered. */
    double p99Micros() {
        // The least that it may have been: nobody is called late for a histogram's rounding.
        return micros.getTotalCount() == 0 ? 0 : micros.lowestEquivalentValue(micros.getValueAtPercentile(99));
    }

    /** What is to be doubted for it; empty when the driver kept its schedule. */
    Optional<Recording.Doubt> doubt() {
        double p99 = p99Micros() / 1e3;
        if (p99 <= TOLERATED.toMillis()) {
            return Optional.empty();
        }
        String measured = String.format(
                Locale.ROOT, "The load driver offered 1 %% of the requests more than %.0f ms late: ", p99);
        return Optional.of(
                p99 <= BEARABLE.toMillis()
                        ? new Recording.Doubt(
                                Recording.Doubt.DRIVER_LATE,
                                measured + "response times hold its own delay too. Lower the rate, or give the tool a"
                                        + " core of its own.")
                        : new Recording.Doubt(
                                Recording.Doubt.DRIVER_TOO_LATE,
                                measured
                                        + "this machine cannot keep the rate that the scenario asks for, so the load was"
                                        + " another one. Lower the rate, or give the tool more cores."));
    }
}
