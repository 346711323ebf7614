package dev.pgrehearse.restore;

import static dev.pgrehearse.postgres.Queries.execute;
import static dev.pgrehearse.postgres.Queries.rows;
import static dev.pgrehearse.postgres.Queries.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.tuple;

import com.github.luben.zstd.ZstdOutputStream;
import dev.pgrehearse.dataset.DatasetException;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.process.Leaks;
import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.recording.Recording.Doubt;
import dev.pgrehearse.recording.Recording.RestoreError;
import dev.pgrehearse.recording.Recording.Restored;
import dev.pgrehearse.recording.Recording.TableFacts;
import dev.pgrehearse.scenario.RestoreSpec;
import dev.pgrehearse.scenario.ServerSpec;
import dev.pgrehearse.server.DataDirectory;
import dev.pgrehearse.server.LoadingSettings;
import dev.pgrehearse.server.RunningServer;
import dev.pgrehearse.server.ServerHost;
import dev.pgrehearse.server.ServerProblem;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Restores the dumps that {@code make.sh} beside them made with PostgreSQL 15, and data directories of servers of ours. What
 * is expected is what {@code shop.sql} says.
 */
@ExtendWith(Leaks.NothingLeftBehind.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("thorough")
class RestoreIT {
    private static final Path DUMPS =
            Path.of("src/test/resources/dev/pgrehearse/restore").toAbsolutePath();

    @TempDir
    private Path folder;

    private Supervisor supervisor;
    private ServerHost host;

    @BeforeAll
    void open() {
        supervisor = Supervisor.start();
        host = ServerHost.open(new ServerSpec(ServerSpec.Kind.EMBEDDED, 18, null, Map.of()), supervisor);
        try {
            ClientPrograms.here().pgRestore(0, "the tests' archives");
            ClientPrograms.here().psql(true, "the tests' dumps");
        } catch (ServerProblem missing) {
            Assumptions.abort("no client programs of PostgreSQL here: " + missing.whatFailed());
        }
    }

    @AfterAll
    void close() {
        host.close();
        assertThat(supervisor.held()).isEmpty();
        supervisor.close();
        assertThat(supervisor.troubles()).isEmpty();
    }

    private static RestoreSpec dump(Path path) {
        return new RestoreSpec(new RestoreSpec.Dump(path), 2, null);
    }

    private Restore restore(RestoreSpec spec) throws RestoreMistake, IOException {
        return Restore.of(spec, host, supervisor, Progress.SILENT);
    }

    private RestoredData make(RestoreSpec spec) throws Exception {
        return restore(spec).make(LoadingSettings.SETTINGS);
    }

    /** What a test does with a server on what was restored. */
    private interface Use {
        void with(RunningServer server) throws Exception;
    }

    private void on(RestoredData made, Use use) throws Exception {
        try (RunningServer server = host.start(made.directory(), Map.of("autovacuum", "off"))) {
            use.with(server);
            server.stop();
        }
        host.remove(made.directory());
    }

    private Path source(String name) throws IOException {
        Path plain = DUMPS.resolve("shop.plain.sql");
        Path compressed = folder.resolve(name);
        if (name.endsWith(".gz")) {
            try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(compressed))) {
                Files.copy(plain, out);
            }
            return compressed;
        }
        if (name.endsWith(".zst")) {
            try (OutputStream out = new ZstdOutputStream(Files.newOutputStream(compressed))) {
                Files.copy(plain, out);
            }
            return compressed;
        }
        return DUMPS.resolve(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"shop.dump", "shop.dir", "shop.tar", "shop.plain.sql", "shop.plain.sql.gz", "shop.plain.sql.zst"
            })
    void everyFormatGivesTheSameDatabase(String name) throws Exception {
        RestoredData made = make(dump(source(name)));

        assertThat(made.facts().source()).isEqualTo("restored");
        assertThat(made.facts().tables())
                .extracting(TableFacts::name, TableFacts::rows)
                .containsExactlyInAnyOrder(
                        tuple("users", 300L),
                        tuple("sales.orders", 1_000L),
                        tuple("sales.totals", 300L),
                        // 2025-12-01 and the 59 days after it, twice: 31 of them are in December.
                        tuple("events_2025", 62L),
                        tuple("events_2026", 58L));
        assertThat(made.doubts()).extracting(Doubt::id).containsExactly("invalid-indexes-unknown");
        Restored restored = Objects.requireNonNull(made.facts().restored());
        assertThat(restored.madeOn()).startsWith("15.");
        assertThat(restored.roles()).contains("shop_reader", "shop_auditor");
        assertThat(restored.harmlessErrors()).isEmpty();
        on(made, server -> {
            ConnectionDetails app = server.app();
            assertThat(value(server.superuser(), """
                            select count(*) from pg_class c join pg_roles r on r.oid = c.relowner
                            where c.oid >= 16384 and r.rolname <> 'app' and c.relnamespace in ('public'::regnamespace, 'sales'::regnamespace)
                            """)).isEqualTo("0");
            assertThat(value(server.superuser(), "select rolsuper from pg_roles where rolname = 'app'"))
                    .isEqualTo("f");
            assertThat(rows(
                            server.superuser(),
                            "select rolname from pg_roles where rolcanlogin and rolname <> 'pgrehearse' order by 1"))
                    .containsExactly("app");
            // 1 000 rows of 48 bytes and 4 for their line pointers: 7 pages of 8 kB.
            assertThat(value(
                            server.superuser(),
                            "select relallvisible || ' of ' || relpages from pg_class where oid ="
                                    + " 'sales.orders'::regclass"))
                    .isEqualTo("7 of 7");
            execute(
                    app,
                    "alter table sales.orders add column note text",
                    "create index on users (note)",
                    "refresh materialized view sales.totals",
                    "drop function touched() cascade");
            assertThat(value(app, "select sum(total_cents) from sales.orders"))
                    .isEqualTo(Integer.toString(1_000 * 1_001 / 2));
            assertThat(value(app, "select nextval('users_id_seq')")).isEqualTo("301");
        });
    }

    @Test
    void theSchemaAloneComesWithoutRows() throws Exception {
        Restore restore = restore(dump(DUMPS.resolve("shop.dump")));
        assertThat(restore.hasSchemaApart()).isTrue();
        DataDirectory empty = host.initialise();
        try (RunningServer server = host.start(empty, LoadingSettings.SETTINGS)) {
            restore.schema(server);
            assertThat(value(server.app(), "select count(*) from sales.orders")).isEqualTo("0");
            server.stop();
        }
        host.remove(empty);
        assertThat(restore(dump(DUMPS.resolve("shop.plain.sql"))).hasSchemaApart())
                .isFalse();
    }

    @Test
    void aTruncatedArchiveIsNoDataset() throws Exception {
        byte[] whole = Files.readAllBytes(DUMPS.resolve("shop.dump"));
        Path withoutEnd = Files.write(folder.resolve("cut.dump"), Arrays.copyOf(whole, whole.length - 1_000));
        assertThat(messages(catchThrowable(() -> make(dump(withoutEnd)))))
                .contains("cut.dump", "Nothing of it is kept");

        Path headerAlone = Files.write(folder.resolve("header.dump"), Arrays.copyOf(whole, 20));
        assertThatThrownBy(() -> make(dump(headerAlone)))
                .isInstanceOf(RestoreMistake.class)
                .hasMessageContaining("truncated");

        Path inContents = Files.write(folder.resolve("contents.dump"), Arrays.copyOf(whole, 2_000));
        assertThatThrownBy(() -> make(dump(inContents)))
                .isInstanceOf(RestoreMistake.class)
                .hasMessageContaining("contents.dump")
                .hasMessageContaining("an archive that is whole");
    }

    @ParameterizedTest
    @ValueSource(strings = {"shop.plain.sql", "shop.plain.sql.gz", "shop.plain.sql.zst"})
    void truncatedSqlIsNoDataset(String name) throws Exception {
        byte[] whole = Files.readAllBytes(source(name));
        Path cut = Files.write(folder.resolve("cut-" + name), Arrays.copyOf(whole, whole.length * 2 / 3));
        assertThatThrownBy(() -> make(dump(cut)))
                .isInstanceOf(RestoreMistake.class)
                .hasMessageContaining("cut-" + name);
    }

    @Test
    void aNewerFormatNamesWhatToInstall() throws Exception {
        byte[] newer = Files.readAllBytes(DUMPS.resolve("shop.dump"));
        // The minor version, behind PGDMP and the major one.
        newer[6] = 99;
        Path file = Files.write(folder.resolve("newer.dump"), newer);
        assertThatThrownBy(() -> restore(dump(file)))
                .isInstanceOf(ServerProblem.class)
                .hasMessageContaining("version 1.99")
                .hasMessageContaining("apt-get install postgresql-client-19");
    }

    @Test
    void whatIsNoDumpIsSaidSo() throws Exception {
        assertThatThrownBy(() -> restore(dump(Files.write(folder.resolve("zeros"), new byte[100]))))
                .isInstanceOf(RestoreMistake.class)
                .hasMessageContaining("neither an archive");
        assertThatThrownBy(() -> make(dump(DUMPS.resolve("created.plain.sql"))))
                .isInstanceOf(RestoreMistake.class)
                .hasMessageContaining("without --create");
    }

    private RestoreSpec sql(String text) throws IOException {
        return dump(Files.writeString(folder.resolve("own.sql"), text));
    }

    @Test
    void extensionsThatTheServerLacksAreNamed() {
        assertThatThrownBy(() -> make(sql("""
                        CREATE EXTENSION IF NOT EXISTS postgis WITH SCHEMA public;
                        CREATE EXTENSION IF NOT EXISTS "no-such" WITH SCHEMA public;
                        """)))
                .isInstanceOf(RestoreMistake.class)
                .hasMessageContaining("no-such, postgis");
    }

    @Test
    void errorsThatMatterStopAndAreAllNamed() {
        Throwable failure = catchThrowable(() -> make(sql("""
                        CREATE TABLE t (id int PRIMARY KEY);
                        COPY t (id) FROM stdin;
                        1
                        1
                        \\.
                        ALTER TABLE nowhere ADD COLUMN x int;
                        """)));
        assertThat(failure).isInstanceOf(DatasetException.class);
        assertThat(messages(failure))
                .contains("duplicate key value violates unique constraint \"t_pkey\"")
                .contains("relation \"nowhere\" does not exist", "ALTER TABLE nowhere ADD COLUMN x int;");
    }

    @Test
    void harmlessErrorsAreListed() throws Exception {
        RestoredData made = make(sql("""
                        SET transaction_timeout = 0;
                        CREATE SCHEMA public;
                        CREATE TABLE t (id int);
                        SET default_tablespace = fast_disks;
                        """));
        Restored restored = Objects.requireNonNull(made.facts().restored());
        assertThat(restored.harmlessErrors())
                .extracting(RestoreError::error)
                .containsExactly(
                        "schema \"public\" already exists",
                        "invalid value for parameter \"default_tablespace\": \"fast_disks\"");
        host.remove(made.directory());
    }

    @Test
    void dataAreMaskedBeforeAnybodyReadsThem() throws Exception {
        Path mask = Files.writeString(
                folder.resolve("mask.sql"),
                "UPDATE users SET email = 'nobody' || id;\nDROP TABLE sales.orders CASCADE;");
        RestoredData made = make(new RestoreSpec(new RestoreSpec.Dump(DUMPS.resolve("shop.dump")), 2, mask));
        assertThat(made.facts().tables()).extracting(TableFacts::name).doesNotContain("sales.orders");
        on(made, server -> {
            assertThat(value(server.app(), "select count(*) from users where email = 'nobody' || id"))
                    .isEqualTo("300");
            // What the statistics hold of them is masked too.
            assertThat(value(
                            server.superuser(),
                            "select count(*) from pg_stats where tablename = 'users' and (histogram_bounds::text like"
                                    + " '%example.org%' or most_common_vals::text like '%example.org%')"))
                    .isEqualTo("0");
        });

        Path broken = Files.writeString(folder.resolve("broken.sql"), "SELECT 1;\nUPDATE nowhere SET email = '';");
        assertThatThrownBy(() -> make(new RestoreSpec(new RestoreSpec.Dump(DUMPS.resolve("shop.dump")), 2, broken)))
                .isInstanceOf(RestoreMistake.class)
                .hasMessageContaining("broken.sql:2:8")
                .hasMessageContaining("nowhere");
    }

    /** A server that was production once: 100 of 400 rows dead, an index INVALID, somebody else the owner. */
    private DataDirectory production(boolean stopped, @Nullable Path backup) throws Exception {
        DataDirectory production = host.initialise();
        try (RunningServer server = host.start(production, Map.of("autovacuum", "off"))) {
            execute(
                    server.superuser().withDatabase("postgres"),
                    "ALTER DATABASE rehearsal RENAME TO shop",
                    "CREATE ROLE shop_owner",
                    "ALTER DATABASE shop OWNER TO shop_owner");
            ConnectionDetails shop = server.superuser().withDatabase("shop");
            execute(shop, "CREATE EXTENSION pgstattuple", "SET ROLE shop_owner", "CREATE SCHEMA sales");
            execute(shop, "CREATE TABLE sales.orders (id int PRIMARY KEY, state text)");
            execute(shop, "ALTER SCHEMA sales OWNER TO shop_owner", "ALTER TABLE sales.orders OWNER TO shop_owner");
            execute(shop, "INSERT INTO sales.orders SELECT n, 'open' FROM generate_series(1, 300) n");
            try (Connection connection = shop.open("test")) {
                assertThatThrownBy(() -> execute(
                                connection, "CREATE UNIQUE INDEX CONCURRENTLY one_state ON sales.orders (state)"))
                        .isInstanceOf(SQLException.class);
            }
            execute(shop, "VACUUM ANALYZE sales.orders");
            execute(shop, "UPDATE sales.orders SET state = 'paid' WHERE id <= 100");
            if (backup != null) {
                hotBackup(server, production, backup);
            }
            if (stopped) {
                server.stop();
            }
        }
        return production;
    }

    /** As the documentation has it: "Making a Base Backup Using the Low Level API". */
    private static void hotBackup(RunningServer server, DataDirectory production, Path backup) throws Exception {
        try (Connection session = server.superuser().withDatabase("shop").open("test")) {
            execute(session, "SELECT pg_backup_start('test', true)");
            run("cp", "-a", production.location(), backup.toString());
            // Only the WAL that the backup holds can bring these back.
            execute(session, "UPDATE sales.orders SET state = 'late' WHERE id > 290");
            String label = value(session, "SELECT labelfile FROM pg_backup_stop(false)");
            run("sh", "-c", "cp -a " + production.location() + "/pg_wal/0* " + backup + "/pg_wal/");
            Files.writeString(backup.resolve("backup_label"), label);
        }
        Files.delete(backup.resolve("postmaster.pid"));
        Files.writeString(backup.resolve("standby.signal"), "");
        Files.writeString(
                backup.resolve("postgresql.auto.conf"),
                "primary_conninfo = 'host=192.0.2.1'\nrestore_command = '/bin/false'\narchive_mode = on\n");
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    private static RestoreSpec physical(Path path) {
        return new RestoreSpec(new RestoreSpec.Physical(path, null), 2, null);
    }

    private void assertIsProduction(RestoredData made, String paid, int dead) throws Exception {
        assertThat(made.facts().tables())
                .extracting(TableFacts::name, TableFacts::rows)
                .containsExactly(tuple("sales.orders", 300L));
        assertThat(made.doubts()).isEmpty();
        on(made, server -> {
            assertThat(value(server.superuser(), "select count(*) from pg_index where not indisvalid"))
                    .isEqualTo("1");
            assertThat(value(server.superuser(), "select dead_tuple_count from pgstattuple('sales.orders')"))
                    .satisfies(count -> assertThat(Integer.parseInt(count)).isGreaterThanOrEqualTo(dead));
            assertThat(value(
                            server.superuser(),
                            "select relowner::regrole from pg_class where oid = 'sales.orders'::regclass"))
                    .isEqualTo("shop_owner");
            assertThat(value(server.app(), "select count(*) from sales.orders where state <> 'open'"))
                    .isEqualTo(paid);
            execute(server.app(), "alter table sales.orders add column note text");
            for (String setting : List.of("primary_conninfo", "restore_command", "archive_mode")) {
                assertThat(value(
                                server.superuser(),
                                "select setting in ('', 'off') from pg_settings where name = '" + setting + "'"))
                        .as(setting)
                        .isEqualTo("t");
            }
        });
    }

    @Test
    void aStoppedDirectoryStaysAsItIs() throws Exception {
        DataDirectory production = production(true, null);
        assertIsProduction(make(physical(Path.of(production.location()))), "100", 100);

        // From a tar file, and by a command.
        Path tar = folder.resolve("production.tar.gz");
        run(
                "tar",
                "-C",
                Path.of(production.location()).getParent().toString(),
                "-czf",
                tar.toString(),
                Path.of(production.location()).getFileName().toString());
        assertIsProduction(make(physical(tar)), "100", 100);
        RestoreSpec.Filled command =
                new RestoreSpec.Filled("cp -a " + production.location() + "/. " + RestoreSpec.DIRECTORY, "1", "shop");
        assertIsProduction(make(new RestoreSpec(command, 2, null)), "100", 100);

        Path other = Path.of(production.location()).resolve("PG_VERSION");
        Files.writeString(other, "15\n");
        assertThatThrownBy(() -> restore(physical(Path.of(production.location()))))
                .isInstanceOf(RestoreMistake.class)
                .hasMessageContaining("PostgreSQL 15")
                .hasMessageContaining("image: postgres:15");
        host.remove(production);
    }

    @Test
    void aBaseBackupRecoversFromItsOwnWalAndAsksNobody() throws Exception {
        Path backup = folder.resolve("backup");
        DataDirectory production = production(true, backup);
        // Its UPDATE may have cleaned what it passed.
        assertIsProduction(make(physical(backup)), "110", 0);
        assertThat(backup.resolve("standby.signal")).as("the backup itself").exists();
        host.remove(production);
    }

    @Test
    void aCommandThatFailsIsTold() {
        RestoreSpec.Filled command =
                new RestoreSpec.Filled("echo no such stanza >&2; ls " + RestoreSpec.DIRECTORY + "; exit 7", "1", null);
        Throwable failure = catchThrowable(() -> make(new RestoreSpec(command, 2, null)));
        assertThat(failure).isInstanceOf(DatasetException.class);
        assertThat(messages(failure)).contains("status 7", "no such stanza");
    }

    private static String messages(Throwable failure) {
        StringBuilder messages = new StringBuilder();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            messages.append(cause.getMessage()).append('\n');
        }
        return messages.toString();
    }
}
