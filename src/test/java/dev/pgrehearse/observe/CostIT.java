package dev.pgrehearse.observe;

import static dev.pgrehearse.postgres.Queries.await;
import static dev.pgrehearse.postgres.Queries.execute;
import static dev.pgrehearse.postgres.Queries.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.TableGrowth;
import dev.pgrehearse.server.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What statements cost, held against what PostgreSQL and the kernel say themselves. */
@Tag("alone")
class CostIT {
    private static final long MB = 1 << 20;

    private static final Pattern WAL = Pattern.compile("WAL: records=(\\d+)(?: fpi=(\\d+))?(?: bytes=(\\d+))?");
    private static final Pattern TEMPORARY = Pattern.compile("temp read=(\\d+) written=(\\d+)");

    /** In a container a backend has another number than here, and may not be seen from here at all. */
    private static final boolean SEES_PROCESSES =
            System.getProperty("pgrehearse.test.image") == null && Files.exists(Path.of("/proc/self/io"));

    private static final String ALL_OF_BIG = "SELECT pg_total_relation_size('big')";

    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick()
            .with("autovacuum", "on")
            .with("autovacuum_naptime", "1s")
            .with("full_page_writes", "on");

    private final ConcurrentLinkedQueue<Fact> facts = new ConcurrentLinkedQueue<>();
    private final RehearsalClock clock = RehearsalClock.start();
    private Observer observer;
    private Connection migration;
    private int pid;

    @BeforeAll
    static void prepareServer() throws SQLException {
        execute(POSTGRES.superuser(), "CREATE EXTENSION pg_stat_statements");
    }

    @BeforeEach
    void prepare() throws SQLException {
        execute(
                POSTGRES.app(),
                "DROP TABLE IF EXISTS big, copied",
                "CREATE TABLE big (id integer PRIMARY KEY, n integer, note text) WITH (autovacuum_enabled = off)",
                "INSERT INTO big SELECT g, g, repeat(md5(g::text), 3) FROM generate_series(1, 100000) g",
                "CREATE TABLE copied (LIKE big) WITH (autovacuum_enabled = off)");
        migration = POSTGRES.app().open("test");
        pid = migration.unwrap(org.postgresql.PGConnection.class).getBackendPID();
        observer = open();
    }

    private Observer open() throws SQLException {
        Sessions sessions = new Sessions();
        sessions.begin(pid, new Sessions.Use(Sessions.Role.MIGRATION, "statement 1"));
        Observer opened = Observer.open(
                new Watched(POSTGRES.superuser(), POSTGRES.postmasterPid(), List::of, Watched.App.NONE),
                clock,
                facts::add,
                sessions);
        opened.start();
        opened.phaseBegan(Recording.Phase.BASELINE);
        return opened;
    }

    @AfterEach
    void cleanUp() throws SQLException {
        observer.close();
        migration.close();
    }

