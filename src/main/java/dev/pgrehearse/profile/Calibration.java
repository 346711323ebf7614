package dev.pgrehearse.profile;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How fast a server's machine is, by read-only probes that are the same everywhere. It names no table and holds no value of
 * any row.
 *
 * @param format {@value #FORMAT}; probes of another version are other probes, and not to be compared
 * @param takenAt ISO 8601 in UTC
 * @param seconds how long all probes took together
 * @param settings the server's own that decide how it works, by name, as {@code SHOW} prints them; no probe uses them
 *     unless it says so
 * @param probes one of each kind, in their order
 */
public record Calibration(
        String format, String takenAt, double seconds, Map<String, String> settings, List<Probe> probes) {
    /** Of the probes, and of how they are written. */
    public static final String FORMAT = "pgrehearse-calibration/1";

    public Calibration {
        settings = Map.copyOf(settings);
        probes = List.copyOf(probes);
    }

    /** What is measured. */
    public enum Kind {
        /** Whole numbers are made and added up: the processor alone. */
        CPU("CPU per row", "row"),
        /** Generated numbers are sorted in memory. */
        SORT_IN_MEMORY("sort in memory", "row"),
        /** The same numbers are sorted with so little memory that most of them go through temporary files. */
        SORT_IN_FILES("sort in temporary files", "row"),
        /** A stretch of an existing table is read, in the order of its blocks. */
        SEQUENTIAL_READ("sequential read", "8 kB"),
        /** Rows of an existing table are looked up through an index, by keys that are chosen at random. */
        RANDOM_READ("random read through an index", "key");

        private final String words;
        private final String unit;

        Kind(String words, String unit) {
            this.words = words;
            this.unit = unit;
        }

        /** In words. */
        public String words() {
            return words;
        }

        /** What a figure in microseconds is for one of. */
        public String unit() {
            return unit;
        }

        /** Whether an existing table is read. */
        public boolean reads() {
            return this == SEQUENTIAL_READ || this == RANDOM_READ;
        }
    }

    /** Where blocks came from. */
    public enum Source {
        /** The server had them in its own memory. */
        SHARED_BUFFERS("from shared buffers"),
        /** The operating system had them in memory, or its disk is as fast as that. */
        SYSTEM_CACHE("from the system's cache, or a disk as fast as that"),
        /** They had to be fetched. */
        DISK("from the disk"),
        /** What was measured does not tell. */
        UNKNOWN("from memory or from the disk: nobody can tell");

        private final String words;

        Source(String words) {
            this.words = words;
        }

        /** In words. */
        public String words() {
            return words;
        }
    }

    /**
     * One probe.
     *
     * @param settings those that it was given, by name
     * @param values microseconds for one {@link Kind#unit}, one a repeat; empty when it is unknown
     * @param median of the values; null when it is unknown
     * @param spread from the least to the largest value, as a share of the median; null when it is unknown
     * @param reads of a probe that reads a table; null of others, and when it is unknown
     * @param unknown why there are no values, in a whole sentence; null when there are
     */
    public record Probe(
            Kind kind,
            Map<String, String> settings,
            List<Double> values,
            @Nullable Double median,
            @Nullable Double spread,
            @Nullable Reads reads,
            @Nullable String unknown) {
        public Probe {
            settings = Map.copyOf(settings);
            values = List.copyOf(values);
        }

        /** One that was measured. */
        public static Probe of(Kind kind, Map<String, String> settings, List<Double> values, @Nullable Reads reads) {
            double median = medianOf(values);
            double least =
                    values.stream().mapToDouble(Double::doubleValue).min().orElse(0);
            double most = values.stream().mapToDouble(Double::doubleValue).max().orElse(0);
            return new Probe(kind, settings, values, median, median == 0 ? 0 : (most - least) / median, reads, null);
        }

        /** One that could not be measured, for this reason. */
        public static Probe unknown(Kind kind, Map<String, String> settings, String reason) {
            return new Probe(kind, settings, List.of(), null, null, null, reason);
        }

        /** Of a probe that reads: what a block or key takes for not being in memory, in microseconds; null when unknown. */
        public @Nullable Double fetchMicros() {
            return median == null || reads == null ? null : (Double) Math.max(0, median - reads.againMedian());
        }
    }

    /**
     * What was read.
     *
     * @param again microseconds for the same blocks or keys right afterwards, when they are in memory for sure, one a repeat
     * @param againMedian of those
     * @param buffersShare share of the blocks that the server had in its own memory the first time
     * @param ioMicros what the server says that it waited for a block of 8 kB that it had not; null unless
     *     {@code track_io_timing} is on there, and when it had all
     */
    public record Reads(
            List<Double> again,
            double againMedian,
            double buffersShare,
            @Nullable Double ioMicros,
            Source source) {
        private static final double ALL = 0.99;

        /** No memory is so slow, in microseconds a block. */
        private static final double SLOWER_THAN_MEMORY = 25;

        /** No disk is so fast. */
        private static final double FASTER_THAN_DISKS = 3;

        private static final double CLEARLY_LONGER = 2;
        private static final double HARDLY_LONGER = 1.25;

        public Reads {
            again = List.copyOf(again);
        }

        /**
         * Of what was measured.
         *
         * @param first median of the first time, in microseconds
         */
        public static Reads of(double first, List<Double> again, double buffersShare, @Nullable Double ioMicros) {
            double median = medianOf(again);
            return new Reads(again, median, buffersShare, ioMicros, source(first, median, buffersShare, ioMicros));
        }

        private static Source source(double first, double again, double buffersShare, @Nullable Double ioMicros) {
            if (buffersShare >= ALL) {
                return Source.SHARED_BUFFERS;
            }
            if (ioMicros != null && ioMicros >= SLOWER_THAN_MEMORY) {
                return Source.DISK;
            }
            if (ioMicros != null && ioMicros <= FASTER_THAN_DISKS) {
                return Source.SYSTEM_CACHE;
            }
            if (first >= CLEARLY_LONGER * again) {
                return Source.DISK;
            }
            return first <= HARDLY_LONGER * again ? Source.SYSTEM_CACHE : Source.UNKNOWN;
        }
    }

    /** The probe of a kind; empty when there is none. */
    public Optional<Probe> probe(Kind kind) {
        return probes.stream().filter(probe -> probe.kind() == kind).findFirst();
    }

    private static double medianOf(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
