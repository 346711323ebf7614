package dev.pgrehearse.observe;

import static dev.pgrehearse.postgres.Queries.execute;
import static dev.pgrehearse.postgres.Queries.value;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.Journal;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.server.BenchmarkPage;
import dev.pgrehearse.server.TestServer;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;

/**
 * What the observer costs: throughput of a closed loop that leaves no processor idle, with the observer at its default period and
 * without, in turns, beside what two slices without differ by; as in a baseline, and beside a migration. {@code mvn verify -Pbench -Dit.test=ObserverCostBenchmark
 * -Dpgrehearse.write.docs=true} writes the part of {@code docs/accuracy.md}. Nothing is asserted: a bar that is not met is
 * printed as not met.
 *
 * <p>{@code -Dpgrehearse.bench.shrink=10} does a tenth, to try the benchmark itself.
 */
@Tag("alone")
class ObserverCostBenchmark {
    private static final int SHRINK = Integer.getInteger("pgrehearse.bench.shrink", 1);
    private static final int ROUNDS = Math.max(3, Integer.getInteger("pgrehearse.bench.rounds", 240) / SHRINK);

    /** Short, so that a machine that is faster in one moment than in the next is as fast in all three of a round. */
    private static final Duration SLICE = Duration.ofMillis(Integer.getInteger("pgrehearse.bench.slice", 500));

    /** After which the observer does what it does all the time: phases are longer than slices. */
    private static final Duration SETTLED = Duration.ofMillis(300);

    /** After its connections were opened: their backends, and the server's other processes, do as they did before. */
    private static final Duration OPENED = Duration.ofSeconds(5);

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private static final String ONE_STATEMENT =
            "In all slices a migration's session holds a table's lock that nobody else wants; in those with the observer it is told"
                    + " to be one statement.";

    private static final int CLIENTS = 8;
    private static final int ROWS = 100_000;
    private static final double BAR = 0.98;
    private static final int RESAMPLES = 10_000;

    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick().with("shared_buffers", "256MB");

    @TempDir
    static Path folder;

    private final LongAdder done = new LongAdder();
    private volatile boolean over;

    /** Whom the migration tells of its statements. */
    private volatile @Nullable Observer told;

    /** Or else each that it runs is told. */
    private boolean oneStatement;
    /** How long that has been running when the observer is told of it. */
    private Duration age = Duration.ZERO;

    private volatile int migrationPid;
    private final Sessions sessions = new Sessions();
    /** Held by the migration while it runs a transaction; fair, so that whoever changes who is told gets a turn. */
    private final ReentrantLock transaction = new ReentrantLock(true);

    /** The sessions in the order in which the observer opens them. */
    private static final List<String> SESSIONS = List.of("session locks", "session log", "session rest");

    private static final String THREADS = "pgrehearse observer";

    /** Milliseconds of processor time a second, by slice: of each thread and session. */
    private final List<Map<String, Double>> busy = new ArrayList<>();

    /** Three slices one after another: transactions per second. */
    private record Round(double without, double with, double withoutAgain) {}

    /** The median of the rounds' own ratios, and between which values 95 % of those of resampled rounds are. */
    private record Ratio(double value, double low, double high) {
        String inWords() {
            return String.format(Locale.ROOT, "%.4f (95 %%: %.4f to %.4f)", value, low, high);
        }
    }

    @Test
    void inABaseline() throws Exception {
        throughputWithAndWithout(
                "The observer's cost",
                "No migration runs and nobody waits, as in a baseline.",
                Executors.newCachedThreadPool());
    }

    @Test
    void besideALongStatement() throws Exception {
        age = MINUTE;
        besideAMigration(
                "The observer's cost beside a long statement",
                ONE_STATEMENT
                        + " It is told to be a minute old, as an index build would be, and goes on through all slices.",
                true);
    }

    @Test
    void besideAYoungStatement() throws Exception {
        besideAMigration(
                "The observer's cost beside a young statement",
                ONE_STATEMENT
                        + " It begins a third of a second before each slice and ends after it, so that the observer looks at the disk, the"
                        + " progress and what the statement costs as often as it ever does.",
                true);
    }

    @Test
    void besideManyShortStatements() throws Exception {
        besideAMigration(
                "The observer's cost beside many short statements",
                "In all slices a migration locks a table that nobody else wants, for 200 ms, four times a second. Of each of these"
                        + " twelve statements a second the observer is told: it looks at the lock table each 5 ms in their first"
                        + " 40 ms, and at the disk, at progress and at what each costs besides. No promise is given for that many.",
                false);
    }

