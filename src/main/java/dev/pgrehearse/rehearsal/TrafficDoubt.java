package dev.pgrehearse.rehearsal;

import dev.pgrehearse.recording.Recording.Doubt;
import dev.pgrehearse.scenario.TrafficSpec;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** Says that the baseline ran at another rate than what it is compared with. Pure. */
final class TrafficDoubt {
    private static final String ID = "traffic-changed";
    /** A rate within a tenth of the baseline's is told apart from it by no limit. */
    private static final double TOLERANCE = 0.1;

    private TrafficDoubt() {}

    /**
     * The doubt, if there is one.
     *
     * @param length of migration and recovery together
     */
    static Optional<Doubt> of(TrafficSpec traffic, Duration length) {
        double before = traffic.atStart();
        TrafficSpec.Span span = traffic.within(length);
        if (span.least() >= before * (1 - TOLERANCE) && span.most() <= before * (1 + TOLERANCE)) {
            return Optional.empty();
        }
        return Optional.of(new Doubt(
                ID,
                String.format(
                        Locale.ROOT,
                        "The baseline ran at %.1f requests/s, migration and recovery at %.1f to %.1f: what is compared with"
                                + " the baseline (limits such as `3x baseline`, calm after the migration) may differ for that"
                                + " alone.",
                        before,
                        span.least(),
                        span.most())));
    }
}