    /** The new file is in no catalogue until the commit, and the old one is gone right after it. */
    @Test
    void theRoomOfARewriteIsSeenBeforeItsCommit() throws Exception {
        observer.phaseBegan(Recording.Phase.MIGRATION);
        awaitFact(fact -> fact instanceof Fact.IndexScansRead);
        long before = Long.parseLong(value(POSTGRES.superuser(), ALL_OF_BIG));
        awaitFact(fact -> fact instanceof Fact.DiskSampled sampled && sampled.relationBytes() > before);
        execute(migration, "BEGIN");
        observer.statementStarted(1, 1, pid, "ALTER TABLE big ALTER COLUMN n TYPE bigint");
        execute(migration, "ALTER TABLE big ALTER COLUMN n TYPE bigint");
        // Nobody else can read the size now, but who made it.
        long written = Long.parseLong(value(migration, ALL_OF_BIG));
        assertThat(written).isGreaterThan(10 * MB);
        awaitFact(fact -> fact instanceof Fact.DiskSampled sampled && sampled.createdBytes() == written);
        execute(migration, "COMMIT");
        observer.statementEnded(1, 1, pid, false);
        awaitFact(fact -> fact instanceof Fact.TablesGrew);
        long after = Long.parseLong(value(POSTGRES.superuser(), ALL_OF_BIG));
        observer.finish();
        observer.readIndexes();

        List<Fact.DiskSampled> disk = facts(Fact.DiskSampled.class);
        long atEnd = disk.get(disk.size() - 1).relationBytes();
        long peak =
                disk.stream().mapToLong(Fact.DiskSampled::relationBytes).max().orElseThrow();
        // Autovacuum, or the commit itself, may give a catalogue a page or a map meanwhile.
        assertThat(peak - atEnd).isCloseTo(before, within(256 * 1024L));
        assertThat(facts(Fact.TablesGrew.class))
                .singleElement()
                .satisfies(grew -> assertThat(grew.tables())
                        .filteredOn(table -> table.table().equals("big"))
                        .singleElement()
                        .satisfies(big -> assertSizes(big, before, after)));
        assertThat(facts(Fact.TablesMeasured.class))
                .hasSize(2)
                .allSatisfy(measured -> assertThat(measured.tables())
                        .filteredOn(table -> table.table().equals("big"))
                        .singleElement()
                        .satisfies(big -> assertThat(big.heapBytes() + big.indexBytes())
                                .isEqualTo(measured.after() ? after : before)));
        assertThat(disk)
                .allSatisfy(sampled -> assertThat(sampled.freeBytes() != null)
                        .isEqualTo(POSTGRES.postmasterPid().isPresent()));
    }

    /** What the next one writes would else be taken for its own. */
    @Test
    void theDiskIsToldAtTheEndOfAStatementThatChangedNothing() throws Exception {
        observer.phaseBegan(Recording.Phase.MIGRATION);
        for (int index = 1; index <= 3; index++) {
            int number = index;
            observer.statementStarted(index, 1, pid, "SELECT 1");
            execute(migration, "SELECT 1");
            observer.statementEnded(index, 1, pid, false);
            awaitFact(fact -> fact instanceof Fact.TablesGrew grew && grew.index() == number);
        }

        List<Fact> told = facts(Fact.class).stream()
                .filter(fact -> fact instanceof Fact.TablesGrew || fact instanceof Fact.DiskSampled)
                .toList();
        for (int i = 1; i < told.size(); i++) {
            if (told.get(i) instanceof Fact.TablesGrew) {
                assertThat(told.get(i - 1)).as("before fact %d", i).isInstanceOf(Fact.DiskSampled.class);
            }
        }
    }

    private static void assertSizes(TableGrowth big, long before, long after) {
        assertThat(big.heapBefore() + big.indexBefore()).isEqualTo(before);
        assertThat(big.heapAfter() + big.indexAfter()).isEqualTo(after);
    }

    /** The statement tells itself what it did: WAL of the executor's nodes and temporary blocks of its sort. */
    @Test
    void walAndTemporaryBlocksAreThoseThatExplainTells() throws Exception {
        observer.phaseBegan(Recording.Phase.MIGRATION);
        execute(migration, "SET work_mem = '128kB'", "SET enable_indexscan = off");
        String plan =
                explained(1, "EXPLAIN (ANALYZE, BUFFERS, WAL) INSERT INTO copied SELECT * FROM big ORDER BY note");
        observer.finish();

        Matcher wal = found(WAL, plan);
        Matcher temporary = found(TEMPORARY, plan);
        assertThat(facts(Fact.StatementUse.class)).singleElement().satisfies(use -> {
            assertThat(use.unknown()).isNull();
            assertThat(use.counters().walRecords()).isEqualTo(Long.parseLong(wal.group(1)));
            assertThat(use.counters().walFullPageImages())
                    .isEqualTo(wal.group(2) == null ? 0 : Long.parseLong(wal.group(2)));
            assertThat(use.counters().temporaryBlocksRead()).isEqualTo(Long.parseLong(temporary.group(1)));
            assertThat(use.counters().temporaryBlocksWritten()).isEqualTo(Long.parseLong(temporary.group(2)));
            // Each page of the copy is made, each of the original looked at.
            long pages = Long.parseLong(value(POSTGRES.superuser(), "SELECT pg_relation_size('copied') / 8192"));
            assertThat(use.counters().blocksDirtied()).isGreaterThanOrEqualTo(pages);
            assertThat(use.counters().blocksHit() + use.counters().blocksRead()).isGreaterThanOrEqualTo(2 * pages);
        });
        assertThat(facts(Fact.StatementCost.class))
                .singleElement()
                .satisfies(cost -> assertThat(cost.walBytes()).isEqualTo(Long.parseLong(wal.group(3))));
    }

