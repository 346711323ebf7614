package dev.pgrehearse.server;

import static dev.pgrehearse.postgres.Queries.await;
import static dev.pgrehearse.postgres.Queries.execute;
import static dev.pgrehearse.postgres.Queries.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A standby as the tool makes it: a real one, that nobody outside can reach, and whose password is nowhere to be seen. */
class StandbyServerIT {
    @RegisterExtension
    static final TestReplicated POSTGRES = TestReplicated.pair().with("hot_standby_feedback", "on");

    @Test
    void whatThePrimaryCommitsIsReadOnTheStandby() throws SQLException {
        execute(POSTGRES.primary().app(), "CREATE TABLE t AS SELECT 42 AS n");

        await(POSTGRES.standby(), "SELECT coalesce(to_regclass('t')::text, '')", "t");
        await(POSTGRES.standby(), "SELECT n FROM t", "42");
    }

    @Test
    void itIsOneAndTakesNoWrites() throws SQLException {
        assertThat(value(POSTGRES.standby(), "SELECT pg_is_in_recovery()")).isEqualTo("t");
        assertThatThrownBy(() -> execute(POSTGRES.standbyServer().app(), "CREATE TABLE no (n int)"))
                .isInstanceOf(SQLException.class)
                .extracting(failure -> ((SQLException) failure).getSQLState())
                .isEqualTo("25006");
    }

    @Test
    void aSlotKeepsItsWal() throws SQLException {
        assertThat(value(
                        POSTGRES.primary().superuser(),
                        "SELECT slot_type, active, restart_lsn IS NOT NULL FROM pg_replication_slots"))
                .isEqualTo("physical|t|t");
    }

    @Test
    void settingsAreThePrimarysUnlessItHasItsOwn() throws SQLException {
        assertThat(value(POSTGRES.standby(), "SHOW checkpoint_timeout")).isEqualTo("1h");
        assertThat(value(POSTGRES.standby(), "SHOW hot_standby_feedback")).isEqualTo("on");
        assertThat(value(POSTGRES.primary().superuser(), "SHOW hot_standby_feedback"))
                .isEqualTo("off");
        assertThat(value(POSTGRES.standby(), "SHOW max_standby_streaming_delay"))
                .isEqualTo("30s");
        assertThat(POSTGRES.standbyServer().differences()).isEmpty();
        assertThat(value(POSTGRES.standby(), "SHOW listen_addresses")).isEqualTo("127.0.0.1");
        assertThat(value(POSTGRES.primary().superuser(), "SELECT host(client_addr) FROM pg_stat_replication"))
                .isEqualTo("127.0.0.1");
    }

    @Test
    void itsPasswordIsInOneFileThatNobodyElseReads() throws Exception {
        Path standby = Path.of(value(POSTGRES.standby(), "SHOW data_directory"));
        Path primary = Path.of(value(POSTGRES.primary().superuser(), "SHOW data_directory"));
        Path passwords = standby.resolve("pgrehearse.standby.pgpass");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(passwords)))
                .isEqualTo("rw-------");
        String line = Files.readString(passwords).strip();
        String password = line.substring(line.lastIndexOf(':') + 1);
        assertThat(password).hasSizeGreaterThan(15);

        assertThat(processes()).isNotEmpty().noneMatch(command -> command.contains(password));
        for (Path directory : List.of(standby, primary)) {
            for (Path file : texts(directory)) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(password);
            }
        }
        assertThat(value(POSTGRES.standby(), "SHOW primary_conninfo")).doesNotContain(password);
    }

    private static List<String> processes() {
        List<String> commands = new ArrayList<>();
        ProcessHandle.allProcesses().forEach(process -> {
            try {
                commands.add(Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline")));
            } catch (IOException ended) {
                // It has gone meanwhile, and its command line with it.
            }
        });
        return commands;
    }

    /** Logs and configuration. */
    private static List<Path> texts(Path directory) throws IOException {
        List<Path> files = new ArrayList<>();
        for (String name : List.of("postgresql.conf", "pgrehearse.conf", "postgresql.auto.conf", "pg_hba.conf")) {
            files.add(directory.resolve(name));
        }
        try (var logs = Files.list(directory.resolve("log"))) {
            files.addAll(logs.toList());
        }
        assertThat(files).hasSizeGreaterThan(4);
        return files;
    }
}
