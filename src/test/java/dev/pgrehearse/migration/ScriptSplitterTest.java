package dev.pgrehearse.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScriptSplitterTest {
    @TempDir
    Path folder;

    private static List<String> places(String script) throws ScriptMistakes {
        return ScriptSplitter.split("a.sql", script).stream()
                .map(statement -> statement.index() + "@" + statement.line() + ":" + statement.column())
                .toList();
    }

    private static List<String> mistakes(String script) {
        ScriptMistakes mistakes =
                catchThrowableOfType(ScriptMistakes.class, () -> ScriptSplitter.split("a.sql", script));
        assertThat(mistakes).as("mistakes in %s", script).isNotNull();
        return mistakes.mistakes().stream()
                .map(mistake -> mistake.line() + ":" + mistake.column() + " " + mistake.what())
                .toList();
    }

    @Test
    void placesAreThoseOfTheFirstKeyword() throws ScriptMistakes {
        assertThat(places("SELECT 1;\n\n  -- c\n /* d\n */ SELECT 2; SELECT 3\n;\n\tSELECT 4"))
                .containsExactly("1@1:1", "2@5:5", "3@5:15", "4@7:2");
        assertThat(places("\uFEFFSELECT 1;\r\n  SELECT 2;")).containsExactly("1@1:1", "2@2:3");
        assertThat(places("/* €😀 */ SELECT 1;")).containsExactly("1@1:10");
    }

    @Test
    void emptyStatementsAreNone() throws ScriptMistakes {
        assertThat(places("")).isEmpty();
        assertThat(places(";; /* a */ ; -- b\n;\n/* only a comment */")).isEmpty();
    }

    @Test
    void aPositionOfTheServerIsAPlaceInTheScript() throws ScriptMistakes {
        SqlStatement statement = ScriptSplitter.split("a.sql", "SELECT 1;\n  /* € */ SELECT 'ü😀',\n     wrong;")
                .get(0 + 1);
        int position = statement.sql().codePointCount(0, statement.sql().indexOf("wrong")) + 1;
        assertThat(statement.placeOf(position)).isEqualTo("a.sql:3:6");
        assertThat(statement.placeOf(1)).isEqualTo("a.sql:2:3");
        assertThat(statement.placeOf(9)).isEqualTo("a.sql:2:11");
    }

    @Test
    void aPositionInACommentAboveIsAPlaceToo() throws ScriptMistakes {
        SqlStatement statement =
                ScriptSplitter.split("a.sql", "SELECT 1; /* a\n b */ SELECT 2;").get(1);
        assertThat(statement.placeOf(7)).isEqualTo("a.sql:2:2");
        assertThat(statement.line()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "SELECT 1; SELECT 'abc            | 1:18 a string ' that is never closed",
                "SELECT E'a\\'                     | 1:8 a string E' that is never closed",
                "SELECT \"a                        | 1:8 a quoted identifier that is never closed",
                "SELECT $x$ $$                    | 1:8 a dollar quote $x$ that is never closed",
                "SELECT 1 /* a /* b */            | 1:10 a comment /* that is never closed",
                "SELECT (1, (2); SELECT 3;        | 1:8 a parenthesis that is never closed",
                "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1;"
                        + " | 1:33 a BEGIN ATOMIC block that is never closed",
                "\\i other.sql                    | 1:1 the psql command \\i",
                "SELECT 1 \\gset                  | 1:10 the psql command \\gset",
                "SELECT 1 \\; SELECT 2;           | 1:10 the psql command \\;",
                "SELECT :name;                    | 1:8 the psql variable :name",
                "SELECT :'name';                  | 1:8 the psql variable :'name'",
                "SELECT * FROM :\"t\";             | 1:15 the psql variable :\"t\"",
                "SELECT :{?x};                    | 1:8 the psql variable :{?x}",
                "COPY t FROM stdin;               | 1:1 COPY FROM STDIN, whose rows psql reads from the script",
                "COPY (SELECT 1) TO STDOUT;       | 1:1 COPY TO STDOUT, whose rows psql prints",
                "SET standard_conforming_strings = off;"
                        + " | 1:1 `standard_conforming_strings switched off, which changes where strings end`",
            })
    void whatCannotBeSentIsAMistake(String script, String mistake) {
        assertThat(mistakes(script)).containsExactly(mistake.replace("`", ""));
    }

    @Test
    void whatOnlyLooksLikeOneIsNone() throws ScriptMistakes {
        assertThat(places("SELECT a[1:n], a[b:c][:d], x::int, f(p := 1), ':name', $$:name \\i$$ FROM t;"
                        + " COPY t FROM 'stdin'; COPY (SELECT 1 FROM stdin) TO '/tmp/x';"
                        + " SET standard_conforming_strings = on;"))
                .hasSize(4);
    }

    @Test
    void allMistakesAreToldAtOnceAndInOrder() {
        String script = """
                \\set ON_ERROR_STOP on
                COPY t (a, b) FROM STDIN;
                1\t'
                2\t(
                \\.
                SELECT 1;
                SELECT :x;
                \\connect other
                INSERT INTO t VALUES ('a);
                """;
        assertThat(mistakes(script))
                .containsExactly(
                        "1:1 the psql command \\set",
                        "2:1 COPY FROM STDIN, whose rows psql reads from the script",
                        "7:8 the psql variable :x",
                        "8:1 the psql command \\connect",
                        "9:23 a string ' that is never closed");
    }

    @Test
    void scriptsAreNumberedThrough() throws IOException, ScriptMistakes {
        Path first = Files.writeString(folder.resolve("1.sql"), "SELECT 1; SELECT 2;");
        Path second = Files.writeString(folder.resolve("2.sql"), "SELECT 3;");
        assertThat(ScriptSplitter.split(List.of(first, second)))
                .containsExactly(
                        new SqlStatement(1, "1.sql", 1, 1, "SELECT 1;"),
                        new SqlStatement(2, "1.sql", 1, 11, "SELECT 2;"),
                        new SqlStatement(3, "2.sql", 1, 1, "SELECT 3;"));
    }

    @Test
    void mistakesOfAllScriptsAreToldAtOnce() throws IOException {
        Path first = Files.writeString(folder.resolve("1.sql"), "\\i x");
        Path second = Files.write(folder.resolve("2.sql"), new byte[] {'-', '-', '\n', ' ', (byte) 0xE4});
        assertThatThrownBy(() -> ScriptSplitter.split(List.of(first, second)))
                .isInstanceOf(ScriptMistakes.class)
                .hasMessageContaining("1.sql:1:1: the psql command \\i")
                .hasMessageContaining("2.sql:2:2: a byte that is not UTF-8; expected: a script in UTF-8");
    }
}
