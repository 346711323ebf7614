package dev.pgrehearse.rehearsal;

import static dev.pgrehearse.postgres.Queries.execute;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import dev.pgrehearse.migration.MigrationResult;
import dev.pgrehearse.observe.Watched;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.postgres.Sessions.Role;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.server.TestServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * A migration that holds locks of all eight modes on eight tables for known times, sessions that ask for these tables all the
 * while, and a load beside them: what the server's clock says of each wait and each hold, against what the recording says.
 *
 * <p>The server's clock is read where it tells most: in the statement that locks, right after the lock is had; in a
 * deferred trigger, as the last that a COMMIT does before it lets go; and by whoever waits, before and after.
 */
final class PlantedLocks implements AutoCloseable {
    /**
     * Whoever asks pauses for so long in the mean. Load enough to be in everybody's way, and not so much that the tool itself
     * would doubt its figures for want of a processor ({@link Outcome#busy}).
     */
    private static final long PAUSE_MICROS = 30_000;

    private static final long LOAD_PAUSE_MICROS = 8_000;
    /** A pause so far from what is measured may be its reason: of a look at the lock table that comes a period later, too. */
    private static final double AROUND_MICROS = 25_000;

    private static final double LEAST_PAUSE_MS = 2;

    /** What is promised of figures that are read from the server, and of what the sampler alone has seen. */
    private static final double EXACT_MS = 5;

    private static final double PERIOD_MS = Watched.DEFAULT_LOCK_PERIOD.toNanos() / 1e6;

    private static final int LOAD_SESSIONS = 4;
    private static final int ASKERS = 3;

    /** One nobody ever locks: what asking takes when there is nothing to wait for is the machine's doing. */
    private static final String QUIET = "quiet";

    private static final String TABLE_PREFIX = "planted_";

    /**
     * For how long a lock is held, and how often.
     *
     * @param sideBySide all eight in one transaction; else each in a transaction of its own, one after another: then what
     *     the others' statements take does not make the hold longer
     */
    record Length(Duration held, int times, boolean sideBySide) {
        String name() {
            long millis = held.toMillis();
            return millis < 1_000 ? millis + " ms" : String.format(Locale.ROOT, "%d s", millis / 1_000);
        }
    }

    /** A lock that the migration held. Microseconds of the server's clock; {@code statement} is the recording's index. */
    private record Plant(Length length, LockMode mode, int statement, double had, double released) {
        /**
         * Whoever asked before it was released and got only after it was had has waited for it. That somebody asked after it
         * was had would be no test: the statement reads the clock when its process runs again, and a client may ask before.
         */
        boolean keptWaiting(Ask ask) {
            return table(mode).equals(ask.table()) && ask.asked() < released && ask.got() > had;
        }
    }

    /** Somebody asked for a table, and got it. Microseconds of the server's clock, and the client's milliseconds. */
    private record Ask(int pid, String table, double asked, double got, double roundTripMs) {
        double millis() {
            return (got - asked) / 1e3;
        }
    }

    /**
     * A wait that is true, and what the recording says of it.
     *
     * @param recordedMs NaN when it is not in the recording
     * @param startErrorMs NaN likewise
     * @param rightlyCharged whether it is charged to the statement that took the lock
     * @param paused whether the machine stood still when it began or ended, or when it was looked for
     */
    record Wait(
            Length length,
            LockMode mode,
            double trueMs,
            double recordedMs,
            double startErrorMs,
            boolean fromLog,
            boolean rightlyCharged,
            boolean paused) {
        boolean isRecorded() {
            return !Double.isNaN(recordedMs);
        }

        double errorMs() {
            return recordedMs - trueMs;
        }
    }

    /**
     * A hold, and what the recording says of it: NaN when it says nothing. It ended after its transaction's last word, and
     * before the first who waited for it went on.
     *
     * @param hadAfterMs the statement's start, as recorded, was so long before the lock was had
     * @param paused whether the machine stood still when it began or ended
     */
    record Hold(
            Length length,
            LockMode mode,
            double atLeastMs,
            double atMostMs,
            double recordedMs,
            double hadAfterMs,
            String source,
            boolean paused) {
        /** 0 for what lies between the two. */
        double errorMs() {
            return recordedMs - Math.min(Math.max(recordedMs, atLeastMs), atMostMs);
        }
    }