    private void besideAMigration(String title, String beside, boolean oneStatement) throws Exception {
        this.oneStatement = oneStatement;
        ExecutorService threads = Executors.newCachedThreadPool();
        Future<Void> migration = threads.submit(this::migrate);
        throughputWithAndWithout(title, beside, threads);
        migration.get();
    }

    private void throughputWithAndWithout(String title, String beside, ExecutorService threads) throws Exception {
        execute(
                POSTGRES.superuser(),
                "CREATE EXTENSION IF NOT EXISTS pg_stat_statements",
                "DROP TABLE IF EXISTS accounts");
        execute(
                POSTGRES.app(),
                "CREATE TABLE accounts (id integer PRIMARY KEY, balance integer)",
                "INSERT INTO accounts SELECT g, 0 FROM generate_series(1, " + ROWS + ") g");
        execute(POSTGRES.superuser(), "VACUUM (ANALYZE) accounts", "CHECKPOINT");
        List<Round> rounds = new ArrayList<>();
        List<Future<Void>> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(threads.submit(client(i)));
        }
        Path journals = Files.createTempDirectory(folder, "journal");
        RehearsalClock clock = RehearsalClock.start();
        Watched watched = new Watched(POSTGRES.superuser(), POSTGRES.postmasterPid(), List::of, Watched.App.NONE);
        List<Integer> others = sessions();
        try (Journal journal = Journal.create(journals);
                Observer observer = Observer.open(watched, clock, journal, sessions)) {
            observer.start();
            observer.phaseBegan(Recording.Phase.BASELINE);
            List<Integer> own =
                    sessions().stream().filter(pid -> !others.contains(pid)).toList();
            if (isOld()) {
                tellMigrationsTo(observer, clock.nanos());
            }
            TimeUnit.NANOSECONDS.sleep(OPENED.toNanos());
            try (Paused paused = new Paused(observer)) {
                // Compilers at work are no part of a rehearsal's baseline either.
                for (int round = 0; round < 3; round++) {
                    Round unused = round(round, observer, clock, own, paused);
                }
                busy.clear();
                for (int round = 0; round < ROUNDS; round++) {
                    rounds.add(round(round, observer, clock, own, paused));
                }
            }
        } finally {
            over = true;
            for (Future<Void> client : clients) {
                client.get();
            }
            threads.shutdown();
        }
        print(title, beside, rounds, busy);
    }

    /** Whether the observer is told of one statement for all slices: none of them has its begin, or its end. */
    private boolean isOld() {
        return !age.isZero();
    }

    /** Transactions of three statements, of which the observer is told, when there is one. */
    private Void migrate() throws Exception {
        try (Connection connection = POSTGRES.app().open("migration");
                Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS aside");
            statement.execute("CREATE TABLE aside (id integer)");
            int pid = connection.unwrap(PGConnection.class).getBackendPID();
            sessions.begin(pid, new Sessions.Use(Sessions.Role.MIGRATION, "statement 1"));
            migrationPid = pid;
            connection.setAutoCommit(false);
            while (!over) {
                transaction.lock();
                try {
                    tell(pid, 1, "LOCK TABLE aside IN ACCESS EXCLUSIVE MODE", statement::execute);
                    tell(pid, 2, "SELECT pg_sleep(0.2)", statement::execute);
                    tell(pid, 3, "COMMIT", commit -> connection.commit());
                } finally {
                    transaction.unlock();
                }
                TimeUnit.MILLISECONDS.sleep(50);
            }
            sessions.end(pid);
        }
        return null;
    }

    private interface Sql {
        void run(String sql) throws SQLException;
    }

    private void tell(int pid, int index, String sql, Sql statement) throws SQLException {
        Observer observer = told;
        if (observer == null || oneStatement) {
            statement.run(sql);
            return;
        }
        observer.statementStarted(index, 1, pid, sql);
        statement.run(sql);
        observer.statementEnded(index, 1, pid, false);
    }

    /** Between two transactions of the migration, whether there is one or not. */
    private void tellMigrationsTo(@Nullable Observer observer, long nowNanos) {
        transaction.lock();
        try {
            Observer before = told;
            if (oneStatement && before != null) {
                before.statementEnded(1, 1, migrationPid, false);
            }
            if (oneStatement && observer != null) {
                observer.statementStarted(
                        1, 1, migrationPid, "LOCK TABLE aside IN ACCESS EXCLUSIVE MODE", nowNanos - age.toNanos());
            }
            told = observer;
        } finally {
            transaction.unlock();
        }
    }

    /** The slice with the observer takes each of the three places in turn. */
    private Round round(int number, Observer observer, RehearsalClock clock, List<Integer> own, Paused paused)
            throws Exception {
        double[] slices = new double[3];
        int with = number % 3;
        for (int place = 0; place < 3; place++) {
            slices[place] = place == with ? observed(observer, clock, own, paused) : throughput();
        }
        return new Round(slices[with == 0 ? 1 : 0], slices[with], slices[with == 2 ? 1 : 2]);
    }

    /** With the observer, which stands still in all other slices. */
    private double observed(Observer observer, RehearsalClock clock, List<Integer> own, Paused paused)
            throws Exception {
        paused.resume();
        if (!isOld()) {
            tellMigrationsTo(observer, clock.nanos());
        }
        TimeUnit.NANOSECONDS.sleep(SETTLED.toNanos());
        Map<String, Double> before = cpuMillis(own);
        long start = System.nanoTime();
        double perSecond = throughput();
        double seconds = (System.nanoTime() - start) / 1e9;
        Map<String, Double> used = new TreeMap<>();
        cpuMillis(own).forEach((who, millis) -> used.put(who, (millis - before.getOrDefault(who, 0.0)) / seconds));
        busy.add(used);
        if (!isOld()) {
            tellMigrationsTo(null, clock.nanos());
        }
        paused.again();
        return perSecond;
    }

    /**
     * An observer none of whose threads goes on. One that is opened anew for each slice, with its connections, makes the others slower
     * for some seconds, which a rehearsal of minutes does not feel.
     */
    private static final class Paused implements AutoCloseable {
        private final Observer observer;
        private final Semaphore goOn = new Semaphore(0);
        private int standing;

        private Paused(Observer observer) throws InterruptedException {
            this.observer = observer;
            again();
        }

        private void again() throws InterruptedException {
            List<ProbeLoop> loops = observer.loops();
            CountDownLatch stand = new CountDownLatch(loops.size());
            loops.forEach(loop -> loop.submit(() -> {
                stand.countDown();
                goOn.acquireUninterruptibly();
            }));
            stand.await();
            standing = loops.size();
        }

        private void resume() {
            goOn.release(standing);
            standing = 0;
        }

        @Override
        public void close() {
            resume();
        }
    }

    /** The observer's own backends. */
    private static List<Integer> sessions() throws SQLException {
        return Queries.rows(
                        POSTGRES.superuser(),
                        "SELECT pid FROM pg_stat_activity WHERE application_name = 'pgrehearse observer' ORDER BY backend_start")
                .stream()
                .map(Integer::valueOf)
                .toList();
    }

    /** What the observer's threads, the journal's and its sessions have used so far. */
    private static Map<String, Double> cpuMillis(List<Integer> sessions) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        Map<String, Double> millis = new TreeMap<>();
        for (long id : threads.getAllThreadIds()) {
            ThreadInfo thread = threads.getThreadInfo(id);
            if (thread != null
                    && (thread.getThreadName().startsWith(THREADS)
                            || thread.getThreadName().equals("journal"))) {
                millis.put(
                        "thread " + thread.getThreadName().replace(THREADS + " ", ""),
                        Math.max(0, threads.getThreadCpuTime(id)) / 1e6);
            }
        }
        LinuxProcesses processes = new LinuxProcesses(POSTGRES.postmasterPid());
        for (int i = 0; i < sessions.size(); i++) {
            millis.put(SESSIONS.get(i), processes.backendNanos(sessions.get(i)).orElseThrow() / 1e6);
        }
        return millis;
    }

    private double throughput() throws InterruptedException {
        // What began before belongs to no slice.
        TimeUnit.MILLISECONDS.sleep(100);
        long before = done.sum();
        long start = System.nanoTime();
        TimeUnit.NANOSECONDS.sleep(SLICE.toNanos());
        return (done.sum() - before) / ((System.nanoTime() - start) / 1e9);
    }

    /** Four reads to each write, all by primary key. */
    private Callable<Void> client(int number) {
        return () -> {
            SplittableRandom random = new SplittableRandom(number);
            try (Connection connection = POSTGRES.app().open("client");
                    PreparedStatement read = connection.prepareStatement("SELECT balance FROM accounts WHERE id = ?");
                    PreparedStatement write =
                            connection.prepareStatement("UPDATE accounts SET balance = balance + 1 WHERE id = ?")) {
                while (!over) {
                    int id = random.nextInt(ROWS / CLIENTS) * CLIENTS + number + 1;
                    if (random.nextInt(5) == 0) {
                        write.setInt(1, id);
                        write.executeUpdate();
                    } else {
                        read(read, id);
                    }
                    done.increment();
                }
            }
            return null;
        };
    }

    private static void read(PreparedStatement read, int id) throws SQLException {
        read.setInt(1, id);
        try (ResultSet row = read.executeQuery()) {
            if (!row.next()) {
                throw new IllegalStateException("no account " + id);
            }
        }
    }

    private static Ratio ratio(List<Round> rounds, ToDoubleFunction<Round> of) {
        SplittableRandom random = new SplittableRandom(1);
        double[] resampled = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            List<Round> drawn = random.ints(rounds.size(), 0, rounds.size())
                    .mapToObj(rounds::get)
                    .toList();
            resampled[i] = median(drawn, of);
        }
        Arrays.sort(resampled);
        return new Ratio(
                median(rounds, of), resampled[(int) (RESAMPLES * 0.025)], resampled[(int) (RESAMPLES * 0.975)]);
    }

    private static double median(List<Round> rounds, ToDoubleFunction<Round> figure) {
        return median(rounds.stream().map(figure::applyAsDouble).toList());
    }

    private static double median(List<Double> figures) {
        double[] sorted =
                figures.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static void print(String title, String beside, List<Round> rounds, List<Map<String, Double>> busy)
            throws Exception {
        double busyMillis = median(busy.stream()
                .map(used ->
                        used.values().stream().mapToDouble(Double::doubleValue).sum())
                .toList());
        String parts = busy.get(0).keySet().stream()
                .map(who -> String.format(
                        Locale.ROOT,
                        "%s %.1f",
                        who,
                        median(busy.stream()
                                .map(used -> used.getOrDefault(who, 0.0))
                                .toList())))
                .collect(Collectors.joining(", "));
        Ratio cost = ratio(rounds, round -> round.with() / ((round.without() + round.withoutAgain()) / 2));
        Ratio noise = ratio(rounds, round -> round.withoutAgain() / round.without());
        String verdict;
        if (cost.low() >= BAR) {
            verdict = "**met**";
        } else if (cost.high() < BAR) {
            verdict = "**NOT met**";
        } else if (cost.value() >= BAR) {
            verdict = "**met by the median**, but the interval reaches beyond the bar";
        } else {
            verdict = "**NOT met by the median**, though the interval holds the bar";
        }
        BenchmarkPage.ACCURACY.put(
                title,
                String.format(
                        Locale.ROOT,
                        "Written by `mvn verify -Pbench -Dit.test=ObserverCostBenchmark -Dpgrehearse.write.docs=true` on %s: %d"
                                + " processors, shared by server, load and tool, Java %s, PostgreSQL %s. %d clients in a closed loop,"
                                + " four reads to a write by primary key, which leave no processor idle; %d rounds of three slices"
                                + " of %.1f s: one with the observer at its default period of %d ms and its journal, two without,"
                                + " the one with it in each of the three places in turn. It is opened before all of them, and none of its threads goes on in those without. %s%n%n"
                                + "| | median of the ratios in a round |%n|---|---|%n"
                                + "| with the observer to without | %s |%n"
                                + "| without to without: the noise of the same rounds | %s |%n%n"
                                + "Medians per second: %,.0f with, %,.0f and %,.0f without. The observer takes %.1f %% of the"
                                + " throughput; the bar is %.0f %%: %s.%n%nIts threads, its journal and its sessions used %.1f ms"
                                + " of processor time a second in the median slice, %.2f %% of the machine's: what it takes as the"
                                + " kernel accounts for it, apart from the noise of throughput. By its parts: %s.",
                        LocalDate.now(ZoneOffset.UTC),
                        Runtime.getRuntime().availableProcessors(),
                        System.getProperty("java.version"),
                        value(POSTGRES.superuser(), "SHOW server_version"),
                        CLIENTS,
                        rounds.size(),
                        SLICE.toMillis() / 1e3,
                        Watched.DEFAULT_LOCK_PERIOD.toMillis(),
                        beside,
                        cost.inWords(),
                        noise.inWords(),
                        median(rounds, Round::with),
                        median(rounds, Round::without),
                        median(rounds, Round::withoutAgain),
                        100 * (1 - cost.value()),
                        100 * (1 - BAR),
                        verdict,
                        busyMillis,
                        busyMillis / 10 / Runtime.getRuntime().availableProcessors(),
                        parts),
                SHRINK == 1);
    }
}
