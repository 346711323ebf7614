package dev.pgrehearse.profile;

import dev.pgrehearse.profile.Calibration.Kind;
import dev.pgrehearse.profile.Calibration.Probe;
import dev.pgrehearse.profile.Calibration.Reads;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Calibrations from arithmetic. */
public final class SampleCalibrations {
    private static final Map<String, String> SETTINGS = Map.of(
            "server_version_num", "180006",
            "shared_buffers", "1GB",
            "maintenance_work_mem", "256MB",
            "max_parallel_maintenance_workers", "0");

    private SampleCalibrations() {}

    /** Of a machine on which everything is in memory, a block takes 2 µs, a key 5 µs and all else one tenth. */
    public static Calibration here() {
        return times(1, 1, 1);
    }

    /** The same, so many times as slow; blocks are in memory. */
    public static Calibration times(double cpu, double sort, double files) {
        return of(
                probe(Kind.CPU, 0.1 * cpu),
                probe(Kind.SORT_IN_MEMORY, 0.1 * sort),
                probe(Kind.SORT_IN_FILES, 0.1 * files),
                reading(Kind.SEQUENTIAL_READ, 2, 2),
                reading(Kind.RANDOM_READ, 5, 5));
    }

    public static Calibration of(Probe... probes) {
        return new Calibration(Calibration.FORMAT, "2026-01-31T02:00:00Z", 9.5, SETTINGS, List.of(probes));
    }

    /** Five repeats, all equal. */
    public static Probe probe(Kind kind, double micros) {
        return Probe.of(kind, Map.of(), List.of(micros, micros, micros, micros, micros), null);
    }

    /** Five repeats, the first time and again. */
    public static Probe reading(Kind kind, double first, double again) {
        List<Double> repeats = List.of(again, again, again, again, again);
        return Probe.of(kind, Map.of(), List.of(first, first, first, first, first), Reads.of(first, repeats, 0, null));
    }

    /** With another probe in the place of the one of its kind. */
    public static Calibration with(Calibration calibration, Probe probe) {
        List<Probe> probes = new ArrayList<>();
        calibration.probes().forEach(other -> probes.add(other.kind() == probe.kind() ? probe : other));
        return new Calibration(
                calibration.format(), calibration.takenAt(), calibration.seconds(), calibration.settings(), probes);
    }

    public static Calibration with(Calibration calibration, String setting, String value) {
        Map<String, String> settings = new LinkedHashMap<>(calibration.settings());
        settings.put(setting, value);
        return new Calibration(
                calibration.format(), calibration.takenAt(), calibration.seconds(), settings, calibration.probes());
    }

    /** The sample profile, taken with this calibration. */
    public static Profile profile(Calibration calibration) {
        Profile bare = SampleProfiles.whole();
        return new Profile(
                bare.format(),
                bare.tool(),
                bare.takenAt(),
                bare.values(),
                bare.server(),
                bare.schema(),
                bare.tables(),
                bare.foreignKeys(),
                bare.traffic(),
                bare.ages(),
                bare.surroundings(),
                calibration,
                bare.notices());
    }
}