    /**
     * What came of it.
     *
     * @param waits of those who asked while a planted lock was held
     * @param invented waits in the recording that nobody had
     * @param noiseMs how long asking for what nobody holds took at worst, by the client's clock
     * @param usualNoiseMs the median of that
     * @param worstLookMs the longest distance of two looks at the lock table
     * @param pauses of the machine, in words
     * @param busy which share of the machine's processors was busy meanwhile, by whomever
     */
    record Outcome(
            List<Wait> waits,
            List<Hold> holds,
            List<Recording.LockWait> invented,
            double noiseMs,
            double usualNoiseMs,
            double worstLookMs,
            String pauses,
            double busy) {}

    private static final OperatingSystemMXBean MACHINE =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private final ConnectionDetails database;
    private final ConnectionDetails app;
    private final Observation observation;
    private final List<Ask> asks = new ArrayList<>();
    private final List<Plant> planned = new ArrayList<>();
    private final PauseMeter pauses = new PauseMeter();
    private volatile boolean over;
    private double share;

    PlantedLocks(TestServer server, Path folder) throws Exception {
        database = server.newDatabase();
        app = server.app(database);
        execute(
                app,
                "CREATE TABLE accounts (id integer PRIMARY KEY, balance integer)",
                "INSERT INTO accounts SELECT g, 0 FROM generate_series(1, 10000) g",
                "CREATE TABLE " + QUIET + " (id integer)",
                "CREATE TABLE plants (statement integer PRIMARY KEY, had timestamptz, released timestamptz)",
                """
                CREATE FUNCTION let_go() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                  UPDATE plants SET released = clock_timestamp() WHERE statement = NEW.statement;
                  RETURN NULL;
                END $$""",
                "CREATE CONSTRAINT TRIGGER let_go AFTER INSERT ON plants DEFERRABLE INITIALLY DEFERRED"
                        + " FOR EACH ROW EXECUTE FUNCTION let_go()",
                """
                CREATE FUNCTION ask(relation text, mode text, OUT asked timestamptz, OUT got timestamptz)
                LANGUAGE plpgsql AS $$
                BEGIN
                  asked := clock_timestamp();
                  EXECUTE format('LOCK TABLE %I IN %s MODE', relation, mode);
                  got := clock_timestamp();
                END $$""");
        for (LockMode mode : LockMode.values()) {
            execute(app, "CREATE TABLE " + table(mode) + " (id integer)");
        }
        observation = Observation.begin(server, database, folder);
    }

    private static String table(LockMode mode) {
        return TABLE_PREFIX + mode.name().toLowerCase(Locale.ROOT);
    }

    /** The weakest mode that has to wait for a mode; of two as weak the one that lets its like through. */
    private static LockMode askedFor(LockMode held) {
        return switch (held) {
            case ACCESS_SHARE -> LockMode.ACCESS_EXCLUSIVE;
            case ROW_SHARE -> LockMode.EXCLUSIVE;
            case ROW_EXCLUSIVE, SHARE_UPDATE_EXCLUSIVE -> LockMode.SHARE;
            case SHARE, SHARE_ROW_EXCLUSIVE -> LockMode.ROW_EXCLUSIVE;
            case EXCLUSIVE -> LockMode.ROW_SHARE;
            case ACCESS_EXCLUSIVE -> LockMode.ACCESS_SHARE;
        };
    }

    /** Plants locks of these lengths, one length after the other. */
    Outcome plant(List<Length> lengths) throws Exception {
        List<Future<?>> busy = new ArrayList<>();
        for (LockMode mode : LockMode.values()) {
            LockMode wanted = askedFor(mode);
            // Those that exclude one another would wait for one another, too.
            int askers = wanted.conflictsWith(wanted) ? 1 : ASKERS;
            for (int i = 0; i < askers; i++) {
                busy.add(asking(table(mode), wanted));
            }
        }
        busy.add(asking(QUIET, LockMode.ACCESS_SHARE));
        busy.add(asking(QUIET, LockMode.ACCESS_SHARE));
        for (int i = 0; i < LOAD_SESSIONS; i++) {
            busy.add(loading(i));
        }
        // Told since it was last asked.
        double unused = MACHINE.getCpuLoad();
        MigrationResult result = observation.migrate(script(lengths)).get();
        share = MACHINE.getCpuLoad();
        assertThat(result.fault()).isNull();
        over = true;
        for (Future<?> work : busy) {
            work.get();
        }
        Recording recording = observation.finish();
        return compare(recording, plants());
    }

