package dev.pgrehearse.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Place;
import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.scenario.MigrationSpec.Retries;
import dev.pgrehearse.server.DataDirectory;
import dev.pgrehearse.server.TestServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Steps, stops half-way with their cleaning, and back-fills, on a real server. */
class StepsIT {
    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick();

    /** Of a statement that never ends by itself: when it is asked for does not matter. */
    private static final Duration SOON = Duration.ofMillis(300);

    /** For what has to be done before it, on a machine that others use. */
    private static final Duration LATER = Duration.ofSeconds(2);

    private static final Duration NEVER = Duration.ofHours(1);

    private static final String INVALID = "SELECT count(*) FROM pg_index WHERE NOT indisvalid";

    private final RehearsalClock clock = RehearsalClock.start();
    private final Sessions sessions = new Sessions();
    private final List<String> heard = new ArrayList<>();
    private ConnectionDetails where;

    @BeforeEach
    void newDatabase() throws SQLException {
        where = POSTGRES.newDatabase();
        Queries.execute(
                where,
                "CREATE TABLE t (id int PRIMARY KEY, a int, note text)",
                "INSERT INTO t SELECT i, i % 10 FROM generate_series(1, 1000) i",
                "CREATE TABLE pair (shop text, nr bigint, a int, note text, PRIMARY KEY (shop, nr))",
                "INSERT INTO pair SELECT 's' || i % 3, i, i FROM generate_series(1, 100) i");
    }

    private final class Hearing implements MigrationListener {
        @Override
        public void statementStarted(SqlStatement statement, int attempt, int backendPid) {
            heard.add("started " + statement.index());
        }

        @Override
        public void statementEnded(StatementRun run) {
            heard.add("ended " + run.statement().index() + " " + run.outcome());
        }

        @Override
        public void pausing(Duration backoff, String why) {
            heard.add("pausing: " + why);
        }

        @Override
        public void stopped(StopSeen stop) {
            assertThat(stop.endedNanos()).isGreaterThanOrEqualTo(stop.askedNanos());
            heard.add("stopped " + stop.what() + (stop.terminated() ? ", terminated" : ""));
        }

        @Override
        public void stopCameTooLate(String what, Duration after, Duration took) {
            heard.add((took.compareTo(after) < 0 ? "too late for " : "nothing left to stop of ") + what);
        }
    }

    private static MigrationSettings settings(@Nullable Duration lockTimeout, int retries) {
        return new MigrationSettings(lockTimeout, null, "UTC", new Retries(retries, Duration.ofMillis(1)));
    }

    private MigrationResult run(Migration migration, Cleaning cleaning) {
        return run(migration, cleaning, settings(null, 0), Pause.FOR_BACKOFF);
    }

    private MigrationResult run(Migration migration, Cleaning cleaning, MigrationSettings settings, Pause pause) {
        return new MigrationRunner(where, where, settings, clock, sessions, new Hearing(), pause)
                .run(migration, cleaning);
    }

    private static Step.Script script(int first, @Nullable Duration stop, String sql) throws ScriptMistakes {
        List<SqlStatement> statements = new ArrayList<>();
        for (SqlStatement each : ScriptSplitter.split("a.sql", sql)) {
            statements.add(each.withIndex(first + statements.size()));
        }
        return new Step.Script(statements, stop);
    }

    private static Migration stopped(Duration after, Step... steps) {
        return new Migration(List.of(steps), after, List.of());
    }

    private static Migration steps(Step... steps) {
        return new Migration(List.of(steps), null, List.of());
    }

    private static Step.Backfill backfill(String table, String set, @Nullable String condition, long batch) {
        return backfill(table, set, condition, batch, Duration.ZERO);
    }

    private static Step.Backfill backfill(
            String table, String set, @Nullable String condition, long batch, Duration pause) {
        return new Step.Backfill(
                1, "scenario.yaml", new Place(7, 9), new BackfillSql(table, set, condition, batch), pause, null);
    }

