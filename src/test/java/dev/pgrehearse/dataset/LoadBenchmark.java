package dev.pgrehearse.dataset;

import static dev.pgrehearse.postgres.Queries.execute;
import static dev.pgrehearse.postgres.Queries.value;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.scenario.DatasetSpec;
import dev.pgrehearse.scenario.DatasetSpec.TableSpec;
import dev.pgrehearse.scenario.ValueSpec;
import dev.pgrehearse.scenario.ValueSpec.LengthDistribution;
import dev.pgrehearse.scenario.ValueSpec.Source;
import dev.pgrehearse.server.BenchmarkPage;
import dev.pgrehearse.server.ClientProgram;
import dev.pgrehearse.server.TestServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * How fast data are loaded, beside PostgreSQL's own programs on the same server: {@code mvn verify -Pbench}, a quarter of
 * an hour, 20 GB of disk and nothing else on the machine. The table goes to {@code target/benchmarks.md}, and with
 * {@code -Dpgrehearse.write.docs=true} to {@code docs/benchmarks.md}. Nothing is asserted of the times: a bar that is not
 * met is printed as not met.
 *
 * <p>{@code -Dpgrehearse.bench.shrink=100} divides all row counts, to try the benchmark itself.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Tag("alone")
class LoadBenchmark {
    private static final int SHRINK = Integer.getInteger("pgrehearse.bench.shrink", 1);
    private static final int ROUNDS = 5;
    private static final int BRANCHES = Math.max(1, 100 / SHRINK);
    private static final long ACCOUNTS = BRANCHES * 100_000L;
    private static final long ORDERS = 5_000_000L / SHRINK;
    private static final long[] HEAP_ROWS = {1_000_000L / SHRINK, 10_000_000L / SHRINK, 50_000_000L / SHRINK};
    private static final long SEED = 20_261_120;

    private static final String TITLE = "Loading, beside PostgreSQL's own programs";
    private static final List<String> LINES = new ArrayList<>();

    @RegisterExtension
    static final TestServer POSTGRES = TestServer.forLoading().with("shared_buffers", "1GB");

    @TempDir
    private Path folder;

    /** Something whose time is taken. */
    private interface Contender {
        void run() throws Exception;
    }

    /** A table of its own in a database of its own, and how we fill it. */
    private record Ours(ConnectionDetails admin, DatasetLoader loader, PreparedDataset prepared) {
        void load() throws SQLException, DatasetException, InterruptedException {
            loader.load(admin, prepared);
        }

        TablePlan table() {
            return prepared.tables().get(0);
        }
    }

    private Ours prepare(String table, String ddl, Map<String, Source> columns, long rows) throws Exception {
        ConnectionDetails admin = POSTGRES.newDatabase();
        Path schema = folder.resolve(admin.database() + ".sql");
        Files.writeString(schema, ddl);
        Map<String, ValueSpec> specs = new LinkedHashMap<>();
        columns.forEach((name, source) -> specs.put(name, new ValueSpec(source, name.equals("paid_at") ? 0.3 : 0)));
        DatasetSpec spec = new DatasetSpec(
                schema, Map.of(table, new TableSpec(specs)), Map.of(), "benchmark", DatasetSpec.CacheState.COLD);
        DatasetLoader loader = new DatasetLoader(Progress.SILENT);
        return new Ours(admin, loader, loader.prepare(admin, POSTGRES.app(admin), spec, Map.of(table, rows), SEED));
    }

    private Ours accounts(long rows) throws Exception {
        Map<String, Source> columns = new LinkedHashMap<>();
        columns.put("aid", new ValueSpec.Sequence(1, 1));
        columns.put("bid", new ValueSpec.IntegerRange(1, BRANCHES));
        columns.put("abalance", new ValueSpec.Constant("0"));
        columns.put("filler", new ValueSpec.Constant(""));
        return prepare(
                "pgbench_accounts",
                "create table pgbench_accounts (aid int not null, bid int, abalance int, filler char(84))"
                        + " with (fillfactor = 100);",
                columns,
                rows);
    }