    private String script(List<Length> lengths) {
        Script script = new Script();
        for (Length length : lengths) {
            for (int time = 0; time < length.times(); time++) {
                if (length.sideBySide()) {
                    script.add("BEGIN");
                }
                for (LockMode mode : LockMode.values()) {
                    if (!length.sideBySide()) {
                        script.add("BEGIN");
                    }
                    int statement = script.count + 1;
                    planned.add(new Plant(length, mode, statement, Double.NaN, Double.NaN));
                    script.add("""
                            DO $$ BEGIN
                              LOCK TABLE %s IN %s MODE;
                              INSERT INTO plants VALUES (%d, clock_timestamp());
                            END $$""".formatted(table(mode), mode.sqlName(), statement));
                    if (!length.sideBySide()) {
                        script.hold(length);
                    }
                }
                if (length.sideBySide()) {
                    script.hold(length);
                }
                script.add("SELECT pg_sleep(0.03)");
            }
        }
        return script.text.toString();
    }

    private static final class Script {
        private final StringBuilder text = new StringBuilder();
        private int count;

        private void add(String sql) {
            text.append(sql).append(";\n");
            count++;
        }

        private void hold(Length length) {
            add("SELECT pg_sleep(" + length.held().toMillis() / 1e3 + ")");
            add("COMMIT");
        }
    }

    /** Asks for a table again and again, until all is over. */
    private Future<?> asking(String table, LockMode wanted) throws SQLException {
        Connection connection = observation.session(Role.WORKLOAD, "ask_" + table);
        int pid = Observation.pid(connection);
        return observation.later(() -> {
            SplittableRandom random = new SplittableRandom(pid);
            List<Ask> own = new ArrayList<>();
            try (PreparedStatement ask = connection.prepareStatement(
                    "SELECT extract(epoch FROM asked) * 1000000, extract(epoch FROM got) * 1000000 FROM ask(?, ?)")) {
                ask.setString(1, table);
                ask.setString(2, wanted.sqlName());
                while (!over) {
                    long sent = System.nanoTime();
                    try (ResultSet row = ask.executeQuery()) {
                        row.next();
                        double roundTripMs = (System.nanoTime() - sent) / 1e6;
                        own.add(new Ask(pid, table, row.getDouble(1), row.getDouble(2), roundTripMs));
                    }
                    pause(random.nextLong(2 * PAUSE_MICROS));
                }
            }
            synchronized (asks) {
                asks.addAll(own);
            }
            return null;
        });
    }

    /** Reads and writes rows that nobody else is interested in. */
    private Future<?> loading(int number) throws SQLException {
        Connection connection = observation.session(Role.WORKLOAD, "load");
        return observation.later(() -> {
            SplittableRandom random = new SplittableRandom(number);
            while (!over) {
                int id = random.nextInt(2_500) * LOAD_SESSIONS + number + 1;
                execute(
                        connection,
                        "SELECT balance FROM accounts WHERE id = " + id,
                        "UPDATE accounts SET balance = balance + 1 WHERE id = " + id);
                pause(random.nextLong(2 * LOAD_PAUSE_MICROS));
            }
            return null;
        });
    }

    /** Part of the load, not a wait for an event. */
    private static void pause(long micros) {
        LockSupport.parkNanos(micros * 1_000);
    }

    private List<Plant> plants() throws SQLException {
        Map<Integer, String[]> rows = new HashMap<>();
        for (String row : Queries.rows(
                database,
                "SELECT statement, extract(epoch FROM had) * 1000000, extract(epoch FROM released) * 1000000 FROM plants")) {
            String[] fields = row.split("\\|", -1);
            rows.put(Integer.valueOf(fields[0]), fields);
        }
        assertThat(rows).hasSameSizeAs(planned);
        return planned.stream()
                .map(plant -> {
                    String[] fields = Objects.requireNonNull(rows.get(plant.statement()));
                    return new Plant(
                            plant.length(),
                            plant.mode(),
                            plant.statement(),
                            Double.parseDouble(fields[1]),
                            Double.parseDouble(fields[2]));
                })
                .toList();
    }