    /** Back-fills {@code t} in batches of a thousand, and inserts the row of the next smaller key after each one. */
    private MigrationResult backfillWhileRowsAppear(@Nullable String condition, int most) {
        AtomicInteger inserted = new AtomicInteger();
        return run(
                steps(backfill("\"t\"", "note = 'x'", condition, 1000, Duration.ofMillis(1))),
                Cleaning.NONE,
                settings(null, 0),
                (length, braked) -> {
                    if (inserted.get() < most) {
                        insertBehind(inserted.incrementAndGet());
                    }
                });
    }

    private void insertBehind(int number) {
        try {
            Queries.execute(where, "INSERT INTO t VALUES (-" + number + ", 0)");
        } catch (SQLException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private String value(String query) throws SQLException {
        return Queries.value(where, query);
    }

    private static List<String> outcomes(MigrationResult result) {
        return result.runs().stream()
                .map(run -> run.statement().index() + " " + run.outcome())
                .toList();
    }

    /** A transaction whose snapshot CONCURRENTLY waits for. */
    private Connection snapshot() throws SQLException {
        Connection connection = where.open("snapshot");
        connection.setAutoCommit(false);
        Queries.execute(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "SELECT 1");
        return connection;
    }

    // ---- stops of the whole

    @Test
    void aConcurrentBuildThatIsStoppedLeavesAnInvalidIndexWhichCleaningRemoves() throws Exception {
        MigrationResult result;
        String invalidAtTheStop;
        try (Connection old = snapshot()) {
            List<String> atTheStop = new ArrayList<>();
            result = run(
                    stopped(LATER, script(1, null, "CREATE INDEX CONCURRENTLY t_a ON t (a);\nSELECT 1;")),
                    (stop, given, first) -> {
                        try {
                            atTheStop.add(value(INVALID));
                            // The drop would wait for it, too
                            old.rollback();
                        } catch (SQLException failure) {
                            throw new IllegalStateException(failure);
                        }
                        return List.of(new SqlStatement(
                                first, "cleaning", 1, 1, "DROP INDEX CONCURRENTLY IF EXISTS public.t_a"));
                    });
            invalidAtTheStop = atTheStop.get(0);
        }
        assertThat(result.fault()).isNull();
        assertThat(result.outcome()).isEqualTo(RunOutcome.STOPPED);
        assertThat(outcomes(result)).containsExactly("1 stopped", "3 ok");
        assertThat(result.runs().get(0).sqlState()).isEqualTo("57014");
        assertThat(result.state())
                .isEqualTo("statement 1 (a.sql:1) was cancelled; what it had committed by itself stays;"
                        + " statement 2 (a.sql:2) was not run;"
                        + " of the cleaning, statement 3 (cleaning:1) is committed");
        assertThat(invalidAtTheStop).isEqualTo("1");
        assertThat(value("SELECT count(*) FROM pg_class WHERE relname = 't_a'")).isEqualTo("0");
        assertThat(heard)
                .containsExactly("started 1", "ended 1 stopped", "stopped the migration", "started 3", "ended 3 ok");
        StopSeen stop = result.stop();
        assertThat(stop).isNotNull();
        assertThat(stop.askedNanos() - result.startNanos()).isGreaterThanOrEqualTo(SOON.toNanos());
        assertThat(stop.endedNanos()).isEqualTo(result.runs().get(0).endNanos());
    }

    @Test
    void aPlainBuildThatIsStoppedLeavesNothing() throws Exception {
        try (Connection blocker = where.open("blocker")) {
            blocker.setAutoCommit(false);
            Queries.execute(blocker, "LOCK TABLE t IN ROW EXCLUSIVE MODE");
            MigrationResult result =
                    run(stopped(SOON, script(1, null, "CREATE INDEX t_a ON t (a)")), (stop, given, first) -> given);
            assertThat(outcomes(result)).containsExactly("1 stopped");
            assertThat(result.outcome()).isEqualTo(RunOutcome.STOPPED);
            assertThat(result.state()).isEqualTo("statement 1 (a.sql:1) was cancelled and rolled back");
            assertThat(value("SELECT count(*) FROM pg_class WHERE relname = 't_a'"))
                    .isEqualTo("0");
            blocker.rollback();
        }
    }

    @Test
    void aStopInsideATransactionRollsItBackAndIsCleanedInAFreshSession() throws Exception {
        MigrationResult result = run(
                stopped(
                        SOON,
                        script(
                                1,
                                null,
                                "CREATE TABLE pid AS SELECT pg_backend_pid() AS pid; BEGIN; ALTER TABLE t ADD c int;"
                                        + " SELECT pg_sleep(600); COMMIT;")),
                (stop, given, first) ->
                        List.of(new SqlStatement(first, "cleaning", 1, 1, "INSERT INTO pid SELECT pg_backend_pid()")));
        assertThat(outcomes(result)).containsExactly("1 ok", "2 ok", "3 ok", "4 stopped", "6 ok");
        assertThat(value("SELECT count(*) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'c'"))
                .isEqualTo("0");
        assertThat(value("SELECT count(*) || '/' || count(DISTINCT pid) FROM pid"))
                .isEqualTo("2/2");
    }

    @Test
    void cleaningHasNeitherTheVariantsTimeoutsNorTheScriptsSettings() throws Exception {
        MigrationResult result = run(
                stopped(
                        SOON,
                        script(1, null, "SET statement_timeout = '1h'; SET work_mem = '1MB'; SELECT pg_sleep(600)")),
                (stop, given, first) -> List.of(new SqlStatement(
                        first,
                        "c.sql",
                        1,
                        1,
                        "CREATE TABLE seen AS SELECT name, reset_val = setting AS fresh, setting FROM pg_settings"
                                + " WHERE name IN ('lock_timeout', 'statement_timeout', 'work_mem')")),
                settings(Duration.ofMillis(50), 0),
                Pause.FOR_BACKOFF);
        assertThat(result.fault()).isNull();
        assertThat(value("SELECT bool_and(fresh) FROM seen")).isEqualTo("t");
        assertThat(value("SELECT string_agg(setting, ',') FROM seen WHERE name LIKE '%timeout'"))
                .isEqualTo("0,0");
    }

    @Test
    void aFinishedMigrationIsNotStoppedByACancelInOurOwnReading() throws Exception {
        // The reading behind the last statement fails after the brake was pulled
        Queries.execute(where, "REVOKE SELECT ON pg_class FROM PUBLIC");
        MigrationResult result = run(
                stopped(
                        SOON,
                        script(
                                1,
                                null,
                                "DO $$ BEGIN PERFORM pg_sleep(600); EXCEPTION WHEN query_canceled THEN"
                                        + " PERFORM set_config('role', '" + DataDirectory.APP + "', false); END $$")),
                (stop, given, first) ->
                        List.of(new SqlStatement(first, "cleaning", 1, 1, "CREATE TABLE cleaned (a int)")));
        assertThat(result.outcome()).isEqualTo(RunOutcome.OK);
        assertThat(result.stop()).isNull();
        assertThat(result.state()).isEqualTo("statement 1 (a.sql:1) is committed");
        assertThat(result.runs().get(0).notices().first())
                .singleElement()
                .satisfies(notice -> assertThat(notice.message()).startsWith("which tables it rewrote is not known"));
        assertThat(heard).containsExactly("started 1", "ended 1 ok", "nothing left to stop of the migration");
        assertThat(value("SELECT to_regclass('cleaned') IS NULL")).isEqualTo("t");
    }

    /** Takes the 10 s after which a connection is cut. */
    @Test
    void aBackendThatHeedsNoCancelIsGoneBeforeAnythingElseRuns() throws Exception {
        String stubborn = "DO $$ BEGIN LOOP BEGIN PERFORM pg_sleep(600);"
                + " EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END $$";
        List<String> others = new ArrayList<>();
        MigrationResult result = run(stopped(SOON, script(1, null, stubborn)), (stop, given, first) -> {
            try {
                others.add(value("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO%'"));
            } catch (SQLException failure) {
                throw new IllegalStateException(failure);
            }
            return List.of(new SqlStatement(first, "cleaning", 1, 1, "SELECT 1"));
        });
        assertThat(result.fault()).isNull();
        assertThat(outcomes(result)).containsExactly("1 stopped", "2 ok");
        assertThat(others).containsExactly("0");
        assertThat(heard)
                .containsExactly(
                        "started 1", "ended 1 stopped", "stopped the migration, terminated", "started 2", "ended 2 ok");
    }

    @Test
    void aStopThatComesTooLateIsTold() throws Exception {
        MigrationResult result = run(
                new Migration(List.of(script(1, NEVER, "SELECT 1")), NEVER, List.of()), (stop, given, first) -> given);
        assertThat(result.outcome()).isEqualTo(RunOutcome.OK);
        assertThat(result.stop()).isNull();
        assertThat(heard)
                .containsExactly("started 1", "ended 1 ok", "too late for step 1", "too late for the migration");
    }

    @Test
    void aCleaningThatFailsIsAFailure() throws Exception {
        MigrationResult result = run(
                stopped(SOON, script(1, null, "SELECT pg_sleep(600)")),
                (stop, given, first) -> List.of(new SqlStatement(first, "c.sql", 1, 1, "DROP TABLE nosuch")));
        assertThat(result.outcome()).isEqualTo(RunOutcome.FAILED);
        assertThat(result.fault())
                .isEqualTo("the cleaning after the stop failed: statement 2 (c.sql:1) failed:"
                        + " table \"nosuch\" does not exist (SQLSTATE 42P01)");
    }

    @Test
    void whatFailsByItselfIsNotStopped() throws Exception {
        MigrationResult result =
                run(stopped(NEVER, script(1, null, "SELECT 1/0; SELECT 2")), (stop, given, first) -> given);
        assertThat(result.outcome()).isEqualTo(RunOutcome.FAILED);
        assertThat(outcomes(result)).containsExactly("1 failed");
    }

    @Test
    void anInterruptionDuringAStopsWaitIsAnInterruption() throws Exception {
        MigrationRunner runner =
                new MigrationRunner(where, where, settings(null, 0), clock, sessions, new Hearing(), Pause.FOR_BACKOFF);
        Migration migration = stopped(NEVER, script(1, null, "SELECT pg_sleep(600)"));
        CompletableFuture<MigrationResult> running =
                CompletableFuture.supplyAsync(() -> runner.run(migration, Cleaning.NONE));
        Queries.await(
                where,
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()",
                "1");
        runner.interrupt();
        assertThat(running.join().outcome()).isEqualTo(RunOutcome.INTERRUPTED);
        assertThat(heard).containsExactly("started 1", "ended 1 interrupted");
    }

    // ---- steps

    @Test
    void theMigrationGoesOnAfterAStepThatIsStopped() throws Exception {
        MigrationResult result;
        try (Connection old = snapshot()) {
            result = run(
                    steps(
                            script(1, LATER, "CREATE INDEX CONCURRENTLY t_a ON t (a); SELECT 1;"),
                            new Step.Rest(Duration.ofMillis(5)),
                            script(3, null, "CREATE INDEX CONCURRENTLY IF NOT EXISTS t_a ON t (a); SELECT 2;")),
                    Cleaning.NONE);
            old.rollback();
        }
        assertThat(result.outcome()).isEqualTo(RunOutcome.OK);
        assertThat(result.stop()).isNull();
        assertThat(outcomes(result)).containsExactly("1 stopped", "3 ok", "4 ok");
        assertThat(heard).contains("stopped step 1");
        assertThat(value(INVALID)).isEqualTo("1");
        // The skip that reports a success
        assertThat(result.runs().get(1).notices().first())
                .containsExactly(new Notices.Notice("42P07", "relation \"t_a\" already exists, skipping"));
        assertThat(result.runs().get(2).notices()).isEqualTo(Notices.NONE);
        assertThat(result.state())
                .isEqualTo("statement 1 (a.sql:1) was cancelled; what it had committed by itself stays;"
                        + " statement 2 (a.sql:1) was not run; statements 3-4 are committed");
    }

    @Test
    void aPauseIsEndedByTheStopOfTheWhole() throws Exception {
        MigrationResult result = run(
                stopped(SOON, script(1, null, "SELECT 1"), new Step.Rest(NEVER), script(2, null, "SELECT 2")),
                (stop, given, first) -> given);
        assertThat(result.outcome()).isEqualTo(RunOutcome.STOPPED);
        assertThat(outcomes(result)).containsExactly("1 ok");
        assertThat(result.stop()).isNotNull();
        assertThat(result.stop().endedNanos()).isEqualTo(result.stop().askedNanos());
        assertThat(result.state()).contains("statement 2 (a.sql:1) was not run");
    }

    /** Equal numbers share one transaction, and with it its locks. */
    @Test
    void transactionsOfTwoStepsAreTwo() throws Exception {
        MigrationResult result = run(
                steps(
                        script(1, null, "BEGIN; ALTER TABLE t ADD COLUMN b int; COMMIT"),
                        new Step.Rest(Duration.ofMillis(1)),
                        script(4, null, "BEGIN; ALTER TABLE t ADD COLUMN c int; COMMIT AND CHAIN; SELECT 1; COMMIT")),
                Cleaning.NONE);

        assertThat(result.fault()).isNull();
        assertThat(result.runs().stream().map(StatementRun::transaction)).containsExactly(1, 1, 1, 2, 2, 2, 3, 3);
    }

    @Test
    void manyNoticesAreCounted() throws Exception {
        MigrationResult result = run(
                steps(script(
                        1, null, "DO $$ BEGIN FOR i IN 1..23 LOOP RAISE NOTICE 'n%', i; END LOOP; END $$; SELECT 1")),
                Cleaning.NONE);
        Notices notices = result.runs().get(0).notices();
        assertThat(notices.first()).hasSize(20);
        assertThat(notices.first().get(19).message()).isEqualTo("n20");
        assertThat(notices.more()).isEqualTo(3);
    }

    // ---- back-fills

    @Test
    void aBackfillTouchesTheRowsOfTheConditionAndNoOthers() throws Exception {
        // 1000 rows, of which every tenth is excluded: 900, in batches of 250
        MigrationResult result =
                run(steps(backfill("\"t\"", "note = 'x' -- why", "a <> 3 -- not these", 250)), Cleaning.NONE);
        assertThat(result.fault()).isNull();
        assertThat(value("SELECT count(*) FROM t WHERE note = 'x'")).isEqualTo("900");
        assertThat(value("SELECT count(*) FROM t WHERE note = 'x' AND a = 3")).isEqualTo("0");
        StatementRun run = result.runs().get(0);
        assertThat(result.runs()).hasSize(1);
        assertThat(run.outcome()).isEqualTo(RunOutcome.OK);
        assertThat(run.batches()).isNotNull();
        assertThat(run.batches().count()).isEqualTo(4);
        assertThat(run.batches().rows()).isEqualTo(900);
        assertThat(run.batches().retried()).isZero();
        assertThat(run.batches().medianMs())
                .isPositive()
                .isLessThanOrEqualTo(run.batches().longestMs());
        assertThat(run.statement().place()).isEqualTo("scenario.yaml:7");
        assertThat(run.statement().sql()).contains("\"id\" > CAST($1 AS integer)");
        // One transaction a batch
        assertThat(value("SELECT count(DISTINCT xmin::text) FROM t WHERE note = 'x'"))
                .isEqualTo("4");
    }

    @Test
    void aConditionThatStillFindsWhatWasChangedHasOnePassAndSaysSo() {
        MigrationResult result = run(steps(backfill("\"t\"", "note = 'x'", "a <> 3", 250)), Cleaning.NONE);
        assertThat(result.fault()).isNull();
        assertThat(result.runs().get(0).batches().count()).isEqualTo(4);
        assertThat(result.runs().get(0).notices().first())
                .singleElement()
                .satisfies(notice -> assertThat(notice.message())
                        .startsWith("the condition still finds rows that were changed (250 of 250 in a batch)"));
    }

    @Test
    void rowsThatAppearBehindABackfillAreFoundByItsCondition() throws Exception {
        // 1000 rows in the first pass; then one in each of 8 more; then none
        MigrationResult result = backfillWhileRowsAppear("note IS NULL", 8);
        assertThat(result.fault()).isNull();
        assertThat(result.runs().get(0).batches().count()).isEqualTo(9);
        assertThat(result.runs().get(0).batches().rows()).isEqualTo(1008);
        assertThat(result.runs().get(0).notices()).isEqualTo(Notices.NONE);
        assertThat(value("SELECT count(*) FROM t WHERE note IS NULL")).isEqualTo("0");
    }

    @Test
    void aBackfillThatNeverCatchesUpFails() throws Exception {
        MigrationResult result = backfillWhileRowsAppear("note IS NULL", Integer.MAX_VALUE);
        assertThat(result.outcome()).isEqualTo(RunOutcome.FAILED);
        assertThat(result.fault())
                .startsWith("statement 1 (scenario.yaml:7) failed: rows keep appearing that the condition finds:"
                        + " each of 10 passes along the key changed some, the last one 1;");
        assertThat(result.runs().get(0).batches().count()).isEqualTo(10);
        assertThat(value("SELECT count(*) FROM t WHERE note = 'x'")).isEqualTo("1009");
    }

    @Test
    void aBackfillWithoutAConditionHasOnePass() throws Exception {
        MigrationResult result = backfillWhileRowsAppear(null, 1);
        assertThat(result.outcome()).isEqualTo(RunOutcome.OK);
        assertThat(result.runs().get(0).batches().count()).isEqualTo(1);
        assertThat(value("SELECT count(*) FROM t WHERE note IS NULL")).isEqualTo("1");
    }

    @Test
    void aBackfillTakesTablesAndKeysOfAnyName() throws Exception {
        Queries.execute(
                where,
                "CREATE TABLE batch (\"Shop Nr\" text, \"Id\" int, note text, PRIMARY KEY (\"Shop Nr\", \"Id\"))",
                "INSERT INTO batch SELECT 's' || i % 3, i FROM generate_series(1, 100) i",
                "CREATE TABLE changed AS SELECT 40 AS most",
                "CREATE TABLE \"Changed\" (\"Id\" int PRIMARY KEY, note text)",
                "INSERT INTO \"Changed\" SELECT i FROM generate_series(1, 100) i");
        String most = "note IS NULL AND \"Id\" <= (SELECT most FROM changed)";
        assertThat(run(steps(backfill("\"batch\"", "note = 'x'", most, 7)), Cleaning.NONE)
                        .fault())
                .isNull();
        assertThat(value("SELECT count(*) || '/' || max(\"Id\") FROM batch WHERE note = 'x'"))
                .isEqualTo("40/40");
        assertThat(run(steps(backfill("\"Changed\"", "note = (SELECT max(note) FROM batch)", null, 7)), Cleaning.NONE)
                        .fault())
                .isNull();
        assertThat(value("SELECT count(*) FROM \"Changed\" WHERE note = 'x'")).isEqualTo("100");
    }

    @Test
    void aBackfillGoesAlongACompositeKey() throws Exception {
        MigrationResult result = run(
                steps(backfill("\"public\".\"pair\"", "note = shop || ? || nr".replace("?", "'?'"), null, 7)),
                Cleaning.NONE);
        assertThat(result.fault()).isNull();
        assertThat(value("SELECT count(*) FROM pair WHERE note = shop || '?' || nr"))
                .isEqualTo("100");
        // 100 rows in batches of 7
        assertThat(result.runs().get(0).batches().count()).isEqualTo(15);
        assertThat(result.runs().get(0).statement().sql())
                .contains("(\"shop\", \"nr\") > (CAST($1 AS text), CAST($2 AS bigint))");
    }

    @Test
    void aBackfillOfNoRowsHasNoBatch() throws Exception {
        MigrationResult result = run(steps(backfill("\"t\"", "note = 'x'", "a = 99", 10)), Cleaning.NONE);
        assertThat(result.outcome()).isEqualTo(RunOutcome.OK);
        Batches batches = result.runs().get(0).batches();
        assertThat(batches.count()).isZero();
        assertThat(batches.rows()).isZero();
        assertThat(batches.longestMs()).isZero();
        assertThat(batches.sent()).hasSize(1);
        assertThat(batches.ended()).as("the one that found no row").isEqualTo(1);
        assertThat(batches.failed()).isZero();
    }

    @Test
    void aBatchThatCannotGetItsLockIsTriedAgain() throws Exception {
        try (Connection blocker = where.open("blocker")) {
            blocker.setAutoCommit(false);
            Queries.execute(blocker, "UPDATE t SET a = a WHERE id = 30");
            MigrationResult result = run(
                    steps(backfill("\"t\"", "note = 'x'", null, 20)),
                    Cleaning.NONE,
                    settings(Duration.ofMillis(50), 3),
                    (backoff, interrupted) -> commit(blocker));
            assertThat(result.fault()).isNull();
            assertThat(result.runs().get(0).batches().retried()).isEqualTo(1);
            assertThat(result.runs().get(0).batches().count()).isEqualTo(50);
            assertThat(result.attempts()).isEqualTo(2);
            assertThat(heard.get(1))
                    .startsWith("pausing: statement 1 (scenario.yaml:7) failed: ")
                    .contains("55P03");
        }
        assertThat(value("SELECT count(*) FROM t WHERE note = 'x'")).isEqualTo("1000");
    }

    @Test
    void aBatchThatIsTheVictimOfADeadlockIsTriedAgain() throws Exception {
        // A session looks for a deadlock once, that long after it began to wait: by then the other one must have
        // crossed.
        Queries.execute(where, "ALTER DATABASE " + where.database() + " SET deadlock_timeout = '2s'");
        try (Connection other = where.open("other")) {
            // When it was slower than that it becomes the victim, which fails this test instead of hanging it.
            Queries.execute(other, "SET deadlock_timeout = '60s'");
            other.setAutoCommit(false);
            Queries.execute(other, "UPDATE t SET a = a WHERE id = 5");
            CompletableFuture<Void> crossing = CompletableFuture.runAsync(() -> crossWhenItWaits(other));
            MigrationResult result = run(
                    steps(backfill("\"t\"", "note = pg_sleep(0) || 'x'", "id < 10", 20)),
                    Cleaning.NONE,
                    settings(null, 3),
                    (backoff, interrupted) -> crossing.join());
            assertThat(result.fault()).isNull();
            assertThat(result.runs().get(0).batches().retried()).isEqualTo(1);
            assertThat(heard.get(1)).contains("40P01");
        }
    }

    /** Asks for the first row, which the batch that waits for the fifth has changed. */
    private void crossWhenItWaits(Connection other) {
        try {
            Queries.await(
                    where,
                    "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted"
                            + " AND a.application_name = 'pgrehearse migration' AND a.datname = current_database()",
                    "1");
            Queries.execute(other, "UPDATE t SET a = a WHERE id = 1");
            other.commit();
        } catch (SQLException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private static void commit(Connection blocker) {
        try {
            blocker.commit();
        } catch (SQLException failure) {
            throw new IllegalStateException(failure);
        }
    }

    @Test
    void aBackfillThatFailsKeepsWhatItHadCommitted() throws Exception {
        MigrationResult result = run(steps(backfill("\"t\"", "a = 1 / (501 - id)", null, 100)), Cleaning.NONE);
        assertThat(result.outcome()).isEqualTo(RunOutcome.FAILED);
        assertThat(result.runs().get(0).sqlState()).isEqualTo("22012");
        assertThat(result.runs().get(0).batches().count()).isEqualTo(5);
        assertThat(result.state())
                .isEqualTo("statement 1 (scenario.yaml:7) failed; what it had committed by itself stays");
    }

    @Test
    void aBackfillThatIsStoppedKeepsWhatItHadCommitted() throws Exception {
        MigrationResult result = run(
                stopped(
                        LATER,
                        backfill("\"t\"", "note = pg_sleep(CASE WHEN id > 200 THEN 600 ELSE 0 END) || 'x'", null, 100)),
                (stop, given, first) -> given);
        assertThat(result.outcome()).isEqualTo(RunOutcome.STOPPED);
        assertThat(outcomes(result)).containsExactly("1 stopped");
        assertThat(result.runs().get(0).batches().rows()).isEqualTo(200);
        assertThat(value("SELECT count(*) FROM t WHERE note = 'x'")).isEqualTo("200");
    }

    @Test
    void aBackfillOfATableWithoutAPrimaryKeyDoesNotStart() throws Exception {
        Queries.execute(where, "CREATE TABLE bare (a int)");
        assertThat(run(steps(backfill("\"bare\"", "a = 1", null, 10)), Cleaning.NONE)
                        .fault())
                .contains("scenario.yaml:7 did not start", "\"bare\" has no primary key");
        assertThat(run(steps(backfill("\"nosuch\"", "a = 1", null, 10)), Cleaning.NONE)
                        .fault())
                .contains("\"nosuch\" does not exist");
    }
}
