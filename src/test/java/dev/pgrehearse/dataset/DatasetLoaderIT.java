package dev.pgrehearse.dataset;

import static dev.pgrehearse.postgres.Queries.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import dev.pgrehearse.recording.Recording.TableFacts;
import dev.pgrehearse.scenario.DatasetSpec;
import dev.pgrehearse.scenario.DatasetSpec.TableSpec;
import dev.pgrehearse.scenario.ValueSpec;
import dev.pgrehearse.scenario.ValueSpec.Source;
import dev.pgrehearse.server.TestServer;
import dev.pgrehearse.values.ValueGenerator;
import java.math.BigDecimal;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class DatasetLoaderIT {
    private static final long SEED = 20_261_120;
    private static final String ODD = "Odd Names.It's \"the\" Table";
    private static final Map<String, Long> SHOP_ROWS =
            Map.of("customers", 2_000L, "orders", 20_000L, "order_items", 50_000L, ODD, 300L, "regions", 50L);

    @RegisterExtension
    static final TestServer POSTGRES = TestServer.forLoading().with("shared_buffers", "256MB");

    @TempDir
    private Path directory;

    private static DatasetSpec shop() throws URISyntaxException {
        URL schema = Objects.requireNonNull(DatasetLoaderIT.class.getResource("shop.sql"));
        Map<String, TableSpec> tables = new LinkedHashMap<>();
        tables.put(
                "customers",
                columns(Map.of(
                        "email", plain(new ValueSpec.Faker("internet.emailAddress", 2_000)),
                        "name", new ValueSpec(new ValueSpec.Faker("name.fullName", 500), 0.25),
                        "currency", plain(new ValueSpec.OneOf(Map.of("EUR", 3.0, "USD", 1.0))))));
        tables.put(
                "orders",
                columns(Map.of(
                        "customer_id", plain(new ValueSpec.Reference("customers", "id", 1.0)),
                        "status", plain(new ValueSpec.OneOf(Map.of("paid", 80.0, "open", 15.0, "lost", 5.0))),
                        "total_cents", plain(new ValueSpec.IntegerRange(1, 100_000)),
                        "created_at", plain(ascending()),
                        "note", new ValueSpec(new ValueSpec.Text(0, 40, ValueSpec.LengthDistribution.SHORT), 0.5))));
        tables.put(
                "public.order_items",
                columns(Map.of(
                        "line", plain(new ValueSpec.IntegerRange(1, 5)),
                        "sku", plain(new ValueSpec.RandomUuid()),
                        "price", plain(new ValueSpec.DecimalRange(new BigDecimal("-5"), new BigDecimal("99.99"), 2)))));
        tables.put(ODD, columns(Map.of("select", plain(new ValueSpec.Constant("tab\t, \\N, \\. and\nline")))));
        tables.put("regions", columns(Map.of("name", plain(new ValueSpec.Faker("address.city", 20)))));
        return new DatasetSpec(
                Path.of(schema.toURI()),
                tables,
                Map.of("production", SHOP_ROWS),
                "production",
                DatasetSpec.CacheState.WARM);
    }

    private static Source ascending() {
        return new ValueSpec.Timestamp(
                Instant.parse("2024-01-01T00:00:00Z"), Instant.parse("2026-01-01T00:00:00Z"), true);
    }

    @Test
    void everyRowIsWhatItsGeneratorsSayAndTheSchemaIsAsItWas() throws Exception {
        ConnectionDetails admin = POSTGRES.newDatabase();
        ConnectionDetails app = POSTGRES.app(admin);
        DatasetLoader loader = new DatasetLoader(Progress.SILENT);
        PreparedDataset prepared = loader.prepare(admin, app, shop(), SHOP_ROWS, SEED);
        List<String> before = structure(admin);
        assertThat(rows(admin, "select rolsuper from pg_roles where rolname = 'app'"))
                .containsExactly("f");

        LoadedDataset loaded = loader.load(admin, prepared);

        assertThat(structure(admin)).isEqualTo(before);
        assertThat(rows(
                        admin,
                        "select distinct pg_get_userbyid(c.relowner) from pg_class c join pg_namespace n"
                                + " on n.oid = c.relnamespace where n.nspname in ('public', 'Odd Names')"))
                .containsExactly("app");
        for (TablePlan table : prepared.tables()) {
            assertRowsAreGenerated(admin, table);
        }
        assertThat(loaded.tables())
                .extracting(TableFacts::name)
                .containsExactlyInAnyOrderElementsOf(SHOP_ROWS.keySet());
        assertThat(loaded.tables()).allSatisfy(table -> {
            assertThat(table.rows()).isEqualTo(SHOP_ROWS.get(table.name()));
            assertThat(table.heapBytes()).isPositive();
            assertThat(table.indexBytes()).isPositive();
        });
        assertThat(rows(admin, "select count(*) from currencies")).containsExactly("2");
        assertThat(rows(admin, "select answer('x'), shout('a')")).containsExactly("42|A?;");

        // Sequences are past the rows: the next insert takes the next number.
        assertThat(rows(app, "insert into customers (email, currency) values ('new', 'EUR') returning id"))
                .containsExactly("2001");
        assertThat(rows(
                        app,
                        "insert into orders (customer_id, status, total_cents, created_at)"
                                + " values (1, 'open', 250, now()) returning id, total"))
                .containsExactly("20001|2.50");
    }

    /** Compares in SQL, through the column's own input function: the text's form may differ, the value may not. */
    private static void assertRowsAreGenerated(ConnectionDetails admin, TablePlan table) throws SQLException {
        // Heap order is row order after a load by one COPY.
        try (Connection connection = admin.open("test");
                Statement statement = connection.createStatement()) {
            statement.execute("set timezone = 'UTC'");
            StringBuilder columns = new StringBuilder();
            for (ColumnPlan column : table.columns()) {
                String type = column.column().type();
                columns.append(columns.isEmpty() ? "" : ", ")
                        .append(
                                type.startsWith("timestamp")
                                        ? "to_char(" + Quoted.identifier(column.name())
                                                + ", 'YYYY-MM-DD HH24:MI:SS.US+00')"
                                        : Quoted.identifier(column.name()) + "::text");
            }
            long rows = 0;
            try (ResultSet row = statement.executeQuery(
                    "select " + columns + " from " + table.table().sqlName() + " order by ctid")) {
                while (row.next()) {
                    for (int index = 0; index < table.columns().size(); index++) {
                        ColumnPlan column = table.columns().get(index);
                        assertThat(row.getString(index + 1))
                                .as("%s.%s row %d", table.name(), column.name(), rows)
                                .isEqualTo(column.values().textAt(rows));
                    }
                    rows++;
                }
            }
            assertThat(rows).isEqualTo(table.rows());
        }
    }

    @Test
    void referencesAreSkewedAsAskedAndKeysAreKnownWithoutReading() throws Exception {
        ConnectionDetails admin = POSTGRES.newDatabase();
        DatasetLoader loader = new DatasetLoader(Progress.SILENT);
        PreparedDataset prepared = loader.prepare(admin, POSTGRES.app(admin), shop(), SHOP_ROWS, SEED);
        loader.load(admin, prepared);

        double hottest = Double.parseDouble(
                rows(admin, "select max(n) from (select count(*) n from orders group by customer_id) s")
                        .get(0));
        double norm = 0;
        for (int rank = 1; rank <= 2000; rank++) {
            norm += 1.0 / rank;
        }
        double expected = 20_000 / norm;
        assertThat(hottest).isCloseTo(expected, within(4 * Math.sqrt(expected * (1 - 1 / norm))));

        // order_items is unique by order and line; no weight is lost there, and no dictionary is short.
        assertThat(prepared.notices()).isEmpty();
        PreparedDataset again = loader.describe(admin, POSTGRES.app(admin), shop(), SHOP_ROWS, SEED);
        assertThat(again.keys().rows("orders")).isEqualTo(20_000);
        assertThat(again.keys().keyAt("public.order_items", "order_id", 77))
                .isEqualTo(rows(admin, "select order_id from order_items order by ctid offset 77 limit 1")
                        .get(0));
        ValueGenerator emails = again.keys().generatorOf("customers", "email");
        assertThat(emails.textAt(1999))
                .isEqualTo(rows(admin, "select email from customers where id = 2000")
                        .get(0));
    }

    @Test
    void settledTablesAreAllVisibleAndWarm() throws Exception {
        ConnectionDetails admin = POSTGRES.newDatabase();
        DatasetLoader loader = new DatasetLoader(Progress.SILENT);
        PreparedDataset prepared = loader.prepare(admin, POSTGRES.app(admin), shop(), SHOP_ROWS, SEED);
        loader.load(admin, prepared);

        List<TableFacts> measured = loader.settle(admin, prepared);
        CacheState caches = loader.warm(admin, prepared, DatasetSpec.CacheState.WARM);

        assertThat(rows(
                        admin,
                        "select distinct relallvisible = relpages, n_live_tup > 0 from pg_class c"
                                + " join pg_stat_user_tables s on s.relid = c.oid where relpages > 0"))
                .containsExactly("t|t");
        assertThat(measured).hasSize(5);
        assertThat(caches.method()).isEqualTo(CacheState.Method.PREWARMED);
        assertThat(caches.shareByTable())
                .containsOnlyKeys(SHOP_ROWS.keySet())
                .allSatisfy((table, share) -> assertThat(share).as(table).isEqualTo(1.0));
        assertThat(rows(admin, "select extname from pg_extension")).containsExactly("plpgsql");
    }

    @Test
    void theCopyStreamIsTheSameForAnyThreadsAndBlocks() throws Exception {
        ConnectionDetails admin = POSTGRES.newDatabase();
        PreparedDataset prepared =
                new DatasetLoader(Progress.SILENT).prepare(admin, POSTGRES.app(admin), shop(), SHOP_ROWS, SEED);
        for (TablePlan table : prepared.tables()) {
            String expected = digest(table, 1, 1_000_000);
            assertThat(digest(table, 2, 7)).isEqualTo(expected);
            assertThat(digest(table, 8, 1024)).isEqualTo(expected);
            assertThat(digest(table, 8, 1)).isEqualTo(expected);
        }
    }

    private static String digest(TablePlan table, int threads, int rowsPerBlock)
            throws SQLException, InterruptedException {
        MessageDigest digest = DigestUtils.getSha256Digest();
        ExecutorService makers = Executors.newFixedThreadPool(threads);
        try {
            new RowBlocks(table, new TextRows(table), Shard.WHOLE, makers, threads + 1, rowsPerBlock)
                    .forEach((bytes, length, rowsDone) -> digest.update(bytes, 0, length));
        } finally {
            makers.shutdownNow();
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    @Test
    void everyMistakeIsToldAtOnce() throws Exception {
        Path schema = directory.resolve("schema.sql");
        Files.writeString(schema, """
                create table parents (id int primary key);
                create table wrong (
                  id int primary key,
                  parent_id int not null references parents,
                  few text not null unique,
                  filled text not null,
                  number int,
                  short varchar(3),
                  twice int generated always as (number * 2) stored,
                  small smallint
                );
                create table checked (id int primary key, amount int check (amount > 0));
                create table full_already (id int primary key);
                insert into full_already values (7);
                create view seen as select * from wrong;
                """);
        Map<String, TableSpec> tables = new LinkedHashMap<>();
        tables.put(
                "wrong",
                columns(Map.of(
                        "few", plain(new ValueSpec.OneOf(Map.of("a", 1.0, "b", 1.0))),
                        "twice", plain(new ValueSpec.Constant("1")),
                        "nubmer", plain(new ValueSpec.Constant("1")),
                        "id", new ValueSpec(new ValueSpec.Sequence(1, 1), 0.5))));
        tables.put("wrnog", columns(Map.of()));
        DatasetSpec spec = new DatasetSpec(schema, tables, Map.of(), "x", DatasetSpec.CacheState.COLD);
        ConnectionDetails admin = POSTGRES.newDatabase();

        DatasetMistakes mistakes = catchThrowableOfType(
                DatasetMistakes.class,
                () -> new DatasetLoader(Progress.SILENT)
                        .prepare(
                                admin,
                                POSTGRES.app(admin),
                                spec,
                                Map.of("wrong", 10L, "seen", 1L, "nowhere", 1L),
                                SEED));

        assertThat(mistakes.mistakes())
                .extracting(mistake -> mistake.table() + "." + mistake.column())
                .containsExactlyInAnyOrder(
                        "wrong.parent_id", // refers to an empty table
                        "wrong.parent_id", // and has no key to refer to
                        "wrong.few",
                        "wrong.filled",
                        "wrong.twice",
                        "wrong.nubmer",
                        "wrong.id",
                        "wrnog.null",
                        "seen.null",
                        "nowhere.null");
        assertThat(mistakes).hasMessageContaining("'number'?").hasMessageContaining("2 different values for 10 rows");

        tables.clear();
        tables.put(
                "wrong",
                columns(Map.of(
                        "few", plain(new ValueSpec.RandomUuid()),
                        "filled", plain(new ValueSpec.Constant("x")),
                        "number", plain(new ValueSpec.OneOf(Map.of("1", 1.0, "one", 1.0))),
                        "short", plain(new ValueSpec.Constant("long")),
                        "small", plain(new ValueSpec.Sequence(1, 1)))));
        tables.put("checked", columns(Map.of("amount", plain(new ValueSpec.IntegerRange(0, 2)))));
        ConnectionDetails second = POSTGRES.newDatabase();
        DatasetMistakes refused = catchThrowableOfType(
                DatasetMistakes.class,
                () -> new DatasetLoader(Progress.SILENT)
                        .prepare(
                                second,
                                POSTGRES.app(second),
                                spec,
                                Map.of("wrong", 40_000L, "parents", 5L, "checked", 100L, "full_already", 5L),
                                SEED));
        assertThat(refused.mistakes())
                .extracting(mistake -> mistake.table() + "." + mistake.column())
                .containsExactlyInAnyOrder(
                        "wrong.number", "wrong.short", "wrong.small", "checked.null", "full_already.null");
        assertThat(refused).hasMessageContaining("checked_amount_check").hasMessageContaining("varying(3)");
    }

    @Test
    void aRefusedSchemaIsToldWithLineAndColumn() throws Exception {
        Path schema = directory.resolve("schema.sql");
        Files.writeString(schema, "create table a (id int); -- ü🐘\n\n/*🐘*/ create tabel b ();\n");
        DatasetSpec spec = new DatasetSpec(schema, Map.of(), Map.of(), "x", DatasetSpec.CacheState.COLD);
        ConnectionDetails admin = POSTGRES.newDatabase();
        assertThatThrownBy(() ->
                        new DatasetLoader(Progress.SILENT).prepare(admin, POSTGRES.app(admin), spec, Map.of(), SEED))
                .isInstanceOf(DatasetMistakes.class)
                .hasMessageContaining("schema.sql:3:14: syntax error at or near \"tabel\"");
        assertThat(rows(admin, "select rolsuper from pg_roles where rolname = 'app'"))
                .containsExactly("f");
        assertThat(rows(admin, "select to_regclass('a') is null")).containsExactly("t");
    }

    @Test
    void interruptingStopsTheLoadAndLeavesNoSession() throws Exception {
        ConnectionDetails admin = POSTGRES.newDatabase();
        interruptAt(admin, 500_000_000L, ProgressEvent.Kind.ADVANCED, "loading events");
    }

    @Test
    void interruptingStopsAnIndexBuildToo() throws Exception {
        ConnectionDetails admin = POSTGRES.newDatabase();
        interruptAt(admin, 2_000_000L, ProgressEvent.Kind.STARTED, "building events_pkey");
    }

    private void interruptAt(ConnectionDetails admin, long count, ProgressEvent.Kind kind, String task)
            throws Exception {
        Map<String, Long> rows = Map.of("events", count);
        Path schema = directory.resolve("schema.sql");
        Files.writeString(schema, "create table events (id bigint primary key, kind int);");
        DatasetSpec spec = new DatasetSpec(
                schema,
                Map.of("events", columns(Map.of("kind", plain(new ValueSpec.IntegerRange(1, 9))))),
                Map.of(),
                "x",
                DatasetSpec.CacheState.COLD);
        CountDownLatch loading = new CountDownLatch(1);
        DatasetLoader loader = new DatasetLoader(event -> {
            if (event.kind() == kind && event.task().equals(task)) {
                loading.countDown();
            }
        });
        PreparedDataset prepared = loader.prepare(admin, POSTGRES.app(admin), spec, rows, SEED);
        AtomicReference<Throwable> end = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            try {
                loader.load(admin, prepared);
            } catch (SQLException | DatasetException | InterruptedException stopped) {
                end.set(stopped);
            }
        });
        thread.start();
        loading.await();
        thread.interrupt();
        thread.join();
        assertThat(end.get()).isInstanceOf(InterruptedException.class);
        assertThat(rows(admin, "select count(*) from pg_stat_progress_copy")).containsExactly("0");
        // The client has closed; its backend is gone a moment later.
        Queries.await(admin, "select count(*) from pg_stat_activity where application_name like 'pgrehearse%'", "0");
    }

    @Test
    void whatAUniqueKeyOrAProviderOverrulesIsNoticed() throws Exception {
        Path schema = directory.resolve("schema.sql");
        Files.writeString(schema, "create table t (kind text, n int, digit text, unique (kind, n));");
        DatasetSpec spec = new DatasetSpec(
                schema,
                Map.of(
                        "t",
                        columns(Map.of(
                                "kind", plain(new ValueSpec.OneOf(Map.of("a", 9.0, "b", 1.0))),
                                "n", plain(new ValueSpec.IntegerRange(1, 500)),
                                "digit", plain(new ValueSpec.Faker("#{numerify '#'}", 100))))),
                Map.of(),
                "x",
                DatasetSpec.CacheState.COLD);
        ConnectionDetails admin = POSTGRES.newDatabase();
        DatasetLoader loader = new DatasetLoader(Progress.SILENT);
        PreparedDataset prepared = loader.prepare(admin, POSTGRES.app(admin), spec, Map.of("t", 1000L), SEED);
        assertThat(prepared.notices())
                .containsExactlyInAnyOrder(
                        "t.kind: its weights or skew give way to the unique key t_kind_n_key: every value is as likely",
                        "t.digit: '#{numerify '#'}' has 10 different values, not 100");
        // As many rows as combinations: only a draw without repetition can load them.
        loader.load(admin, prepared);
        assertThat(rows(admin, "select count(*), count(distinct (kind, n)) from t"))
                .containsExactly("1000|1000");
    }

    @Test
    void rowsThatAForeignKeyRefusesFailTheLoadAndSayWhichKey() throws Exception {
        Path schema = directory.resolve("schema.sql");
        Files.writeString(schema, """
                create table parents (id int primary key);
                create table children (id int primary key, parent_id int constraint born_of references parents);
                """);
        DatasetSpec spec = new DatasetSpec(
                schema,
                Map.of("children", columns(Map.of("parent_id", plain(new ValueSpec.IntegerRange(1, 20))))),
                Map.of(),
                "x",
                DatasetSpec.CacheState.COLD);
        ConnectionDetails admin = POSTGRES.newDatabase();
        DatasetLoader loader = new DatasetLoader(Progress.SILENT);
        PreparedDataset prepared =
                loader.prepare(admin, POSTGRES.app(admin), spec, Map.of("parents", 10L, "children", 1000L), SEED);
        assertThatThrownBy(() -> loader.load(admin, prepared))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("born_of")
                .hasMessageContaining("half loaded");
    }

    @Test
    void aMillionOrders() throws Exception {
        ConnectionDetails admin = POSTGRES.newDatabase();
        long count = 1_000_000;
        Path schema = directory.resolve("schema.sql");
        Files.writeString(schema, """
                create table orders (
                  id bigint primary key,
                  email text not null,
                  status text not null,
                  total_cents integer not null,
                  created_at timestamptz not null
                );
                create index orders_email on orders (email);
                """);
        DatasetSpec spec = new DatasetSpec(
                schema,
                Map.of(
                        "orders",
                        columns(Map.of(
                                "email", plain(new ValueSpec.Faker("internet.emailAddress", 10_000)),
                                "status", plain(new ValueSpec.OneOf(Map.of("paid", 80.0, "open", 20.0))),
                                "total_cents", plain(new ValueSpec.IntegerRange(1, 100_000)),
                                "created_at", plain(ascending())))),
                Map.of(),
                "x",
                DatasetSpec.CacheState.WARM);
        Map<String, Long> copied = new LinkedHashMap<>();
        DatasetLoader loader = new DatasetLoader(
                event -> copied.merge(event.kind() + " " + event.task(), System.nanoTime(), (first, last) -> last));
        long start = System.nanoTime();
        PreparedDataset prepared = loader.prepare(admin, POSTGRES.app(admin), spec, Map.of("orders", count), SEED);
        long preparedAt = System.nanoTime();
        String walBefore = rows(admin, "select pg_current_wal_insert_lsn()").get(0);
        LoadedDataset loaded = loader.load(admin, prepared);
        long generated = System.nanoTime();
        long walBytes = Long.parseLong(rows(admin, "select pg_current_wal_insert_lsn() - '" + walBefore + "'")
                .get(0));
        // With wal_level=minimal the rows and the indexes go past the WAL; the catalogue's changes do not.
        assertThat(walBytes).isLessThan(loaded.tables().get(0).heapBytes() / 20);
        digest(prepared.tables().get(0), 1, 4096);
        long oneThread = System.nanoTime() - generated;
        double copySeconds = (copied.get("FINISHED loading orders") - copied.get("STARTED loading orders")) / 1e9;
        System.out.printf(
                "a million orders: prepare %.2f s, COPY %.2f s (%.0f rows/s), load in all %.2f s;"
                        + " generating alone, one thread: %.0f rows/s; largest heap %d MB%n",
                (preparedAt - start) / 1e9,
                copySeconds,
                count / copySeconds,
                loaded.seconds(),
                count / (oneThread / 1e9),
                Runtime.getRuntime().maxMemory() >> 20);
        assertThat(rows(admin, "select count(*), count(distinct email), min(id), max(id) from orders"))
                .containsExactly("1000000|10000|1|1000000");

        long bytes = Long.parseLong(rows(
                        admin,
                        "select sum(pg_database_size(datname)) from pg_database where datname in" + " ('"
                                + admin.database() + "', 'template0', 'template1')")
                .get(0));
        assertThat(DiskEstimate.bytesFor(spec, Map.of("orders", count))).isBetween(bytes, 2 * bytes);
    }

    /** Every index, constraint, comment, cluster mark, and owner, as PostgreSQL writes them. */
    private static List<String> structure(ConnectionDetails admin) throws SQLException {
        List<String> structure = new ArrayList<>();
        structure.addAll(rows(
                admin,
                "select pg_get_indexdef(i.indexrelid), i.indisclustered, i.indisvalid, i.indisprimary,"
                        + " pg_get_userbyid(c.relowner), obj_description(i.indexrelid, 'pg_class')"
                        + " from pg_index i join pg_class c on c.oid = i.indexrelid"
                        + " join pg_namespace n on n.oid = c.relnamespace"
                        + " where n.nspname in ('public', 'Odd Names') order by 1"));
        structure.addAll(rows(
                admin,
                "select conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated, condeferrable,"
                        + " obj_description(oid, 'pg_constraint') from pg_constraint where conrelid <> 0"
                        + " order by conrelid::regclass::text, conname"));
        structure.addAll(rows(
                admin,
                "select tgrelid::regclass, tgconstraint <> 0, tgenabled, count(*) from pg_trigger group by 1, 2, 3"
                        + " order by 1, 2, 3"));
        assertThat(structure).isNotEmpty();
        return structure;
    }

    private static TableSpec columns(Map<String, ValueSpec> columns) {
        return new TableSpec(columns);
    }

    private static ValueSpec plain(Source source) {
        return new ValueSpec(source, 0);
    }
}