    private Ours orders() throws Exception {
        Instant from = Instant.parse("2024-01-01T00:00:00Z");
        Instant to = Instant.parse("2026-01-01T00:00:00Z");
        Map<String, Double> statuses = new LinkedHashMap<>();
        statuses.put("paid", 80.0);
        statuses.put("open", 15.0);
        statuses.put("refunded", 5.0);
        Map<String, Source> columns = new LinkedHashMap<>();
        columns.put("id", new ValueSpec.Sequence(1, 1));
        columns.put("name", new ValueSpec.Faker("name.fullName", 10_000));
        columns.put("email", new ValueSpec.Faker("internet.emailAddress", 50_000));
        columns.put("created_at", new ValueSpec.Timestamp(from, to, true));
        columns.put("paid_at", new ValueSpec.Timestamp(from, to, false));
        columns.put("amount", new ValueSpec.DecimalRange(new BigDecimal("0.01"), new BigDecimal("9999.99"), 2));
        columns.put("quantity", new ValueSpec.IntegerRange(1, 20));
        columns.put("status", new ValueSpec.OneOf(statuses));
        columns.put("note", new ValueSpec.Text(20, 200, LengthDistribution.UNIFORM));
        return prepare("orders", """
                create table orders (
                  id bigint not null, name text not null, email text not null, created_at timestamptz not null,
                  paid_at timestamptz, amount numeric(12, 2) not null, quantity integer not null,
                  status text not null, note text not null);
                """, columns, ORDERS);
    }

    @Test
    @Order(1)
    void pgbenchAndWeFillTheSameTable() throws Exception {
        ClientProgram pgbench = ClientProgram.find("pgbench", folder, POSTGRES.superuser());
        ConnectionDetails theirs = POSTGRES.newDatabase();
        Ours ours = accounts(ACCOUNTS);
        Map<String, Contender> contenders = new LinkedHashMap<>();
        contenders.put(
                "`pgbench -i`, client-side",
                () -> pgbench.run(theirs, "-i", "-I", "dtg", "-q", "-s", Integer.toString(BRANCHES)));
        contenders.put("pgrehearse", ours::load);
        LINES.add(String.format(
                Locale.ROOT,
                "%n## %,d rows of `pgbench_accounts`%n%nBy %s, scale %d, steps `dtg`: neither side vacuums or makes the"
                        + " primary key. Both load in one transaction with FREEZE.%n",
                ACCOUNTS,
                pgbench.version(),
                BRANCHES));
        compare(contenders, ACCOUNTS, 1.0);

        for (ConnectionDetails side : List.of(theirs, ours.admin())) {
            assertThat(value(side, "select count(*), sum(aid), min(length(filler)) from pgbench_accounts"))
                    .isEqualTo(ACCOUNTS + "|" + ACCOUNTS * (ACCOUNTS + 1) / 2 + "|0");
        }
        assertThat(value(ours.admin(), "select pg_relation_size('pgbench_accounts')"))
                .isEqualTo(value(theirs, "select pg_relation_size('pgbench_accounts')"));
        drop(theirs, ours.admin());
    }

    @Test
    @Order(2)
    void psqlCopiesTheBytesThatWeMake() throws Exception {
        ClientProgram psql = ClientProgram.find("psql", folder, POSTGRES.superuser());
        Ours ours = orders();
        ConnectionDetails theirs = orders().admin();
        RowFormat format;
        try (Connection connection = ours.admin().open("benchmark")) {
            format = BinaryRows.formatOf(ours.table(), connection);
        }
        RowFormat text = new TextRows(ours.table());
        Path same = write(format, ours.table(), folder.resolve("orders.copy"));
        Path asText = write(text, ours.table(), folder.resolve("orders.txt"));
        Map<String, Contender> contenders = new LinkedHashMap<>();
        contenders.put("`\\copy` of the same bytes", () -> copy(psql, theirs, format, same));
        contenders.put("`\\copy` of the same rows as text", () -> copy(psql, theirs, text, asText));
        contenders.put("pgrehearse", ours::load);
        LINES.add(String.format(
                Locale.ROOT,
                "%n## %,d rows of nine columns%n%nA number, names, e-mails, two times, amounts, a quantity, a weighted"
                        + " status, text of 20 to 200 characters. By %s, from a file of %,d MB that holds exactly the bytes"
                        + " that we send (%s). All load in one transaction with FREEZE.%n",
                ORDERS,
                psql.version(),
                Files.size(same) >> 20,
                format.options()));
        compare(contenders, ORDERS, 0.9);

        copy(psql, theirs, format, same);
        String digest = "select count(*), sum(hashtextextended(orders::text, 0)) from orders";
        assertThat(value(ours.admin(), digest)).startsWith(ORDERS + "|").isEqualTo(value(theirs, digest));
        drop(theirs, ours.admin());
        Files.delete(same);
        Files.delete(asText);
    }

    private static void copy(ClientProgram psql, ConnectionDetails where, RowFormat format, Path file)
            throws IOException, InterruptedException {
        psql.run(
                where,
                "-X",
                "-q",
                "-1",
                "-v",
                "ON_ERROR_STOP=1",
                "-c",
                "truncate orders",
                "-c",
                "\\copy orders from '" + file + "' with (" + format.options() + ", freeze)");
    }

