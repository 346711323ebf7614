package dev.pgrehearse.calibration;

import dev.pgrehearse.postgres.ShownSettings;
import dev.pgrehearse.profile.Calibration;
import dev.pgrehearse.profile.Calibration.Kind;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Runs the probes of a {@link Calibration}, the same on every server: one session at a time, read-only, in rounds, so that a
 * moment in which the machine is busy falls into all of them. Works on a standby too. Stateless.
 */
public final class Calibrator {
    /** All probes together take no longer. */
    public static final Duration LONGEST = Duration.ofSeconds(30);

    private static final int ROUNDS = 5;

    /** Not worth beginning a repeat for. */
    private static final Duration TOO_SHORT = Duration.ofMillis(100);

    private static final String TASK = "calibrating";

    private static final List<String> SETTINGS = List.of(
            "block_size",
            "checkpoint_timeout",
            "data_checksums",
            "effective_io_concurrency",
            "fsync",
            "full_page_writes",
            "hash_mem_multiplier",
            "io_method",
            "maintenance_work_mem",
            "max_parallel_maintenance_workers",
            "max_parallel_workers",
            "max_wal_size",
            "server_version_num",
            "shared_buffers",
            "track_io_timing",
            "wal_compression",
            "wal_level",
            "work_mem");

    private Calibrator() {}

    /** What is going to be done, in a whole sentence, to be told before. */
    public static String announcement() {
        return "Calibrating: read-only probes in one session at a time for at most " + LONGEST.toSeconds()
                + " s, one processor busy meanwhile, about 20 MB of temporary files at a time, at most 128 MB of memory, and at"
                + " most 80 MB of one table read.";
    }

    /** Opens a session in auto-commit mode. */
    @FunctionalInterface
    public interface Opening {
        Connection open() throws SQLException;
    }

    /**
     * Runs them.
     *
     * @param opening two sessions, one after the other
     * @throws InterruptedException between two probes
     * @throws SQLException when a session is lost or the catalogue cannot be read; a probe that fails by itself is unknown
     */
    public static Calibration on(Opening opening, Progress progress) throws SQLException, InterruptedException {
        return on(opening, progress, ROUNDS, LONGEST);
    }

    static Calibration on(Opening opening, Progress progress, int rounds, Duration longest)
            throws SQLException, InterruptedException {
        String takenAt = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        Map<String, String> settings;
        List<Series> series;
        Deadline all;
        progress.report(ProgressEvent.started(TASK, rounds, "rounds"));
        try (Connection connection = opening.open()) {
            settings = ShownSettings.of(connection, SETTINGS);
            series = series(ReadGround.find(connection), new Random());
            all = Deadline.in(longest);
            Deadline first = Deadline.in(longest.multipliedBy(4).dividedBy(5));
            ProbeSession session = new ProbeSession(connection);
            for (int round = 0; round < rounds; round++) {
                for (Series next : series) {
                    if (!next.failed() && first.worthIt()) {
                        next.repeat(session, first.left());
                    }
                }
                progress.report(ProgressEvent.advanced(TASK, round + 1L, rounds, "rounds"));
            }
        }
        again(opening, series, all);
        progress.report(ProgressEvent.finished(TASK));
        return new Calibration(
                Calibration.FORMAT,
                takenAt,
                Math.round(all.passed().toNanos() / 1e6) / 1e3,
                settings,
                series.stream().map(Series::result).toList());
    }

    /** What was read is read again, in the same order. */
    private static void again(Opening opening, List<Series> series, Deadline all)
            throws SQLException, InterruptedException {
        try (Connection connection = opening.open()) {
            ProbeSession session = new ProbeSession(connection);
            for (Series each : series) {
                if (each instanceof Reading reading) {
                    for (int repeat = 0; repeat < reading.repeats() && all.worthIt(); repeat++) {
                        reading.again(session, repeat, all.left());
                    }
                }
            }
        }
    }

    /** Until when something may take. */
    private record Deadline(long start, Duration longest) {
        static Deadline in(Duration longest) {
            return new Deadline(System.nanoTime(), longest);
        }

        Duration passed() {
            return Duration.ofNanos(System.nanoTime() - start);
        }

        Duration left() {
            return longest.minus(passed());
        }

        /** Whether to begin another query. */
        boolean worthIt() throws InterruptedException {
            if (Thread.interrupted()) {
                throw new InterruptedException("while the machine was calibrated");
            }
            return left().compareTo(TOO_SHORT) > 0;
        }
    }

    private static List<Series> series(ReadGround ground, Random random) {
        return List.of(
                Computing.adding(),
                Computing.sortingInMemory(),
                Computing.sortingInFiles(),
                new Reading(Kind.SEQUENTIAL_READ, ground, random),
                new Reading(Kind.RANDOM_READ, ground, random));
    }
}
