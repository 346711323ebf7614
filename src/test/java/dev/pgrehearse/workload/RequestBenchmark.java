package dev.pgrehearse.workload;

import static dev.pgrehearse.postgres.Queries.execute;
import static dev.pgrehearse.postgres.Queries.value;

import com.sun.management.OperatingSystemMXBean;
import dev.pgrehearse.app.AppDatabase;
import dev.pgrehearse.app.Deployment;
import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.RequestLog;
import dev.pgrehearse.scenario.AppSpec;
import dev.pgrehearse.scenario.TrafficSpec;
import dev.pgrehearse.scenario.ValueSpec;
import dev.pgrehearse.scenario.WorkloadSpec;
import dev.pgrehearse.scenario.WorkloadSpec.Arrivals;
import dev.pgrehearse.server.BenchmarkPage;
import dev.pgrehearse.server.ClientProgram;
import dev.pgrehearse.server.TestServer;
import dev.pgrehearse.values.Keys;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the load costs, beside pgbench on the same server: {@code mvn verify -Pbench}. Slices of both in turns, so that what
 * the machine does meanwhile meets both; compared are medians of the ratios of neighbours. Nothing is asserted of them: a bar that
 * is not met is printed as not met. {@link BenchmarkPage} says where the page goes.
 *
 * <p>{@code -Dpgrehearse.bench.seconds=2} makes slices shorter, to try the benchmark itself.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Tag("alone")
class RequestBenchmark {
    private static final String TITLE = "Requests, beside pgbench";
    private static final int USUAL_SECONDS = 10;
    private static final int SECONDS = Integer.getInteger("pgrehearse.bench.seconds", USUAL_SECONDS);
    private static final int ROUNDS = 5;
    /** Small: what a new session pays for its first sight of each page of shared memory is soon paid then. */
    private static final int SCALE = 1;

    private static final int CLIENTS = 8;
    private static final double THROUGHPUT_BAR = 0.9;
    private static final double LAG_BAR = 2;

    private static final Pattern TRANSACTIONS = Pattern.compile("number of transactions actually processed: ([0-9]+)");
    private static final Pattern PER_SECOND = Pattern.compile("tps = ([0-9.]+)");

    private static final WorkloadSpec.Operation SELECT = new WorkloadSpec.Operation(
            "select",
            1,
            List.of(new WorkloadSpec.Statement("SELECT abalance FROM pgbench_accounts WHERE aid = :aid")),
            Map.of("aid", new ValueSpec(new ValueSpec.IntegerRange(1, SCALE * 100_000L), 0)));

    private static final List<String> LINES = new ArrayList<>();

    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick().with("shared_buffers", "512MB");

    @TempDir
    static Path folder;

    private static ClientProgram pgbench;

    /** What one slice came to. */
    private record Slice(double perSecond, double clientCpuPerThousand, double serverCpuPerThousand) {}

    /** One slice of an open loop: 99th percentiles in microseconds. */
    private record Lag(double schedule, double begun) {}

    /** A slice, ours or pgbench's. */
    private interface Contender<T> {
        T run() throws Exception;
    }

    /** Neighbours in time. */
    private record Pair<T>(T theirs, T ours) {}

    @BeforeAll
    static void fill() throws Exception {
        pgbench = ClientProgram.find("pgbench", folder, POSTGRES.superuser());
        pgbench.run(POSTGRES.superuser(), "-i", "-q", "-s", Integer.toString(SCALE));
        execute(POSTGRES.superuser(), "grant select on pgbench_accounts to app", "checkpoint");
        LINES.add(String.format(
                Locale.ROOT,
                "%s; %,d rows, all in shared buffers; %d slices of %d s of each, in turns.",
                pgbench.version(),
                SCALE * 100_000,
                ROUNDS,
                SECONDS));
    }