    @Test
    void memoryIsTheBackendsOwnAndNotSharedBuffers() throws Exception {
        observer.phaseBegan(Recording.Phase.MIGRATION);
        assumeThat(SEES_PROCESSES).isTrue();
        execute(migration, "SET max_parallel_workers_per_gather = 0");
        // Held for a second: the array of all notes.
        String sql = "SELECT pg_sleep(1 + 0 * cardinality(a)) FROM (SELECT array_agg(note) a FROM big) held";
        CompletableFuture<Void> running = CompletableFuture.runAsync(() -> {
            try {
                measured(1, sql);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        await(POSTGRES.superuser(), "SELECT wait_event FROM pg_stat_activity WHERE pid = " + pid, "PgSleep");
        long kernels = field(Path.of("/proc/" + pid + "/status"), "RssAnon:");
        running.join();
        observer.finish();

        long array = Long.parseLong(value(migration, "SELECT pg_column_size(array_agg(note)) FROM big"));
        assertThat(array).isGreaterThan(9 * MB);
        assertThat(kernels).isGreaterThan(array / 1024);
        // While it was made, the values were there once more.
        assertThat(facts(Fact.StatementUse.class).get(0).memoryPeakBytes())
                .isBetween(kernels * 1024, kernels * 1024 + 2 * array);
    }

    /** The kernel's own accounts of the process, read before and after the observer reads them. */
    @Test
    void trafficIsThatOfTheBackend() throws Exception {
        Path io = Path.of("/proc/" + pid + "/io");
        assumeThat(SEES_PROCESSES).isTrue();
        observer.phaseBegan(Recording.Phase.MIGRATION);
        String sql = "INSERT INTO copied SELECT * FROM big";

        long outerStart = written(io);
        observer.statementStarted(1, 1, pid, sql);
        long innerStart = written(io);
        execute(migration, sql);
        long innerEnd = written(io);
        observer.statementEnded(1, 1, pid, false);
        long outerEnd = written(io);
        awaitFact(fact -> fact instanceof Fact.StatementUse);
        observer.finish();

        assertThat(facts(Fact.StatementUse.class))
                .singleElement()
                .satisfies(
                        use -> assertThat(use.writtenBytes()).isBetween(innerEnd - innerStart, outerEnd - outerStart));
        assertThat(facts(Fact.MachineRead.class))
                .extracting(Fact.MachineRead::moment)
                .containsExactly(Recording.Phase.BASELINE, Recording.Phase.MIGRATION, Fact.MachineRead.END);
        assertThat(facts(Fact.MachineRead.class).get(2).totals().serverWrittenBytes()
                        - facts(Fact.MachineRead.class).get(1).totals().serverWrittenBytes())
                .isGreaterThanOrEqualTo(innerEnd - innerStart);
    }

    /** Of the same rows for a table like it EXPLAIN tells the WAL of each batch itself: inserts prune nothing. */
    @Test
    void batchesOfABackfillAreCountedTogether() throws Exception {
        execute(
                migration,
                "DROP TABLE IF EXISTS filled",
                "CREATE TABLE filled (LIKE copied) WITH (autovacuum_enabled = off)");
        observer.phaseBegan(Recording.Phase.MIGRATION);
        long records = 0;
        for (int from = 0; from < 1_000; from += 100) {
            records +=
                    records(explained(2 + from, "EXPLAIN (ANALYZE, WAL, COSTS OFF) " + filling("copied", from, 100)));
        }
        observer.statementStarted(1, 1, pid, "…");
        for (int from = 0; from < 1_000; from += 100) {
            execute(migration, filling("filled", from, 100));
        }
        // The last one finds no row.
        execute(migration, filling("filled", 1_000, 0));
        observer.backfillEnded(1, 1, pid, new Sent(List.of(filling("filled", 0, 100)), 11, 0));
        awaitFact(fact -> fact instanceof Fact.StatementUse use && use.index() == 1);

        assertThat(use(1).unknown()).isNull();
        assertThat(records).as("one a row, at least").isGreaterThanOrEqualTo(1_000);
        assertThat(use(1).counters().walRecords()).isEqualTo(records);
    }

    private static String filling(String table, int from, int rows) {
        return "INSERT INTO " + table + " SELECT g, g, 'x' FROM generate_series(" + (from + 1) + ", " + (from + rows)
                + ") g";
    }

    @Test
    void batchesThatFailedAndThoseOfOthersAreToldApart() throws Exception {
        observer.phaseBegan(Recording.Phase.MIGRATION);
        String failing = "UPDATE big SET n = 1 / (n - 150) WHERE id > 100 AND id <= 200";
        String first = "UPDATE big SET n = 1 / (n - 150) WHERE id <= 100";
        observer.statementStarted(1, 1, pid, "…");
        execute(migration, first);
        assertThatThrownBy(() -> execute(migration, failing)).hasMessageContaining("division by zero");
        observer.backfillEnded(1, 1, pid, new Sent(List.of(first, failing), 1, 1));
        awaitFact(fact -> fact instanceof Fact.StatementUse use && use.index() == 1);
        assertThat(use(1).counters().walRecords()).isGreaterThanOrEqualTo(100);
        assertThat(use(1).unknown()).contains("ended without an error");

        observer.statementStarted(2, 1, pid, "…");
        execute(migration, batch("big", 0));
        try (Connection stranger = POSTGRES.app().open("stranger")) {
            execute(stranger, batch("big", 0));
        }
        observer.backfillEnded(2, 1, pid, new Sent(List.of(batch("big", 0)), 1, 0));
        awaitFact(fact -> fact instanceof Fact.StatementUse use && use.index() == 2);
        assertThat(use(2).counters()).as("two calls, of which one is ours").isNull();
        assertThat(use(2).unknown()).contains("others sent the same one");
    }

    private static String batch(String table, int from) {
        return "UPDATE " + table + " SET n = n + 1 WHERE " + (from == 0 ? "" : "id > " + from + " AND ") + "id <= "
                + (from + 100);
    }

    private static long records(String explained) {
        return Long.parseLong(found(WAL, explained).group(1));
    }

    private List<String> walNotMeasured() {
        return facts(Fact.Doubted.class).stream()
                .map(Fact.Doubted::doubt)
                .filter(doubt -> doubt.id().equals("wal-not-measured"))
                .map(Recording.Doubt::text)
                .toList();
    }

    private Fact.StatementUse use(int index) {
        return facts(Fact.StatementUse.class).stream()
                .filter(use -> use.index() == index)
                .findFirst()
                .orElseThrow();
    }

    /** As in a database that came by pg_upgrade, where nobody updated the extension. */
    @ParameterizedTest
    @CsvSource({"1.7, false", "1.8, true", "1.9, true"})
    void anExtensionOlderThanTheServerIsReadAsItIs(String version, boolean countsWal) throws Exception {
        observer.close();
        execute(
                POSTGRES.superuser(),
                "DROP EXTENSION pg_stat_statements",
                "CREATE EXTENSION pg_stat_statements VERSION '" + version + "'");
        try {
            facts.clear();
            observer = open();
            measured(1, "INSERT INTO copied SELECT * FROM big");
            if (countsWal) {
                assertThat(use(1).counters().walRecords()).isGreaterThanOrEqualTo(100_000);
                assertThat(walNotMeasured()).isEmpty();
            } else {
                assertThat(use(1).counters()).isNull();
                assertThat(walNotMeasured())
                        .singleElement()
                        .asString()
                        .contains("is version 1.7, which counts no WAL", "ALTER EXTENSION");
            }
        } finally {
            execute(POSTGRES.superuser(), "DROP EXTENSION pg_stat_statements", "CREATE EXTENSION pg_stat_statements");
        }
    }

    @Test
    void whatFailedIsNotCountedAndSaysSo() throws Exception {
        observer.phaseBegan(Recording.Phase.MIGRATION);
        String sql = "UPDATE big SET n = 1 / (n - 50000)";
        observer.statementStarted(1, 1, pid, sql);
        assertThatThrownBy(() -> execute(migration, sql)).hasMessageContaining("division by zero");
        observer.statementEnded(1, 1, pid, true);
        awaitFact(fact -> fact instanceof Fact.StatementUse);
        observer.finish();

        assertThat(facts(Fact.StatementUse.class)).singleElement().satisfies(use -> {
            assertThat(use.counters()).isNull();
            assertThat(use.unknown()).contains("without an error");
        });
        assertThat(facts(Fact.StatementCost.class)).singleElement().satisfies(cost -> {
            assertThat(cost.walBytes()).isNull();
            assertThat(cost.cpuMs() != null).isEqualTo(POSTGRES.postmasterPid().isPresent());
        });
    }

    /** The same rows are updated each time, so the same WAL is written, whoever runs the statement. */
    @Test
    void aDoBlockAndAFunctionCostWhatRunsInsideThem() throws Exception {
        execute(
                migration,
                "CREATE OR REPLACE FUNCTION update_all() RETURNS void LANGUAGE sql AS 'UPDATE big SET n = n + 1'");
        observer.phaseBegan(Recording.Phase.MIGRATION);
        measured(1, "UPDATE big SET n = n + 1");
        execute(POSTGRES.superuser(), "VACUUM FULL big", "CHECKPOINT");
        measured(2, "UPDATE big SET n = n + 2");
        execute(POSTGRES.superuser(), "VACUUM FULL big", "CHECKPOINT");
        measured(3, "DO $$ BEGIN UPDATE big SET n = n + 1; COMMIT; END $$");
        execute(POSTGRES.superuser(), "VACUUM FULL big", "CHECKPOINT");
        measured(4, "SELECT update_all()");
        execute(POSTGRES.superuser(), "VACUUM FULL big", "CHECKPOINT");
        execute(migration, "BEGIN");
        measured(5, "INSERT INTO copied SELECT * FROM big LIMIT 1");
        measured(6, "UPDATE big SET n = n + 3");
        execute(migration, "COMMIT");
        observer.finish();

        List<Fact.StatementCost> costs = facts(Fact.StatementCost.class);
        assertThat(costs).hasSize(6);
        long plain = costs.get(1).walBytes();
        assertThat(plain).isGreaterThan(10 * MB);
        assertThat(costs.get(2).walBytes()).as("DO").isCloseTo(plain, within(plain / 20));
        assertThat(costs.get(3).walBytes()).as("function").isCloseTo(plain, within(plain / 20));
        assertThat(costs.get(4).walBytes()).as("of a transaction, one row").isLessThan(MB);
        assertThat(costs.get(5).walBytes()).as("of a transaction, all rows").isCloseTo(plain, within(plain / 20));
        assertThat(facts(Fact.StatementUse.class))
                .allSatisfy(use -> assertThat(use.unknown()).isNull());
    }

    @Test
    void anIndexThatIsBuiltConcurrentlyIsCountedAndMeasured() throws Exception {
        observer.phaseBegan(Recording.Phase.MIGRATION);
        measured(1, "CREATE INDEX CONCURRENTLY big_note ON big (note)");
        long index = Long.parseLong(value(POSTGRES.superuser(), "SELECT pg_relation_size('big_note')"));
        awaitFact(fact -> fact instanceof Fact.TablesGrew);
        observer.finish();

        assertThat(facts(Fact.StatementCost.class))
                .singleElement()
                .satisfies(cost -> assertThat(cost.walBytes()).isCloseTo(index, within(index / 4)));
        assertThat(facts(Fact.TablesGrew.class).get(0).tables()).singleElement().satisfies(big -> {
            assertThat(big.table()).isEqualTo("big");
            assertThat(big.indexAfter() - big.indexBefore()).isEqualTo(index);
        });
    }

    @Test
    void checkpointsAreCountedAndTold() throws Exception {
        observer.phaseBegan(Recording.Phase.MIGRATION);
        awaitFact(fact ->
                fact instanceof Fact.ServerCounted counted && counted.moment().equals(Recording.Phase.MIGRATION));
        execute(POSTGRES.superuser(), "CHECKPOINT", "INSERT INTO copied SELECT * FROM big LIMIT 1", "CHECKPOINT");
        awaitFact(fact -> fact instanceof Fact.Happened happened
                && happened.kind().equals("checkpoint")
                && happened.text().startsWith("checkpoint complete"));
        observer.finish();

        List<Fact.ServerCounted> counted = facts(Fact.ServerCounted.class);
        assertThat(counted.get(counted.size() - 1).checkpointsForced()
                        - counted.get(counted.size() - 2).checkpointsForced())
                .isEqualTo(2);
        assertThat(facts(Fact.Happened.class))
                .filteredOn(happened -> happened.text().startsWith("checkpoint starting"))
                .hasSize(2);
    }

    @Test
    void anAutovacuumAtWorkIsSeenAndSoIsItsEndByTheMigration() throws Exception {
        execute(
                POSTGRES.app(),
                "ALTER TABLE big SET (autovacuum_enabled = on, autovacuum_vacuum_threshold = 0,"
                        + " autovacuum_vacuum_scale_factor = 0, autovacuum_analyze_threshold = 2000000000,"
                        + " autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)",
                "UPDATE big SET n = n + 1");
        awaitFact(fact -> fact instanceof Fact.DiskSampled);
        await(POSTGRES.superuser(), "SELECT count(*) FROM pg_stat_progress_vacuum WHERE relid = 'big'::regclass", "1");
        String sql = "ALTER TABLE big ADD COLUMN late integer";
        observer.phaseBegan(Recording.Phase.MIGRATION);
        measured(1, sql);
        awaitFact(fact -> fact instanceof Fact.Happened happened
                && happened.kind().equals("autovacuum")
                && happened.text().startsWith("cancelled: automatic vacuum of"));
        execute(migration, "ALTER TABLE big SET (autovacuum_enabled = off)");
        awaitFact(fact -> fact instanceof Fact.AutovacuumSeen);
        observer.finish();

        assertThat(facts(Fact.AutovacuumSeen.class)).anySatisfy(seen -> {
            assertThat(seen.table()).isEqualTo("big");
            assertThat(seen.what()).isEqualTo("vacuum");
            assertThat(seen.startNanos()).isLessThan(seen.lastNanos());
        });
    }

    private String explained(int index, String sql) throws SQLException {
        observer.statementStarted(index, 1, pid, sql);
        List<String> lines = new ArrayList<>();
        try (Statement statement = migration.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                lines.add(rows.getString(1));
            }
        }
        observer.statementEnded(index, 1, pid, false);
        awaitFact(fact -> fact instanceof Fact.StatementUse use && use.index() == index);
        return String.join("\n", lines);
    }

    private void measured(int index, String sql) throws SQLException {
        observer.statementStarted(index, 1, pid, sql);
        execute(migration, sql);
        observer.statementEnded(index, 1, pid, false);
        awaitFact(fact -> fact instanceof Fact.StatementUse use && use.index() == index);
    }

    private static Matcher found(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return matcher;
    }

    private static long written(Path io) throws IOException {
        return field(io, "write_bytes:");
    }

    private static long field(Path file, String name) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
    }

    private <F extends Fact> List<F> facts(Class<F> kind) {
        return facts.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private void awaitFact(Predicate<Fact> there) {
        long giveUp = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (facts.stream().noneMatch(there)) {
            assertThat(System.nanoTime()).as("no such fact within a minute").isLessThan(giveUp);
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }
}
