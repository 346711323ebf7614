package dev.pgrehearse.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.scenario.MigrationSpec.Retries;
import dev.pgrehearse.server.TestServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class MigrationRunnerIT {
    private static final String UTC = "UTC";

    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick();

    private final RehearsalClock clock = RehearsalClock.start();
    private final Sessions sessions = new Sessions();
    private ConnectionDetails where;

    @BeforeAll
    static void logStatements() throws SQLException {
        POSTGRES.logStatements();
    }

    @BeforeEach
    void newDatabase() throws SQLException {
        where = POSTGRES.newDatabase();
        Queries.execute(
                where,
                "CREATE TABLE p (id int PRIMARY KEY)",
                "CREATE TABLE t (id int PRIMARY KEY, a int, b text, v varchar(20), p_id int,"
                        + " at timestamptz DEFAULT now())",
                "CREATE INDEX t_b ON t (b)",
                "INSERT INTO p SELECT generate_series(1, 100)",
                "INSERT INTO t SELECT i, i, 'b' || i, 'v' || i, i % 100 + 1 FROM generate_series(1, 5000) i",
                "VACUUM (ANALYZE) t, p");
    }

    private static MigrationSettings settings(@Nullable Duration lockTimeout, int retries) {
        return new MigrationSettings(lockTimeout, null, UTC, new Retries(retries, Duration.ofMillis(1)));
    }

    private MigrationRunner runner(MigrationSettings settings, MigrationListener listener, Pause pause) {
        return new MigrationRunner(where, where, settings, clock, sessions, listener, pause);
    }

    private MigrationResult run(String script) throws ScriptMistakes {
        return run(script, settings(null, 0), (backoff, interrupted) -> {});
    }

    private MigrationResult run(String script, MigrationSettings settings, Pause pause) throws ScriptMistakes {
        return runner(settings, MigrationListener.SILENT, pause).run(ScriptSplitter.split("a.sql", script));
    }

    private static List<String> outcomes(MigrationResult result) {
        return result.runs().stream()
                .map(run -> run.statement().index() + "/" + run.attempt() + " " + run.outcome())
                .toList();
    }

    /** Without ACCESS SHARE, which forbids neither reads nor writes. */
    private static List<String> locks(StatementRun run) {
        return run.locks().stream()
                .filter(lock -> lock.mode() != LockMode.ACCESS_SHARE)
                .map(lock -> lock.relation() + ": " + lock.mode())
                .toList();
    }

    private StatementRun only(String sql) throws ScriptMistakes {
        MigrationResult result = run(sql);
        assertThat(result.fault()).as(sql).isNull();
        assertThat(result.runs()).hasSize(1);
        return result.runs().get(0);
    }

    private String value(String query) throws SQLException {
        return Queries.value(where, query);
    }

    /** Returns once the migration's backend waits for a lock. */
    private void awaitMigrationWaiting() throws SQLException {
        Queries.await(
                where,
                "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
                        + " WHERE NOT l.granted AND a.application_name = 'pgrehearse migration'"
                        + " AND a.datname = current_database()",
                "1");
    }

    /** Returns once the migration's session is gone: its backend ends a little after the connection. */
    private void awaitMigrationGone() throws SQLException {
        Queries.await(
                where,
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgrehearse migration'"
                        + " AND datname = current_database()",
                "0");
    }

    /** A session that holds a lock until it is closed. */
    private Connection holding(String lock) throws SQLException {
        Connection blocker = where.open("blocker");
        blocker.setAutoCommit(false);
        try (Statement statement = blocker.createStatement()) {
            statement.execute(lock);
        }
        return blocker;
    }

    // ---- what statements do

    @Test
    void textGoesToTheServerUnaltered() throws Exception {
        String script = """
                SELECT '{"a":1}'::jsonb ? 'a' /* {fn now()} */;
                SELECT '{fn now()} ? {d ''x''}', $x$ ? {fn now()} ; $x$;
                DO $$ BEGIN PERFORM '{"a":1}'::jsonb ?| ARRAY['{oj}']; END $$;
                CREATE FUNCTION f(i int) RETURNS int LANGUAGE sql
                BEGIN ATOMIC
                  SELECT 1; -- ?
                  SELECT CASE i WHEN 1 THEN 2 END;
                END;
                CREATE RULE r AS ON DELETE TO p DO ALSO (DELETE FROM t; UPDATE t SET a = 1);
                SELECT 1 -- the end""";
        MigrationResult result = run(script);
        assertThat(result.outcome()).isEqualTo(RunOutcome.OK);
        List<String> messages = POSTGRES.logged("pgrehearse migration").stream()
                .map(TestServer.Logged::message)
                .toList();
        for (SqlStatement statement : ScriptSplitter.split("a.sql", script)) {
            assertThat(messages).contains("statement: " + statement.sql());
        }
    }

    @Test
    void locksOfASingleSchemaChangeAreExact() throws Exception {
        StatementRun addColumn = only("ALTER TABLE t ADD COLUMN c int");
        assertThat(locks(addColumn)).containsExactly("t: ACCESS EXCLUSIVE");
        assertThat(addColumn.wrapped()).isTrue();
        assertThat(addColumn.locksKnown()).isTrue();
        assertThat(addColumn.rewrote()).isEmpty();
        assertThat(addColumn.scanned()).isEmpty();
        assertThat(addColumn.transaction()).isZero();

        StatementRun createIndex = only("CREATE INDEX t_a ON t (a)");
        assertThat(locks(createIndex)).containsExactly("t: SHARE");
        assertThat(createIndex.scanned()).containsExactly("t");

        StatementRun foreignKey = only("ALTER TABLE t ADD FOREIGN KEY (p_id) REFERENCES p");
        assertThat(locks(foreignKey))
                .containsExactly("p: SHARE ROW EXCLUSIVE", "t: SHARE ROW EXCLUSIVE", "p: ROW SHARE");
        assertThat(foreignKey.locks())
                .contains(
                        new LockReading("p_pkey", LockMode.ACCESS_SHARE), new LockReading("t", LockMode.ACCESS_SHARE));
        assertThat(foreignKey.scanned()).containsExactly("p", "t");
    }

    /** Against the modes that were taken down from PostgreSQL 15 and 18 by hand; ACCESS SHARE and included modes left out. */
    @Test
    void locksRewritesAndScansAreThoseTakenDownByHand() throws Exception {
        check("ALTER TABLE t ALTER a SET DEFAULT 1", "t: ACCESS EXCLUSIVE", "", "");
        check("ALTER TABLE t ALTER a SET STATISTICS 10", "t: SHARE UPDATE EXCLUSIVE", "", "");
        check("ALTER TABLE t ADD CHECK (a > 0) NOT VALID", "t: ACCESS EXCLUSIVE", "", "");
        check("ALTER TABLE t VALIDATE CONSTRAINT t_a_check", "t: SHARE UPDATE EXCLUSIVE", "", "t");
        check("ALTER TABLE t ALTER b SET NOT NULL", "t: ACCESS EXCLUSIVE", "", "t");
        check("ALTER TABLE t ALTER v TYPE varchar(50)", "t: ACCESS EXCLUSIVE", "", "");
        check("ALTER TABLE t ALTER at TYPE timestamp", "t: ACCESS EXCLUSIVE", "", "");
        check(
                "CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
                "t: SHARE ROW EXCLUSIVE",
                "",
                "");
        check("COMMENT ON TABLE t IS 'c'", "t: SHARE UPDATE EXCLUSIVE", "", "");
        check("CREATE TABLE n (p_id int REFERENCES p)", "p: SHARE ROW EXCLUSIVE", "", "");
        check("DROP TABLE n", "p: ACCESS EXCLUSIVE, n: ACCESS EXCLUSIVE", "", "");
        String rewritten =
                "t: ACCESS EXCLUSIVE, t (TOAST): ACCESS EXCLUSIVE, t (TOAST index): ACCESS EXCLUSIVE, t_b: ACCESS EXCLUSIVE,"
                        + " t_pkey: ACCESS EXCLUSIVE";
        check("ALTER TABLE t ALTER a TYPE bigint", rewritten, "t, t_b, t_pkey", "t");
        check("REINDEX TABLE t", null, "t_b, t_pkey", "t");
        check("TRUNCATE t", rewritten, "t, t_b, t_pkey", null);
        check("DROP INDEX t_b", "t: ACCESS EXCLUSIVE, t_b: ACCESS EXCLUSIVE", "", "");
    }

    /** As taken down by hand, without TOAST: {@code t:AccessExclusive t:Share t_b:AccessExclusive t_pkey:AccessExclusive}. */
    @Test
    void modesThatAStrongerOneIncludesAreReadToo() throws Exception {
        StatementRun rewrite = only("ALTER TABLE t ALTER a TYPE bigint");
        assertThat(locks(rewrite))
                .filteredOn(lock -> !lock.contains("TOAST"))
                .containsExactly(
                        "t: ACCESS EXCLUSIVE", "t_b: ACCESS EXCLUSIVE", "t_pkey: ACCESS EXCLUSIVE", "t: SHARE");
    }

    @Test
    void ofCataloguesOnlyWhatForbidsOthersSomethingIsRead() throws Exception {
        assertThat(locks(only("REINDEX INDEX pg_catalog.pg_description_o_c_o_index")))
                .contains("pg_catalog.pg_description_o_c_o_index: ACCESS EXCLUSIVE", "pg_catalog.pg_description: SHARE")
                .noneMatch(lock -> lock.endsWith(": ROW EXCLUSIVE"));
    }

    private void check(String sql, @Nullable String locks, String rewrote, @Nullable String scanned) throws Exception {
        StatementRun run = only(sql);
        assertThat(run.wrapped()).as(sql).isTrue();
        if (locks != null) {
            assertThat(run.locks().stream()
                            .filter(lock -> lock.mode() != LockMode.ACCESS_SHARE)
                            .filter(lock -> run.locks().stream()
                                    .noneMatch(other -> other.relation().equals(lock.relation())
                                            && other.mode() != lock.mode()
                                            && other.mode().includes(lock.mode())))
                            .map(lock -> lock.relation() + ": " + lock.mode()))
                    .as(sql)
                    .containsExactlyInAnyOrder(locks.split(", "));
        }
        assertThat(String.join(", ", run.rewrote())).as(sql).isEqualTo(rewrote);
        if (scanned != null) {
            assertThat(String.join(", ", run.scanned())).as(sql).isEqualTo(scanned);
        }
    }

    @Test
    void relationsOfOtherSchemasAreNamedWithThem() throws Exception {
        Queries.execute(where, "CREATE SCHEMA s", "CREATE TABLE s.\"Weird one\" (a int)");
        assertThat(locks(only("ALTER TABLE s.\"Weird one\" ADD b int")))
                .containsExactly("s.Weird one: ACCESS EXCLUSIVE");
    }

    @Test
    void rewritesOutsideTransactionsAreSeenToo() throws Exception {
        StatementRun vacuum = only("VACUUM FULL t");
        assertThat(vacuum.wrapped()).isFalse();
        assertThat(vacuum.locksKnown()).isFalse();
        assertThat(vacuum.rewrote()).contains("t", "t_pkey", "t_b");
        assertThat(only("UPDATE t SET a = 1").rewrote()).isEmpty();
    }

    @Test
    void aPartitionedTableIsReindexedWithoutATransactionAroundIt() throws Exception {
        Queries.execute(
                where,
                "CREATE TABLE m (a int PRIMARY KEY) PARTITION BY RANGE (a)",
                "CREATE TABLE m1 PARTITION OF m FOR VALUES FROM (0) TO (10)");
        StatementRun run = only("REINDEX TABLE m");
        assertThat(run.wrapped()).isFalse();
        assertThat(run.rewrote()).containsExactly("m1_pkey");
    }

    @Test
    void aDoBlockThatCommitsIsNotWrapped() throws Exception {
        StatementRun run = only("DO $$ BEGIN INSERT INTO p VALUES (1001); COMMIT; INSERT INTO p VALUES (1002); END $$");
        assertThat(run.wrapped()).isFalse();
        assertThat(value("SELECT count(*) FROM p WHERE id > 1000")).isEqualTo("2");
    }

    @Test
    void aLargeResultIsNotKept() throws Exception {
        assertThat(only("SELECT repeat('x', 1000) FROM generate_series(1, 200000)")
                        .outcome())
                .isEqualTo(RunOutcome.OK);
    }

    @Test
    void theTimeZoneIsTheServersAndNotOurs() throws Exception {
        Queries.execute(where, "ALTER SYSTEM SET timezone = 'Europe/Vienna'");
        try (Connection connection = where.open("test")) {
            assertThat(ServerTimeZone.of(connection, where.user())).isEqualTo("Europe/Vienna");
        }
        Queries.execute(where, "ALTER SYSTEM RESET timezone");
        Queries.execute(
                where,
                "ALTER ROLE " + where.user() + " IN DATABASE " + where.database() + " SET timezone = 'Asia/Tokyo'");
        String zone;
        try (Connection connection = where.open("test")) {
            zone = ServerTimeZone.of(connection, where.user());
        }
        assertThat(zone).isEqualTo("Asia/Tokyo");
        run(
                "CREATE TABLE zone AS SELECT current_setting('TimeZone') AS name",
                new MigrationSettings(null, null, zone, Retries.NONE),
                Pause.FOR_BACKOFF);
        assertThat(value("SELECT name FROM zone")).isEqualTo("Asia/Tokyo");
    }

    // ---- the script's own transactions

    @Test
    void eachStatementOfATransactionHasItsOwnNewLocks() throws Exception {
        MigrationResult result = run("""
                BEGIN;
                ALTER TABLE t ADD COLUMN c int;
                CREATE INDEX t_c ON t (c);
                ALTER TABLE t ALTER a TYPE bigint;
                UPDATE p SET id = id;
                CREATE TABLE fresh (a int);
                ALTER TABLE fresh ADD b int;
                COMMIT;
                SELECT 1;""");
        assertThat(result.state()).isEqualTo("all 9 statements are committed");
        assertThat(result.runs()).extracting(StatementRun::transaction).containsExactly(1, 1, 1, 1, 1, 1, 1, 1, 0);
        assertThat(result.runs()).extracting(StatementRun::wrapped).containsOnly(false);
        assertThat(locks(result.runs().get(1))).containsExactly("t: ACCESS EXCLUSIVE");
        assertThat(locks(result.runs().get(2))).containsExactly("t: SHARE");
        assertThat(result.runs().get(2).scanned()).containsExactly("t");
        assertThat(result.runs().get(3).rewrote())
                .contains("t", "t_pkey", "t_b")
                .doesNotContain("t_c");
        assertThat(locks(result.runs().get(4))).contains("p: ROW EXCLUSIVE");
        assertThat(result.runs().get(4).scanned()).containsExactly("p");
        assertThat(result.runs().get(5).locks()).isEmpty();
        assertThat(result.runs().get(6).locks()).isEmpty();
    }

    @Test
    void readingDoesNotDisturbSetTransactionNorSnapshots() throws Exception {
        MigrationResult result = run("""
                BEGIN;
                SET LOCAL lock_timeout = '5s';
                SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;
                LOCK TABLE t IN SHARE MODE;
                SELECT count(*) FROM t;
                COMMIT;
                BEGIN;
                LOCK TABLE t;
                SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;
                SELECT 1;
                COMMIT;
                BEGIN;
                LOCK TABLE t;
                ALTER TABLE t ADD c int;
                COMMIT;""");
        assertThat(result.fault()).isNull();
        assertThat(result.runs().get(3).locksKnown()).isFalse();
        assertThat(locks(result.runs().get(4))).containsExactly("t: SHARE");
        assertThat(locks(result.runs().get(9))).containsExactly("t: ACCESS EXCLUSIVE");
        assertThat(locks(result.runs().get(12))).containsExactly("t: ACCESS EXCLUSIVE");
        assertThat(locks(result.runs().get(13))).isEmpty();
    }

    @Test
    void aTransactionLeftOpenIsAFailureAndRolledBack() throws Exception {
        MigrationResult result = run("SELECT 1;\nBEGIN;\nALTER TABLE t ADD c int;");
        assertThat(result.outcome()).isEqualTo(RunOutcome.FAILED);
        assertThat(result.fault()).contains("inside the transaction that began at a.sql:2, without COMMIT");
        assertThat(result.state()).isEqualTo("statement 1 (a.sql:1) is committed; statements 2-3 were rolled back");
        assertThat(value("SELECT count(*) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'c'"))
                .isEqualTo("0");
    }

    @Test
    void chainedTransactionsAreTold() throws Exception {
        MigrationResult result =
                run("BEGIN; ALTER TABLE t ADD c int; COMMIT AND CHAIN; ALTER TABLE t ADD d int; ROLLBACK;");
        assertThat(result.fault()).isNull();
        assertThat(result.runs()).extracting(StatementRun::transaction).containsExactly(1, 1, 1, 2, 2);
        assertThat(result.runs().get(3).locksKnown()).isTrue();
        assertThat(locks(result.runs().get(3))).containsExactly("t: ACCESS EXCLUSIVE");
        assertThat(result.state())
                .isEqualTo("statements 1-3 are committed; statements 4-5 were rolled back by the script itself");
    }

    @Test
    void locksGivenBackToASavepointAreNewAgain() throws Exception {
        MigrationResult result =
                run("BEGIN; SELECT 1; SAVEPOINT s; LOCK TABLE p; ROLLBACK TO s; LOCK TABLE p; COMMIT;");
        assertThat(locks(result.runs().get(3))).containsExactly("p: ACCESS EXCLUSIVE");
        assertThat(locks(result.runs().get(5))).containsExactly("p: ACCESS EXCLUSIVE");
    }

    // ---- failures

    @Test
    void concurrentlyInsideATransactionFails() throws Exception {
        MigrationResult result = run("SELECT 1;\nBEGIN;\nCREATE INDEX CONCURRENTLY i ON t (a);\nCOMMIT;");
        assertThat(result.outcome()).isEqualTo(RunOutcome.FAILED);
        assertThat(result.runs().get(2).sqlState()).isEqualTo("25001");
        assertThat(result.state())
                .isEqualTo("statement 1 (a.sql:1) is committed; statement 2 (a.sql:2) was rolled back;"
                        + " statement 3 (a.sql:3) failed and was rolled back; statement 4 (a.sql:4) was not run");
    }

    @Test
    void anErrorIsToldWithItsPlaceInTheScript() throws Exception {
        MigrationResult result = run("SELECT 1;\n/* ü */ SELECT 'é',\n   nosuch FROM t;\nSELECT 3;");
        StatementRun failed = result.runs().get(1);
        assertThat(failed.outcome()).isEqualTo(RunOutcome.FAILED);
        assertThat(failed.error()).isEqualTo("column \"nosuch\" does not exist; at: a.sql:3:4");
        assertThat(result.fault())
                .isEqualTo(
                        "statement 2 (a.sql:2) failed: column \"nosuch\" does not exist; at: a.sql:3:4 (SQLSTATE 42703)");
        assertThat(result.attempts()).isEqualTo(1);
    }

    @Test
    void aWrappedFailureIsRolledBack() throws Exception {
        MigrationResult result = run("ALTER TABLE t ADD CHECK (a < 100); SELECT 1;", settings(null, 3), (b, i) -> {});
        assertThat(outcomes(result)).containsExactly("1/1 failed");
        assertThat(result.runs().get(0).sqlState()).isEqualTo("23514");
        assertThat(result.runs().get(0).wrapped()).isTrue();
        assertThat(result.state())
                .isEqualTo("statement 1 (a.sql:1) failed and was rolled back; statement 2 (a.sql:1) was not run");
        awaitMigrationGone();
    }

    @Test
    void aStatementTimeoutIsNotTriedAgain() throws Exception {
        var settings = new MigrationSettings(null, Duration.ofSeconds(2), UTC, new Retries(3, Duration.ofMillis(1)));
        MigrationResult result = run("SELECT pg_sleep(60)", settings, (b, i) -> {});
        assertThat(outcomes(result)).containsExactly("1/1 failed");
        assertThat(result.runs().get(0).sqlState()).isEqualTo("57014");
    }

    @Test
    void aServerThatCannotBeReachedIsAFailure() throws Exception {
        MigrationResult result = new MigrationRunner(
                        where.withDatabase("nosuch"),
                        where,
                        settings(null, 0),
                        clock,
                        sessions,
                        MigrationListener.SILENT)
                .run(ScriptSplitter.split("a.sql", "SELECT 1"));
        assertThat(result.outcome()).isEqualTo(RunOutcome.FAILED);
        assertThat(result.state())
                .startsWith("nothing was run: no session could be opened: ")
                .contains("database \"nosuch\" does not exist");
        assertThat(result.fault()).contains("database \"nosuch\" does not exist");
    }

    @Test
    void aTimeoutThatPostgresqlCannotKeepIsRefused() {
        assertThatThrownBy(() -> settings(Duration.ofNanos(1), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("whole milliseconds");
    }

    @Test
    void aCommitThatFailsRollsItsTransactionBack() throws Exception {
        Queries.execute(
                where, "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (p_id) REFERENCES p DEFERRABLE INITIALLY DEFERRED");
        MigrationResult result = run("BEGIN; UPDATE t SET p_id = 0 WHERE id = 1;\nCOMMIT; SELECT 1;");
        assertThat(result.runs().get(2).sqlState()).isEqualTo("23503");
        assertThat(result.state())
                .isEqualTo("statements 1-2 were rolled back; statement 3 (a.sql:2) failed and was rolled back;"
                        + " statement 4 (a.sql:2) was not run");
    }

    @Test
    void readingsWaitForNobodysTable() throws Exception {
        try (Connection blocker = holding("LOCK TABLE p IN ACCESS EXCLUSIVE MODE")) {
            // A reading that waited for p would fail by this timeout
            MigrationResult result = run(
                    "ALTER TABLE t ADD c int; UPDATE t SET c = 1; REINDEX TABLE t; VACUUM t;"
                            + " BEGIN; ALTER TABLE t ADD d int; UPDATE t SET d = 1; COMMIT;",
                    settings(Duration.ofMillis(100), 0),
                    (backoff, interrupted) -> {});
            assertThat(result.fault()).isNull();
            blocker.rollback();
        }
    }

    @Test
    void scansThatALimitStopsAreNoneFromEndToEnd() throws Exception {
        MigrationResult result = run("BEGIN; SELECT * FROM t LIMIT 1; SELECT count(v) FROM t; SELECT 1; COMMIT;");
        assertThat(result.runs().get(1).scanned()).isEmpty();
        assertThat(result.runs().get(2).scanned()).containsExactly("t");
        assertThat(result.runs().get(3).scanned()).isEmpty();
    }

    // ---- what is not the migration's

    @Test
    void whatTheListenerDoesFirstIsNoneOfTheStatementsTime() throws Exception {
        long[] heardNanos = new long[1];
        MigrationListener slow = new MigrationListener() {
            @Override
            public void statementStarted(SqlStatement statement, int attempt, int backendPid) {
                heardNanos[0] = clock.nanos();
            }

            @Override
            public void statementEnded(StatementRun run) {}

            @Override
            public void pausing(Duration backoff, String why) {}
        };
        MigrationResult result = runner(settings(null, 0), slow, (backoff, interrupted) -> {})
                .run(ScriptSplitter.split("a.sql", "ALTER TABLE t ADD n int"));

        assertThat(result.runs().get(0).startNanos()).isGreaterThanOrEqualTo(heardNanos[0]);
    }

    @Test
    void practiceLeavesNothing() throws Exception {
        String relations = "SELECT count(*) || ' ' || max(oid::bigint) FROM pg_class";
        String before = value(relations);
        MigrationRunner.prepare(where, where);
        awaitMigrationGone();

        assertThat(value(relations)).isEqualTo(before);
        assertThat(POSTGRES.logged("pgrehearse migration"))
                .extracting(TestServer.Logged::message)
                .contains("statement: ROLLBACK;")
                .noneMatch(message -> message.contains("ERROR"));
    }

    @Test
    void theLogTellsHowLongStatementsTookAndNotWhatTheySaid() throws Exception {
        ConnectionDetails app = POSTGRES.app(where);
        Queries.execute(where, "REVOKE SET ON PARAMETER log_duration FROM " + app.user());
        MigrationRunner asApp =
                new MigrationRunner(app, where, settings(null, 0), clock, sessions, MigrationListener.SILENT);
        assertThat(asApp.run(ScriptSplitter.split("a.sql", "SELECT 'before';")).fault())
                .isNull();
        awaitMigrationGone();
        int untold = durations().size();

        MigrationRunner.prepare(app, where);
        MigrationRunner allowed =
                new MigrationRunner(app, where, settings(null, 0), clock, sessions, MigrationListener.SILENT);
        assertThat(allowed.run(ScriptSplitter.split("a.sql", "SELECT 'canary', pg_sleep(0.05);"))
                        .fault())
                .isNull();
        awaitMigrationGone();

        List<String> told = durations();
        assertThat(told.subList(untold, told.size()))
                .anySatisfy(message -> assertThat(Double.parseDouble(message.split(" ", -1)[1]))
                        .isGreaterThanOrEqualTo(50));
        assertThat(told).noneMatch(message -> message.contains("canary"));
    }

    private static List<String> durations() throws Exception {
        return POSTGRES.logged("pgrehearse migration").stream()
                .filter(entry -> entry.message().startsWith("duration: "))
                .map(entry -> entry.message() + entry.statement())
                .toList();
    }

    // ---- retries

    @Test
    void aLockTimeoutIsTriedAgainUntilTheBlockerLeaves() throws Exception {
        List<String> heard = new ArrayList<>();
        Connection blocker = holding("SELECT FROM t");
        MigrationListener listener = new MigrationListener() {
            @Override
            public void statementStarted(SqlStatement statement, int attempt, int backendPid) {
                heard.add("started " + attempt + " " + sessions.of(backendPid).label());
            }

            @Override
            public void statementEnded(StatementRun run) {
                heard.add("ended " + run.outcome());
            }

            @Override
            public void pausing(Duration backoff, String why) {
                heard.add("pausing " + backoff.toMillis() + " " + why);
            }
        };
        MigrationResult result;
        int[] pauses = {0};
        try (blocker) {
            result = runner(settings(Duration.ofMillis(50), 5), listener, (backoff, interrupted) -> {
                        if (++pauses[0] == 2) {
                            commit(blocker);
                        }
                    })
                    .run(ScriptSplitter.split("a.sql", "ALTER TABLE t ADD c int"));
        }
        assertThat(outcomes(result)).containsExactly("1/1 retried", "1/2 retried", "1/3 ok");
        assertThat(result.attempts()).isEqualTo(3);
        assertThat(result.outcome()).isEqualTo(RunOutcome.OK);
        assertThat(result.runs().get(0).sqlState()).isEqualTo("55P03");
        assertThat(result.runs().get(0).endNanos() - result.runs().get(0).startNanos())
                .isGreaterThanOrEqualTo(Duration.ofMillis(50).toNanos());
        String why = "statement 1 (a.sql:1) failed: canceling statement due to lock timeout (SQLSTATE 55P03)";
        assertThat(heard)
                .containsExactly(
                        "started 1 statement 1",
                        "ended retried",
                        "pausing 1 " + why,
                        "started 2 statement 1",
                        "ended retried",
                        "pausing 1 " + why,
                        "started 3 statement 1",
                        "ended ok");
        assertThat(sessions.migrationPid()).isNull();
    }

    @Test
    void retriesEnd() throws Exception {
        try (Connection blocker = holding("SELECT FROM t")) {
            MigrationResult result =
                    run("ALTER TABLE t ADD c int", settings(Duration.ofMillis(20), 2), (backoff, interrupted) -> {});
            assertThat(outcomes(result)).containsExactly("1/1 retried", "1/2 retried", "1/3 failed");
            assertThat(result.outcome()).isEqualTo(RunOutcome.FAILED);
            assertThat(result.attempts()).isEqualTo(3);
            blocker.rollback();
        }
    }

    @Test
    void aTransactionIsTriedAgainAsAWhole() throws Exception {
        Connection blocker = holding("SELECT FROM t");
        String script = """
                CREATE TABLE first (a int);
                BEGIN;
                INSERT INTO p VALUES (1001);
                ALTER TABLE t ADD c int;
                COMMIT;
                SELECT 1;""";
        MigrationResult result;
        try (blocker) {
            result = run(script, settings(Duration.ofMillis(20), 1), (backoff, interrupted) -> commit(blocker));
        }
        assertThat(result.fault()).isNull();
        assertThat(outcomes(result))
                .containsExactly(
                        "1/1 ok", "2/1 ok", "3/1 ok", "4/1 retried", "2/2 ok", "3/2 ok", "4/2 ok", "5/2 ok", "6/1 ok");
        assertThat(result.runs()).extracting(StatementRun::transaction).containsExactly(0, 1, 1, 1, 2, 2, 2, 2, 0);
        assertThat(value("SELECT count(*) FROM p WHERE id = 1001")).isEqualTo("1");
        assertThat(result.state()).isEqualTo("all 6 statements are committed");
    }

    @Test
    void aTransactionThatGivesUpIsRolledBackAsAWhole() throws Exception {
        try (Connection blocker = holding("SELECT FROM t")) {
            MigrationResult result = run(
                    "BEGIN; INSERT INTO p VALUES (1001); ALTER TABLE t ADD c int; COMMIT;",
                    settings(Duration.ofMillis(20), 0),
                    (backoff, interrupted) -> {});
            assertThat(result.state())
                    .isEqualTo("statements 1-2 were rolled back; statement 3 (a.sql:1) failed and was rolled back;"
                            + " statement 4 (a.sql:1) was not run");
            blocker.rollback();
        }
        assertThat(value("SELECT count(*) FROM p WHERE id = 1001")).isEqualTo("0");
    }

    @Test
    void aChainedTransactionIsTriedAgainInAChain() throws Exception {
        Connection blocker = holding("SELECT FROM t");
        MigrationResult result;
        try (blocker) {
            result = run(
                    "BEGIN; INSERT INTO p VALUES (1001); COMMIT AND CHAIN; INSERT INTO p VALUES (1002);"
                            + " ALTER TABLE t ADD c int; COMMIT;",
                    settings(Duration.ofMillis(20), 1),
                    (backoff, interrupted) -> commit(blocker));
        }
        assertThat(result.fault()).isNull();
        assertThat(outcomes(result))
                .containsExactly("1/1 ok", "2/1 ok", "3/1 ok", "4/1 ok", "5/1 retried", "4/2 ok", "5/2 ok", "6/2 ok");
        assertThat(value("SELECT count(*) FROM p WHERE id > 1000")).isEqualTo("2");
    }

    @Test
    void aDeadlockIsTriedAgain() throws Exception {
        Queries.execute(where, "ALTER DATABASE " + where.database() + " SET deadlock_timeout = '10ms'");
        Connection other = where.open("other");
        try (other) {
            // Only the migration looks for deadlocks soon, so that it is the one that finds this one
            try (Statement statement = other.createStatement()) {
                statement.execute("SET deadlock_timeout = '1h'");
            }
            other.setAutoCommit(false);
            try (Statement statement = other.createStatement()) {
                statement.execute("LOCK TABLE p");
            }
            List<CompletableFuture<Void>> crossing = new ArrayList<>();
            MigrationListener listener = new MigrationListener() {
                @Override
                public void statementStarted(SqlStatement statement, int attempt, int backendPid) {
                    if (statement.index() == 3 && attempt == 1) {
                        crossing.add(CompletableFuture.runAsync(() -> crossAndCommit(other)));
                        awaitOtherWaiting();
                    }
                }

                @Override
                public void statementEnded(StatementRun run) {}

                @Override
                public void pausing(Duration backoff, String why) {}
            };
            MigrationResult result = runner(
                            settings(null, 1),
                            listener,
                            (backoff, interrupted) -> crossing.get(0).join())
                    .run(ScriptSplitter.split("a.sql", "BEGIN; LOCK TABLE t; LOCK TABLE p; COMMIT;"));
            assertThat(result.runs().get(2).sqlState()).isEqualTo("40P01");
            assertThat(result.runs().get(2).error()).contains("detail: Process ");
            assertThat(outcomes(result))
                    .containsExactly("1/1 ok", "2/1 ok", "3/1 retried", "1/2 ok", "2/2 ok", "3/2 ok", "4/2 ok");
        }
    }

    private static void crossAndCommit(Connection other) {
        try (Statement statement = other.createStatement()) {
            statement.execute("LOCK TABLE t");
            other.commit();
        } catch (SQLException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private void awaitOtherWaiting() {
        try {
            Queries.await(where, "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 't'::regclass", "1");
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

    // ---- ends from outside

    @Test
    void interruptionCancelsTheRunningStatement() throws Exception {
        try (Connection blocker = holding("SELECT FROM t")) {
            MigrationRunner runner = runner(settings(null, 3), MigrationListener.SILENT, (b, i) -> {});
            List<SqlStatement> statements =
                    ScriptSplitter.split("a.sql", "SELECT 1; ALTER TABLE t ADD c int; SELECT 2;");
            CompletableFuture<MigrationResult> running = CompletableFuture.supplyAsync(() -> runner.run(statements));
            awaitMigrationWaiting();
            runner.interrupt();
            MigrationResult result = running.join();
            assertThat(result.outcome()).isEqualTo(RunOutcome.INTERRUPTED);
            assertThat(outcomes(result)).containsExactly("1/1 ok", "2/1 interrupted");
            assertThat(result.fault()).isNull();
            assertThat(result.state())
                    .isEqualTo("statement 1 (a.sql:1) is committed; statement 2 (a.sql:1) was cancelled and rolled"
                            + " back; statement 3 (a.sql:1) was not run");
            blocker.rollback();
        }
    }

    @Test
    void interruptionEndsThePause() throws Exception {
        try (Connection blocker = holding("SELECT FROM t")) {
            CountDownLatch pausing = new CountDownLatch(1);
            var settings = new MigrationSettings(Duration.ofMillis(20), null, UTC, new Retries(3, Duration.ofDays(1)));
            MigrationRunner runner = runner(settings, MigrationListener.SILENT, (backoff, interrupted) -> {
                pausing.countDown();
                Pause.FOR_BACKOFF.await(backoff, interrupted);
            });
            List<SqlStatement> statements = ScriptSplitter.split("a.sql", "ALTER TABLE t ADD c int;");
            CompletableFuture<MigrationResult> running = CompletableFuture.supplyAsync(() -> runner.run(statements));
            pausing.await();
            runner.interrupt();
            assertThat(running.join().outcome()).isEqualTo(RunOutcome.INTERRUPTED);
            assertThat(outcomes(running.join())).containsExactly("1/1 retried");
            assertThat(running.join().state()).isEqualTo("statement 1 (a.sql:1) was not run");
            blocker.rollback();
        }
    }

    @Test
    void interruptionBeforeTheStartRunsNothing() throws Exception {
        MigrationRunner runner = runner(settings(null, 0), MigrationListener.SILENT, (b, i) -> {});
        runner.interrupt();
        MigrationResult result = runner.run(ScriptSplitter.split("a.sql", "DROP TABLE t; SELECT 1;"));
        assertThat(result.outcome()).isEqualTo(RunOutcome.INTERRUPTED);
        assertThat(result.state()).isEqualTo("all 2 statements were not run");
    }

    @Test
    void aTerminatedBackendLeavesTheStateOfAnUnwrappedStatementUnknown() throws Exception {
        try (Connection blocker = holding("LOCK TABLE t")) {
            CompletableFuture<MigrationResult> running = supply("SELECT 1; UPDATE t SET a = 1; SELECT 2;");
            awaitMigrationWaiting();
            terminateMigration();
            MigrationResult result = running.join();
            assertThat(result.outcome()).isEqualTo(RunOutcome.FAILED);
            assertThat(result.state())
                    .isEqualTo("statement 1 (a.sql:1) is committed; statement 2 (a.sql:1) may or may not be committed:"
                            + " the connection was lost before the server's answer; statement 3 (a.sql:1) was not run");
            blocker.rollback();
        }
    }

    @Test
    void aTerminatedBackendInATransactionHasRolledBack() throws Exception {
        try (Connection blocker = holding("LOCK TABLE t")) {
            CompletableFuture<MigrationResult> running = supply("BEGIN; INSERT INTO p VALUES (1001); DELETE FROM t;");
            awaitMigrationWaiting();
            terminateMigration();
            MigrationResult result = running.join();
            assertThat(result.state())
                    .isEqualTo("statements 1-2 were rolled back; statement 3 (a.sql:1) failed and was rolled back");
            assertThat(result.runs().get(2).sqlState()).isEqualTo("57P01");
            blocker.rollback();
        }
    }

    @Test
    void aServerThatCrashesEndsTheMigration() throws Exception {
        Connection blocker = holding("LOCK TABLE t");
        CompletableFuture<MigrationResult> running = supply("ALTER TABLE t ADD b int; SELECT 2;");
        awaitMigrationWaiting();
        POSTGRES.crash();
        try {
            MigrationResult result = running.join();
            assertThat(result.outcome()).isEqualTo(RunOutcome.FAILED);
            assertThat(result.state())
                    .isEqualTo("statement 1 (a.sql:1) failed and was rolled back; statement 2 (a.sql:1) was not run");
            blocker.close();
        } finally {
            POSTGRES.startAgain();
        }
    }

    private CompletableFuture<MigrationResult> supply(String script) throws ScriptMistakes {
        List<SqlStatement> statements = ScriptSplitter.split("a.sql", script);
        MigrationRunner runner = runner(settings(null, 3), MigrationListener.SILENT, (b, i) -> {});
        return CompletableFuture.supplyAsync(() -> runner.run(statements));
    }

    private void terminateMigration() throws SQLException {
        value("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                + " WHERE application_name = 'pgrehearse migration' AND datname = current_database()");
    }
}