    private static Path write(RowFormat format, TablePlan table, Path file) throws Exception {
        ExecutorService makers = Executors.newFixedThreadPool(2);
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write(format.header());
            new RowBlocks(table, format, makers, 3).forEach((bytes, length, rowsDone) -> {
                try {
                    out.write(bytes, 0, length);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            out.write(format.trailer());
        } finally {
            makers.shutdownNow();
        }
        return file;
    }

    @Test
    @Order(3)
    void theHeapDoesNotGrowWithTheRows() throws Exception {
        LINES.add(String.format(
                Locale.ROOT,
                "%n## Heap%n%nThe benchmark's Java machine may use %,d MB in all. Largest use while loading"
                        + " `pgbench_accounts`, garbage included:%n%n| rows | largest heap | seconds |%n|---:|---:|---:|",
                Runtime.getRuntime().maxMemory() >> 20));
        for (long rows : HEAP_ROWS) {
            Ours ours = accounts(rows);
            System.gc();
            List<MemoryPoolMXBean> pools = ManagementFactory.getMemoryPoolMXBeans().stream()
                    .filter(pool -> pool.getType() == MemoryType.HEAP)
                    .toList();
            pools.forEach(MemoryPoolMXBean::resetPeakUsage);
            double seconds = seconds(ours::load);
            // Of pools that need not peak together: never less than the true figure.
            long peak = pools.stream()
                    .mapToLong(pool -> pool.getPeakUsage().getUsed())
                    .sum();
            LINES.add(String.format(Locale.ROOT, "| %,d | %,d MB | %.1f |", rows, peak >> 20, seconds));
            assertThat(value(ours.admin(), "select count(*) from pgbench_accounts"))
                    .isEqualTo(Long.toString(rows));
            drop(ours.admin());
        }
    }

    /**
     * Runs each once unmeasured, then in turns; prints medians.
     *
     * @param bar what the last one's rate divided by the first one's should reach
     */
    private static void compare(Map<String, Contender> contenders, long rows, double bar) throws Exception {
        List<String> names = List.copyOf(contenders.keySet());
        Map<String, List<Double>> times = new LinkedHashMap<>();
        for (String name : names) {
            times.put(name, new ArrayList<>());
            seconds(contenders.get(name));
        }
        List<String> turn = new ArrayList<>(names);
        for (int round = 0; round < ROUNDS; round++) {
            for (String name : turn) {
                times.get(name).add(seconds(contenders.get(name)));
            }
            Collections.rotate(turn, 1);
        }
        LINES.add("| | rows/s, median of " + ROUNDS + " | seconds, sorted |\n|---|---:|---|");
        times.forEach((name, seconds) -> {
            Collections.sort(seconds);
            LINES.add(String.format(
                    Locale.ROOT,
                    "| %s | %,.0f | %s |",
                    name,
                    rows / median(seconds),
                    String.join(
                            ", ",
                            seconds.stream()
                                    .map(each -> String.format(Locale.ROOT, "%.2f", each))
                                    .toList())));
        });
        double ours = median(times.get(names.get(names.size() - 1)));
        LINES.add("");
        for (int other = 0; other < names.size() - 1; other++) {
            double ratio = median(times.get(names.get(other))) / ours;
            LINES.add(String.format(Locale.ROOT, "pgrehearse makes %.2f × the rows of %s", ratio, names.get(other))
                    + (other > 0
                            ? "."
                            : String.format(
                                    Locale.ROOT,
                                    "; the bar is %.1f ×: **%s**.",
                                    bar,
                                    ratio >= bar ? "met" : "NOT met")));
        }
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }

    /** After a checkpoint: what another one left dirty is not charged to this one. */
    private static double seconds(Contender contender) throws Exception {
        execute(POSTGRES.superuser(), "checkpoint");
        long start = System.nanoTime();
        contender.run();
        return (System.nanoTime() - start) / 1e9;
    }

    private static void drop(ConnectionDetails... databases) throws SQLException {
        for (ConnectionDetails database : databases) {
            execute(POSTGRES.superuser(), "drop database " + database.database() + " with (force)", "checkpoint");
        }
    }

    @AfterAll
    static void print() throws IOException, SQLException {
        String page = String.format(
                        Locale.ROOT,
                        "Written by `mvn verify -Pbench"
                                + " -Dpgrehearse.write.docs=true` on %s: %d processors, Java %s, PostgreSQL %s (%s), with the"
                                + " settings under which datasets are loaded, and 1 GB of shared buffers. Each contender runs"
                                + " once unmeasured, then all in turns.%n",
                        LocalDate.now(ZoneOffset.UTC),
                        Runtime.getRuntime().availableProcessors(),
                        System.getProperty("java.version"),
                        value(POSTGRES.superuser(), "show server_version"),
                        System.getProperty("pgrehearse.test.image", "embedded"))
                + String.join("\n", LINES) + "\n";
        BenchmarkPage.write(TITLE, page, SHRINK == 1);
    }
}