    @Test
    @Order(1)
    void aClosedLoopOfEightClients() throws Exception {
        // Compilers at work are no part of a rehearsal's baseline either.
        Slice unused = ours();
        List<Pair<Slice>> pairs = inTurns(RequestBenchmark::theirs, RequestBenchmark::ours);
        LINES.add(String.format(
                Locale.ROOT,
                "%n## Closed loop, %d clients, one SELECT by primary key%n%n`pgbench -S -M prepared -c %d -j 2` against"
                        + " the application's own path: accept queue, %d workers, HikariCP, prepared statement, request"
                        + " log, histogram.%n%n| medians of %d | per second | CPU ms per 1000 requests, client | server"
                        + " |%n|---|---:|---:|---:|",
                CLIENTS,
                CLIENTS,
                CLIENTS,
                ROUNDS));
        LINES.add(row("pgbench", pairs, Pair::theirs));
        LINES.add(row("pgrehearse", pairs, Pair::ours));
        double ratio =
                median(pairs, pair -> pair.ours().perSecond() / pair.theirs().perSecond());
        LINES.add(String.format(
                Locale.ROOT,
                "%npgrehearse reaches %.2f × pgbench's transactions per second (slices: %s); the bar is %.2f ×: **%s**.",
                ratio,
                sorted(pairs, pair -> pair.ours().perSecond() / pair.theirs().perSecond(), "%.2f"),
                THROUGHPUT_BAR,
                ratio >= THROUGHPUT_BAR ? "met" : "NOT met"));
    }

    private static String row(String name, List<Pair<Slice>> pairs, Function<Pair<Slice>, Slice> side) {
        return String.format(
                Locale.ROOT,
                "| %s | %,.0f | %.1f | %.1f |",
                name,
                median(pairs, pair -> side.apply(pair).perSecond()),
                median(pairs, pair -> side.apply(pair).clientCpuPerThousand() * 1_000),
                median(pairs, pair -> side.apply(pair).serverCpuPerThousand() * 1_000));
    }

    private static Slice theirs() throws Exception {
        double serverBefore = serverCpuSeconds();
        ClientProgram.Timed run = pgbench.runTimed(
                POSTGRES.superuser(),
                "-n",
                "-S",
                "-M",
                "prepared",
                "-c",
                Integer.toString(CLIENTS),
                "-j",
                "2",
                "-T",
                Integer.toString(SECONDS));
        double thousands = number(TRANSACTIONS, run.output()) / 1_000;
        return new Slice(
                number(PER_SECOND, run.output()),
                run.cpuSeconds() / thousands,
                (serverCpuSeconds() - serverBefore) / thousands);
    }

    /** In new sessions, as pgbench's are, too. */
    private static Slice ours() throws Exception {
        try (ClosedLoop loop =
                new ClosedLoop(CLIENTS, SELECT, POSTGRES.app(), Files.createTempDirectory(folder, "closed"))) {
            double serverBefore = serverCpuSeconds();
            double before = ourCpuSeconds();
            long start = System.nanoTime();
            double requests = loop.run(Duration.ofSeconds(SECONDS));
            double seconds = (System.nanoTime() - start) / 1e9;
            return new Slice(
                    requests / seconds,
                    (ourCpuSeconds() - before) / requests * 1_000,
                    (serverCpuSeconds() - serverBefore) / requests * 1_000);
        }
    }

    @Test
    @Order(2)
    void openLoops() throws Exception {
        LINES.add(String.format(
                Locale.ROOT,
                "%n## Open loop: how late requests are offered%n%n99th percentiles, medians of %d. pgbench's is the"
                        + " `schedule_lag` of its log (`-R rate -c %d -j 2`): from the scheduled time until a client sent the"
                        + " transaction. Ours until the request was offered, and until one of %d workers had it.%n%n| rate |"
                        + " pgbench, schedule lag | pgrehearse, schedule lag | until a worker has it | ratio of lags |"
                        + " |%n|---:|---:|---:|---:|---:|---|",
                ROUNDS,
                CLIENTS,
                200));
        for (int rate : new int[] {500, 2_000, 5_000}) {
            Lag unused = ours(rate);
            List<Pair<Lag>> pairs = inTurns(() -> theirs(rate), () -> ours(rate));
            double ratio =
                    median(pairs, pair -> pair.ours().schedule() / pair.theirs().schedule());
            LINES.add(String.format(
                    Locale.ROOT,
                    "| %,d/s | %,.0f µs | %,.0f µs | %,.0f µs | %.2f | the bar is %.0f ×: **%s** |",
                    rate,
                    median(pairs, pair -> pair.theirs().schedule()),
                    median(pairs, pair -> pair.ours().schedule()),
                    median(pairs, pair -> pair.ours().begun()),
                    ratio,
                    LAG_BAR,
                    ratio <= LAG_BAR ? "met" : "NOT met"));
        }
    }

