package dev.pgrehearse.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.server.TestServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ScriptCheckerIT {
    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick();

    private static List<String> mistakes(ConnectionDetails where, String script) throws SQLException, ScriptMistakes {
        return ScriptChecker.mistakes(where, ScriptSplitter.split("a.sql", script)).stream()
                .map(mistake -> mistake.line() + ":" + mistake.column() + " " + mistake.what())
                .toList();
    }

    @Test
    void soundScriptsHaveNone() throws Exception {
        String script = """
                BEGIN;
                ALTER TABLE nowhere ADD COLUMN c int;
                SELECT '{"a":1}'::jsonb ? 'a', '{fn now()}', "{ts" FROM nothing WHERE a ?| b;
                DO $$ BEGIN PERFORM {fn now()}; COMMIT; END $$;
                CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END;
                CREATE RULE r AS ON INSERT TO a DO ALSO (DELETE FROM b; DELETE FROM c);
                CREATE INDEX CONCURRENTLY i ON nowhere (c);
                VACUUM FULL;
                COMMIT;
                SELECT 1 -- the end""";
        assertThat(mistakes(POSTGRES.newDatabase(), script)).isEmpty();
    }

    @Test
    void everySyntaxErrorIsToldWithItsPlace() throws Exception {
        String script = """
                SELECT 1;
                ALTER TABEL t ADD c int;
                SELECT 'ü😀',
                  1 + ;
                /* € */ SELECT E'\\u12';
                SELECT 1;
                CREATE TABLE t (a int""";
        assertThat(mistakes(POSTGRES.newDatabase(), script.replace("(a int", "a int")))
                .containsExactly(
                        "2:7 syntax error at or near \"TABEL\"",
                        "4:7 syntax error at or near \";\"",
                        "5:18 invalid Unicode escape",
                        "7:16 syntax error at or near \"a\"");
    }

    @Test
    void aStatementThatBreaksOffIsTold() throws Exception {
        assertThat(mistakes(POSTGRES.newDatabase(), "SELECT 1; SELECT 1 +"))
                .containsExactly("1:21 syntax error at or near \";\"");
    }

    @Test
    void nothingIsExecutedAndNothingLocked() throws Exception {
        ConnectionDetails where = POSTGRES.newDatabase();
        Queries.execute(where, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)");
        try (Connection blocker = where.open("blocker")) {
            blocker.setAutoCommit(false);
            try (var statement = blocker.createStatement()) {
                statement.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE");
            }
            // Would wait for the lock for ever if it did more than parse
            assertThat(mistakes(where, "DELETE FROM t; DROP TABLE t; VACUUM t; BEGIN; CREATE TABLE u (a int); COMMIT;"))
                    .isEmpty();
            assertThat(mistakes(where, "DROP TABLE t; SELECT FROM FROM t; CREATE TABLE u (a int);"))
                    .hasSize(1);
            blocker.rollback();
        }
        assertThat(Queries.value(where, "SELECT count(*) FROM t")).isEqualTo("1");
        assertThat(Queries.value(where, "SELECT to_regclass('u') IS NULL")).isEqualTo("t");
    }

    @Test
    void noStatementsHaveNoMistakes() throws Exception {
        assertThat(ScriptChecker.mistakes(POSTGRES.newDatabase(), List.of())).isEmpty();
    }
}
