package dev.pgrehearse.calibration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Password;
import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.profile.Calibration;
import dev.pgrehearse.profile.Calibration.Kind;
import dev.pgrehearse.profile.Calibration.Probe;
import dev.pgrehearse.profile.Calibration.Source;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.server.TestReplicated;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The probes against a real server and its standby: they measure, write nothing, and stop where they must. */
class CalibratorIT {
    @RegisterExtension
    static final TestReplicated SERVERS = TestReplicated.pair();

    private static final int ROUNDS = 3;

    private static ConnectionDetails primary;

    @BeforeAll
    static void fill() throws Exception {
        primary = SERVERS.primary().superuser();
        Queries.execute(
                primary,
                "CREATE TABLE canary_table (canary_id bigint PRIMARY KEY, filler text NOT NULL)",
                // About 120 bytes a row: 24 MB, of which each stretch is an eighth.
                "INSERT INTO canary_table SELECT i, repeat('canaryvalue', 8) FROM generate_series(1, 200000) i",
                "VACUUM (FREEZE, ANALYZE) canary_table",
                "CREATE ROLE outsider LOGIN PASSWORD 'out'");
        Queries.await(SERVERS.standby(), "SELECT count(*) FROM pg_roles WHERE rolname = 'outsider'", "1");
    }

    private static Calibration calibrate(ConnectionDetails where, int rounds, Duration longest) throws Exception {
        return Calibrator.on(() -> where.open("pgrehearse test"), Progress.SILENT, rounds, longest);
    }

    private static Probe probe(Calibration calibration, Kind kind) {
        return calibration.probe(kind).orElseThrow();
    }

    @Test
    void everyProbeIsMeasuredAndNothingIsWrittenNorTold() throws Exception {
        // Whoever reads a page first after others wrote it marks their rows as committed: not the probes' doing.
        Queries.execute(primary, "VACUUM (FREEZE)", "CHECKPOINT", "SELECT pg_stat_force_next_flush()");
        String written =
                "SELECT sum(tup_inserted), sum(tup_updated), sum(tup_deleted) FROM pg_stat_database WHERE datname ="
                        + " current_database()";
        String before = Queries.value(primary, written);
        String transactions = "SELECT pg_snapshot_xmax(pg_current_snapshot())";
        String nextBefore = Queries.value(primary, transactions);
        String walBefore = Queries.value(primary, "SELECT pg_current_wal_lsn()");
        Calibration calibration = calibrate(primary, ROUNDS, Duration.ofMinutes(2));
        assertThat(calibration.probes()).extracting(Probe::kind).containsExactly(Kind.values());
        assertThat(calibration.probes()).allSatisfy(probe -> {
            assertThat(probe.unknown()).isNull();
            assertThat(probe.values()).hasSize(ROUNDS).allMatch(value -> value > 0);
            assertThat(probe.reads() != null).isEqualTo(probe.kind().reads());
        });
        // The server has just filled it: its own memory has every block.
        assertThat(probe(calibration, Kind.SEQUENTIAL_READ).reads().source()).isEqualTo(Source.SHARED_BUFFERS);
        assertThat(calibration.settings()).containsEntry("block_size", "8192").containsKey("shared_buffers");
        assertThat(calibration.toString()).doesNotContain("canary");
        assertThat(Queries.value(primary, written)).isEqualTo(before);
        assertThat(Queries.value(primary, transactions)).isEqualTo(nextBefore);
        // The server itself tells standbys now and then that nothing runs: some hundred bytes.
        assertThat(Long.parseLong(Queries.value(
                        primary, "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '" + walBefore + "')::bigint")))
                .isLessThan(4096);
    }

    @Test
    void aStandbyIsCalibratedToo() throws Exception {
        Calibration calibration = calibrate(SERVERS.standby(), ROUNDS, Duration.ofMinutes(2));
        assertThat(calibration.probes()).extracting(Probe::unknown).containsOnlyNulls();
    }

    @Test
    void aTableThatSomebodyLockedAndARoleThatMayNotReadAreToldAndTheRestIsMeasured() throws Exception {
        try (Connection locking = primary.open("pgrehearse test");
                Statement statement = locking.createStatement()) {
            locking.setAutoCommit(false);
            statement.execute("LOCK TABLE canary_table IN ACCESS EXCLUSIVE MODE");
            Calibration calibration = calibrate(primary, ROUNDS, Duration.ofMinutes(2));
            assertThat(unknown(calibration))
                    .containsOnly("Its table was locked in ACCESS EXCLUSIVE mode by another session.")
                    .hasSize(2);
            assertThat(probe(calibration, Kind.CPU).median()).isNotNull();
            locking.rollback();
        }
        Calibration calibration =
                calibrate(primary.withUser("outsider", new Password("out")), ROUNDS, Duration.ofMinutes(2));
        assertThat(unknown(calibration)).hasSize(2).allMatch(reason -> reason.contains("that this role may read"));
    }

    @Test
    void aProbeThatTakesTooLongIsCancelledAndUnknown() throws Exception {
        Calibration calibration = calibrate(primary, ROUNDS, Duration.ofMillis(150));
        assertThat(probe(calibration, Kind.CPU).unknown()).contains("longer than it may");
        assertThat(probe(calibration, Kind.SORT_IN_MEMORY).unknown()).isNotNull();
        assertThat(unknown(calibration)).hasSize(Kind.values().length);
    }

    @Test
    void temporaryFilesThatAreForbiddenAreToldWithoutTheServersWords() throws Exception {
        Queries.execute(primary, "ALTER ROLE outsider SET temp_file_limit = '1MB'");
        Calibration calibration =
                calibrate(primary.withUser("outsider", new Password("out")), 1, Duration.ofMinutes(2));
        assertThat(probe(calibration, Kind.SORT_IN_FILES).unknown()).contains("temp_file_limit forbids");
        Queries.execute(primary, "ALTER ROLE outsider RESET temp_file_limit");
    }

    private static List<String> unknown(Calibration calibration) {
        return calibration.probes().stream()
                .flatMap(probe -> Stream.ofNullable(probe.unknown()))
                .toList();
    }
}
