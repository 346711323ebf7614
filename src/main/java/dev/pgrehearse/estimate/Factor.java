package dev.pgrehearse.estimate;

import dev.pgrehearse.profile.Calibration;
import dev.pgrehearse.profile.Calibration.Kind;
import dev.pgrehearse.profile.Calibration.Probe;
import dev.pgrehearse.profile.Calibration.Reads;
import dev.pgrehearse.profile.Calibration.Source;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How much longer one kind of work takes on the other machine.
 *
 * @param probe which measured it
 * @param hereMicros median of this machine, in microseconds for one of the probe's unit; null when it is unknown
 * @param thereMicros likewise of the other one
 * @param factor there by here: 2 is twice as slow; null when either is unknown
 * @param error its standard error, as a share; null likewise
 * @param hereFrom where blocks came from here; null of probes that read no table, and when it is unknown
 * @param thereFrom likewise there
 * @param unknown why there is no factor, in whole sentences; empty when there is
 */
public record Factor(
        Kind probe,
        @Nullable Double hereMicros,
        @Nullable Double thereMicros,
        @Nullable Double factor,
        @Nullable Double error,
        @Nullable Source hereFrom,
        @Nullable Source thereFrom,
        List<String> unknown) {
    /** Machines further apart than that are not alike in anything. */
    public static final double FAR = 10;

    /** The range of a handful of values of a normal distribution is about twice its standard deviation. */
    private static final double RANGE_PER_DEVIATION = 2.3;

    /** What repeats within seconds cannot show: the machine's other hours. */
    private static final double LEAST_ERROR = 0.03;

    public Factor {
        unknown = List.copyOf(unknown);
    }

    /** Of all probes, in their order. */
    static List<Factor> between(Calibration here, Calibration there) {
        return Stream.of(Kind.values())
                .map(kind -> of(kind, here.probe(kind), there.probe(kind)))
                .toList();
    }

    private static Factor of(Kind kind, Optional<Probe> here, Optional<Probe> there) {
        Double hereMicros = here.map(Probe::median).orElse(null);
        Double thereMicros = there.map(Probe::median).orElse(null);
        Double factor = hereMicros == null || thereMicros == null || hereMicros <= 0 || thereMicros <= 0
                ? null
                : (Double) (thereMicros / hereMicros);
        boolean known = factor != null;
        return new Factor(
                kind,
                hereMicros,
                thereMicros,
                factor,
                known ? (Double) Math.max(LEAST_ERROR, Math.hypot(error(here), error(there))) : null,
                here.map(Probe::reads).map(Reads::source).orElse(null),
                there.map(Probe::reads).map(Reads::source).orElse(null),
                known
                        ? List.of()
                        : Stream.concat(why("here", here), why("there", there)).toList());
    }

    private static double error(Optional<Probe> probe) {
        int repeats = probe.map(measured -> measured.values().size()).orElse(0);
        return probe.map(Probe::spread).orElse(0.0) / RANGE_PER_DEVIATION / Math.sqrt(Math.max(1, repeats));
    }

    private static Stream<String> why(String where, Optional<Probe> probe) {
        if (probe.isEmpty()) {
            return Stream.of("It was not measured " + where + ".");
        }
        String unknown = probe.get().unknown();
        Double median = probe.get().median();
        if (unknown != null) {
            return Stream.of("Unknown " + where + ": " + unknown);
        }
        return median == null || median <= 0 ? Stream.of("What was measured " + where + " is 0.") : Stream.empty();
    }

    /** So far from 1 that what is scaled by it only indicates. */
    public boolean far() {
        return factor != null && (factor > FAR || factor < 1 / FAR);
    }
}
