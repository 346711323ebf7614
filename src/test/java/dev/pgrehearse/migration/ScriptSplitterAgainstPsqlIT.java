package dev.pgrehearse.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pgrehearse.scenario.SqlLexer;
import dev.pgrehearse.scenario.SqlToken;
import dev.pgrehearse.server.TestServer;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the splitter makes of a script is what a server received from psql for it, text for text. */
class ScriptSplitterAgainstPsqlIT {
    private static final String LOGGED = "statement: ";

    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick();

    @TempDir
    Path folder;

    @BeforeAll
    static void findPsqlAndLogStatements() throws SQLException {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "psql"))),
                "no psql on the PATH to compare with");
        POSTGRES.logStatements();
    }

    /** Each is a script; many of its statements fail, which psql passes over. */
    static Stream<String> scripts() {
        return Stream.of(
                "SELECT 1;",
                "SELECT 1; SELECT 2;",
                "SELECT 1;SELECT 2;SELECT 3",
                "SELECT 1",
                "SELECT 1\n\n\n",
                "SELECT 1 -- no semicolon\n",
                "\n\n  \tSELECT 1\n  ,\n\n 2;\n\n",
                ";;; SELECT 1;; ;",
                "SELECT ';';",
                "SELECT 'it''s; fine';",
                "SELECT 'a\\'; SELECT 'b';",
                "SELECT E'a\\';b'; SELECT 2;",
                "SELECT E'a\\\\'; SELECT 2;",
                "SELECT e'''\\';'; SELECT 2;",
                "SELECT E'a\\\nb;'; SELECT 2;",
                "SELECT E'\\x3b\\073;\\u003b'; SELECT 2;",
                "SELECT U&'d\\0061t;a', U&\"d;\\0061\" FROM (SELECT 1 AS data) x; SELECT 2;",
                "SELECT u&'x\\'; SELECT 2;",
                "SELECT B'0;1'; SELECT X'1;F'; SELECT n'a;b'; SELECT N'c';",
                "SELECT 'a'\n  'b;c';",
                "SELECT 'a' -- comment; here\n 'b;c';",
                "SELECT E'a\\''\n'b'; SELECT 2;",
                "SELECT \"a;b\" FROM (SELECT 1 AS \"a;b\") x; SELECT 2;",
                "SELECT 1 AS \"a\"\";b\"; SELECT 2;",
                "SELECT $$a;b$$; SELECT 2;",
                "SELECT $tag$a;$$;$tag;$tag$; SELECT 2;",
                "SELECT $a$ $b$ ; $a$; SELECT 2;",
                "SELECT $delim$ ; $junk$delim$; SELECT 2;",
                "SELECT $_1$;$_1$; SELECT $äö$;$äö$;",
                "SELECT $1; SELECT $1$2; SELECT 3;",
                "SELECT 1 AS a$b$c; SELECT 1 AS x$$y; SELECT 2;",
                "DO $$ BEGIN PERFORM 1; PERFORM 2; END $$; SELECT 1;",
                "-- a leading comment; here\nSELECT 1; -- a trailing one; here\n-- and\nSELECT 2;",
                "SELECT 1 -- inner; comment\n + 1;",
                "/* head; */ SELECT 1; /* tail; */",
                "/* a /* nested; */ b; */ SELECT 1;",
                "/* a */ /* b\n;\n */\n-- c\nSELECT /*;*/ 1;",
                "SELECT 1 /* ** */ + 2; SELECT 2 */* c; */ 3; SELECT 5 -- 4;\n;",
                "SELECT 2+/* ; */3; SELECT 2--;\n-1; SELECT 2 @-- ;\n3;",
                "SELECT '/*'; SELECT '*/'; SELECT '--';",
                "SELECT \"--\" FROM (SELECT 1 AS \"--\") x; SELECT $$ -- /* $$;",
                "SELECT (1; 2); SELECT 3;",
                "SELECT ((1)); SELECT 2);SELECT 3;",
                "CREATE TABLE a(i int); CREATE TABLE b(i int); CREATE RULE r AS ON INSERT TO a DO ALSO"
                        + " (DELETE FROM b; INSERT INTO b VALUES (1)); SELECT 1; DROP TABLE a, b;",
                "CREATE FUNCTION f1() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END; SELECT 3;",
                "CREATE OR REPLACE FUNCTION f2(i int) RETURNS int LANGUAGE sql BEGIN ATOMIC"
                        + " SELECT CASE i WHEN 1 THEN CASE WHEN true THEN 2 END ELSE 3 END; END; SELECT 4;",
                "create procedure p1() begin atomic select 1; end; select 2;",
                "CREATE OR REPLACE PROCEDURE p2() LANGUAGE sql BEGIN ATOMIC SELECT 1; END;\nSELECT 2;",
                "/* c */ CREATE /* x */ FUNCTION f3() RETURNS int RETURN CASE WHEN true THEN 1 END; SELECT 2;",
                "CREATE FUNCTION f4() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$; SELECT 1;",
                "CREATE FUNCTION f5(a int DEFAULT (CASE WHEN true THEN 1 END)) RETURNS int"
                        + " BEGIN ATOMIC SELECT a; END; SELECT 1;",
                "CREATE TABLE begin_table(i int); BEGIN; SELECT 1; END; DROP TABLE begin_table;",
                "SELECT CASE WHEN true THEN 1 END; SELECT 2;",
                "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1; COMMIT; SELECT 2",
                "SELECT 1::int; SELECT (ARRAY[1,2,3])[1:2]; SELECT 'a' :: text;",
                "SELECT a[i:j] FROM (SELECT ARRAY[1,2] AS a, 1 AS i, 2 AS j) x; SELECT 2;",
                "SELECT make_interval(days := 3); SELECT make_interval(days=>3);",
                "SELECT '{\"a\":1}'::jsonb ? 'a'; SELECT '{}'::jsonb ?| ARRAY['a;b']; SELECT '[1]'::jsonb @? '$[*]';",
                "SELECT 1.5e3; SELECT .5; SELECT 1.; SELECT 1e; SELECT 1..2; SELECT 0x1F;",
                "SELECT 1;\r\nSELECT\r\n 2;\r\n-- c\r\nSELECT 'a\r\nb';\r\n",
                "SELECT 1;\rSELECT 2; -- c\rSELECT 3;",
                "\uFEFFSELECT 1; SELECT 2;",
                "SELECT 'ü;€😀'; SELECT 1 AS größe; SELECT 2;",
                "SELECT 1 AS \"x\ny;\nz\"\n;\nSELECT $$\n\n;\n\n$$;",
                "SELECT 1 \t\f ; \f SELECT 2;",
                "SELECT U&'a' UESCAPE '!'; SELECT u & 1 FROM (SELECT 6 AS u) x; SELECT u&1 FROM (SELECT 6 AS u) x;",
                "BEGIN; CREATE TABLE atomic(begin int); ROLLBACK; SELECT 1;",
                "SELECT E'a'\r'b\\';c'; SELECT 2;");
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void isWhatPsqlSends(String script) throws IOException, InterruptedException, ScriptMistakes, SQLException {
        Path file = folder.resolve("script.sql");
        Files.writeString(file, script);
        String application = "case" + Math.abs((long) script.hashCode());
        psql(file, application);

        List<String> ours = ScriptSplitter.split(file).stream()
                .map(statement -> withoutEmptyLines(statement.sql()))
                .toList();

        assertThat(ours).isEqualTo(received(POSTGRES.logged(application)));
    }

    private static void psql(Path file, String application) throws IOException, InterruptedException {
        ProcessBuilder command = new ProcessBuilder("psql", "-X", "-q", "-f", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        var where = POSTGRES.superuser();
        command.environment()
                .putAll(Map.of(
                        "PGHOST", where.host(),
                        "PGPORT", String.valueOf(where.port()),
                        "PGUSER", where.user(),
                        "PGPASSWORD", where.password().reveal(),
                        "PGDATABASE", where.database(),
                        "PGCLIENTENCODING", "UTF8",
                        "PGAPPNAME", application));
        command.start().waitFor();
    }

    /**
     * The statements in the server's log, without those that are empty. One that does not parse is logged with its error
     * only; one that fails later is logged before, and again with its error.
     */
    private static List<String> received(List<TestServer.Logged> log) {
        List<String> statements = new ArrayList<>();
        String logged = null;
        for (TestServer.Logged entry : log) {
            if (entry.message().startsWith(LOGGED)) {
                logged = entry.message().substring(LOGGED.length()).stripTrailing();
                statements.add(logged);
            } else if (entry.statement() != null
                    && !entry.statement().stripTrailing().equals(logged)) {
                statements.add(entry.statement().stripTrailing());
            }
        }
        statements.removeIf(ScriptSplitterAgainstPsqlIT::isEmpty);
        return statements;
    }

    /** psql leaves out empty lines, except in quotes and comments; the splitter keeps them, so that positions stay true. */
    private static String withoutEmptyLines(String sql) {
        StringBuilder text = new StringBuilder();
        SqlLexer lexer = new SqlLexer(sql);
        for (SqlToken token = lexer.next(); token != null; token = lexer.next()) {
            boolean blank = token.kind() == SqlToken.Kind.WHITESPACE;
            text.append(blank ? token.of(sql).replaceAll("\n+", "\n") : token.of(sql));
        }
        return text.toString().stripTrailing();
    }

    private static boolean isEmpty(String sql) {
        return sql.replaceAll("(?s)/\\*.*\\*/", "")
                .replaceAll("--.*", "")
                .replace(";", "")
                .isBlank();
    }
}