    private Outcome compare(Recording recording, List<Plant> plants) {
        List<Recording.LockWait> left = new ArrayList<>(recording.lockWaits().stream()
                .filter(wait -> wait.operation().startsWith("ask_"))
                .toList());
        Map<Integer, List<Recording.LockWait>> byPid = new HashMap<>();
        left.forEach(wait ->
                byPid.computeIfAbsent(wait.pid(), pid -> new ArrayList<>()).add(wait));
        List<Wait> waits = new ArrayList<>();
        for (Ask ask : asks) {
            Recording.LockWait recorded = byPid.getOrDefault(ask.pid(), List.of()).stream()
                    .filter(wait -> wait.relation().equals(ask.table()) && overlaps(ask, wait))
                    .findFirst()
                    .orElse(null);
            Optional<Plant> cause =
                    plants.stream().filter(plant -> plant.keptWaiting(ask)).findFirst();
            // Askers are in nobody's way, so who asked while nothing was held has not waited. One that was seen to end
            // late reaches into
            // the next question, and is the first one's.
            if (recorded != null && cause.isPresent()) {
                left.remove(recorded);
            }
            cause.ifPresent(plant -> waits.add(wait(plant, ask, recorded)));
        }
        List<Hold> holds = plants.stream().map(plant -> hold(recording, plant)).toList();
        double[] noise = asks.stream()
                .filter(ask -> ask.table().equals(QUIET))
                .mapToDouble(Ask::roundTripMs)
                .sorted()
                .toArray();
        return new Outcome(
                waits,
                holds,
                left,
                noise[noise.length - 1],
                noise[noise.length / 2],
                observation.worstLookMs(),
                pauses.inWords(),
                share);
    }

    private boolean overlaps(Ask ask, Recording.LockWait wait) {
        double start = observation.wallMicros(wait.startMs());
        return Math.min(start + wait.durationMs() * 1e3, ask.got()) > Math.max(start, ask.asked());
    }

    private Wait wait(Plant plant, Ask ask, Recording.LockWait recorded) {
        if (recorded == null) {
            boolean paused =
                    pauses.isPauseWithin(ask.asked() - AROUND_MICROS, ask.got() + AROUND_MICROS, LEAST_PAUSE_MS);
            return new Wait(plant.length(), plant.mode(), ask.millis(), Double.NaN, Double.NaN, false, false, paused);
        }
        boolean fromLog = recorded.source().equals("log");
        double beyond = Math.abs(recorded.durationMs() - ask.millis()) - (fromLog ? EXACT_MS : PERIOD_MS);
        return new Wait(
                plant.length(),
                plant.mode(),
                ask.millis(),
                recorded.durationMs(),
                (observation.wallMicros(recorded.startMs()) - ask.asked()) / 1e3,
                fromLog,
                recorded.behind().equals("statement " + plant.statement()),
                pausedAround(ask.asked(), beyond) || pausedAround(ask.got(), beyond));
    }

    private Hold hold(Recording recording, Plant plant) {
        Recording.Statement statement = Objects.requireNonNull(recording.migration()).statements().stream()
                .filter(candidate -> candidate.index() == plant.statement())
                .findFirst()
                .orElseThrow();
        double atLeast = (plant.released() - plant.had()) / 1e3;
        double atMost = asks.stream()
                .filter(plant::keptWaiting)
                .mapToDouble(ask -> (ask.got() - plant.had()) / 1e3)
                .filter(end -> end >= atLeast)
                .min()
                .orElse(atLeast);
        return statement.locks().stream()
                .filter(lock -> lock.relation().equals(table(plant.mode()))
                        && lock.mode().equals(plant.mode().sqlName()))
                .findFirst()
                .map(lock -> new Hold(
                        plant.length(),
                        plant.mode(),
                        atLeast,
                        atMost,
                        lock.heldMs(),
                        (plant.had() - observation.wallMicros(statement.startMs())) / 1e3,
                        lock.heldSource(),
                        pausedAround(plant.had(), beyond(lock.heldMs(), atLeast, atMost))
                                || pausedAround(plant.released(), beyond(lock.heldMs(), atLeast, atMost))))
                .orElseGet(() ->
                        new Hold(plant.length(), plant.mode(), atLeast, atMost, Double.NaN, Double.NaN, "", false));
    }

    private static double beyond(double recordedMs, double atLeastMs, double atMostMs) {
        return Math.max(atLeastMs - recordedMs, recordedMs - atMostMs) - EXACT_MS;
    }

    /** Near a moment, and long enough to be the reason. */
    private boolean pausedAround(double micros, double beyondBarMs) {
        return pauses.isPauseWithin(
                micros - AROUND_MICROS, micros + AROUND_MICROS, Math.max(LEAST_PAUSE_MS, beyondBarMs));
    }

    @Override
    public void close() throws SQLException, IOException {
        over = true;
        pauses.close();
        observation.close();
    }
}