    private static Lag theirs(int rate) throws Exception {
        Path logs = Files.createTempDirectory(folder, "pgbench");
        pgbench.run(
                POSTGRES.superuser(),
                "-n",
                "-S",
                "-M",
                "prepared",
                "-c",
                Integer.toString(CLIENTS),
                "-j",
                "2",
                "-T",
                Integer.toString(SECONDS),
                "-R",
                Integer.toString(rate),
                "--log",
                "--log-prefix=" + logs.resolve("log"));
        List<Double> lags = new ArrayList<>();
        try (Stream<Path> files = Files.list(logs)) {
            for (Path file : files.toList()) {
                // client_id transaction_no time script_no time_epoch time_us schedule_lag
                Files.readAllLines(file).forEach(line -> lags.add(Double.valueOf(line.split(" ", -1)[6])));
            }
        }
        double p99 = p99(lags);
        return new Lag(p99, p99);
    }

    /** A load as a rehearsal has it. */
    private static Load load(AppSpec app, WorkloadSpec workload, RequestLog log) {
        RehearsalClock clock = RehearsalClock.start();
        Deployment deployment =
                new Deployment(app, new AppDatabase(POSTGRES.app()), clock, new Sessions(), fact -> {}, broken -> {});
        return new Load(app, deployment, workload, declared(workload, 1), 1, clock, log);
    }

    private static Lag ours(int rate) throws Exception {
        Path own = Files.createTempDirectory(folder, "open");
        AppSpec app = AppSpec.plain(
                1, 200, 100_000, Duration.ofSeconds(30), Map.of("maximumPoolSize", Integer.toString(CLIENTS)));
        WorkloadSpec workload = new WorkloadSpec(TrafficSpec.constant(rate), Arrivals.POISSON, List.of(SELECT));
        double schedule;
        try (RequestLog log = RequestLog.create(own);
                Load load = load(app, workload, log)) {
            load.start();
            TimeUnit.SECONDS.sleep(SECONDS);
            load.stop();
            schedule = load.lag().p99Micros();
        }
        List<Double> begun = new ArrayList<>();
        RequestLog.read(own, entry -> {
            if (entry.outcome() != Outcome.OK) {
                throw new IllegalStateException("a request ended with " + entry.outcome());
            }
            begun.add((entry.dequeued() - entry.intended()) / 1e3);
        });
        return new Lag(schedule, p99(begun));
    }

    @Test
    @Order(3)
    void idleWorkersOfEightInstances() throws Exception {
        long threadsBefore = ManagementFactory.getThreadMXBean().getThreadCount();
        long residentBefore = residentBytes();
        Path own = Files.createDirectories(folder.resolve("idle"));
        AppSpec app = AppSpec.plain(8, 200, 100, Duration.ofSeconds(30), Map.of("maximumPoolSize", "10"));
        WorkloadSpec workload = new WorkloadSpec(TrafficSpec.constant(1), Arrivals.POISSON, List.of(SELECT));
        try (RequestLog log = RequestLog.create(own);
                Load load = load(app, workload, log)) {
            load.start();
            TimeUnit.SECONDS.sleep(2);
            double before = ourCpuSeconds();
            TimeUnit.SECONDS.sleep(SECONDS);
            LINES.add(String.format(
                    Locale.ROOT,
                    "%n## 200 workers of each of 8 instances, idle%n%n%,d threads more, %,d MB of resident memory more,"
                            + " %.1f %% of one processor (with a request per second, and 80 idle connections).",
                    ManagementFactory.getThreadMXBean().getThreadCount() - threadsBefore,
                    Math.max(0, residentBytes() - residentBefore) >> 20,
                    100 * (ourCpuSeconds() - before) / SECONDS));
            load.stop();
        }
    }

    private static <T> List<Pair<T>> inTurns(Contender<T> theirs, Contender<T> ours) throws Exception {
        List<Pair<T>> pairs = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            // Who comes first has no advantage.
            if (round % 2 == 0) {
                T first = theirs.run();
                pairs.add(new Pair<>(first, ours.run()));
            } else {
                T first = ours.run();
                pairs.add(new Pair<>(theirs.run(), first));
            }
        }
        return pairs;
    }

    private static <T> double median(List<Pair<T>> pairs, ToDoubleFunction<Pair<T>> figure) {
        return pairs.stream().mapToDouble(figure).sorted().toArray()[pairs.size() / 2];
    }

    private static <T> String sorted(List<Pair<T>> pairs, ToDoubleFunction<Pair<T>> figure, String format) {
        return String.join(
                ", ",
                pairs.stream()
                        .mapToDouble(figure)
                        .sorted()
                        .mapToObj(each -> String.format(Locale.ROOT, format, each))
                        .toList());
    }

    private static double p99(List<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted[(int) (sorted.length * 0.99)];
    }

    private static double number(Pattern pattern, String output) {
        Matcher matcher = pattern.matcher(output);
        if (!matcher.find()) {
            throw new IllegalStateException("pgbench did not print " + pattern + ": " + output);
        }
        return Double.parseDouble(matcher.group(1));
    }

    private static double ourCpuSeconds() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1e9;
    }

    private static long residentBytes() throws IOException {
        String line = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(each -> each.startsWith("VmRSS:"))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
    }

    /** Of the postmaster, its processes, and those that have ended, in ticks of a hundredth: {@code proc_pid_stat(5)}. */
    private static double serverCpuSeconds() throws IOException {
        long postmaster = POSTGRES.postmasterPid().orElseThrow();
        long ticks = 0;
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            for (Path process : processes.toList()) {
                String[] fields = stat(process);
                if (process.endsWith(Long.toString(postmaster))) {
                    ticks += Arrays.stream(fields, 11, 15)
                            .mapToLong(Long::parseLong)
                            .sum();
                } else if (fields.length > 13 && fields[1].equals(Long.toString(postmaster))) {
                    ticks += Arrays.stream(fields, 11, 13)
                            .mapToLong(Long::parseLong)
                            .sum();
                }
            }
        }
        return ticks / 100.0;
    }

    /** The fields after the name, which may hold anything; none for what is no process, or no more. */
    private static String[] stat(Path process) {
        try {
            String line = Files.readString(process.resolve("stat"));
            return line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
        } catch (IOException gone) {
            return new String[0];
        }
    }

    @AfterAll
    static void print() throws IOException, SQLException {
        String page = String.format(
                        Locale.ROOT,
                        "Written by `mvn verify -Pbench -Dpgrehearse.write.docs=true` on %s: %d processors, shared by client and"
                                + " server, Java %s, PostgreSQL %s (%s). ",
                        LocalDate.now(ZoneOffset.UTC),
                        Runtime.getRuntime().availableProcessors(),
                        System.getProperty("java.version"),
                        value(POSTGRES.superuser(), "show server_version"),
                        System.getProperty("pgrehearse.test.image", "embedded"))
                + String.join("\n", LINES) + "\n";
        BenchmarkPage.write(TITLE, page, SECONDS == USUAL_SECONDS);
    }

    private static List<Operation> declared(WorkloadSpec workload, long seed) {
        return workload.operations().stream()
                .map(operation -> Operation.declared(operation, seed, Keys.NONE))
                .toList();
    }
}
