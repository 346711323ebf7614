package dev.pgrehearse.migration;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Place;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Finds syntax errors by the server's own grammar, without executing, analysing or locking anything.
 *
 * <p>The statements are sent as one simple query that ends in a word no statement begins with. The server parses the
 * whole text of a simple query before it does anything with its first statement ({@code exec_simple_query} in
 * PostgreSQL's {@code postgres.c}), so that query always fails, and where it fails tells whether the statements are
 * sound. Tables need not exist. Stateless, so thread-safe.
 */
public final class ScriptChecker {
    /** No statement of PostgreSQL begins with a word that is no keyword. */
    private static final String NEVER_A_STATEMENT = "pgrehearse_syntax_check";

    private static final String SEPARATOR = "\n;\n";

    private ScriptChecker() {}

    /**
     * Every syntax error in the statements, in their order; empty when there is none.
     *
     * @param where a server of the version that the migration will run on
     * @throws SQLException when the server cannot be reached, or answers with anything but a syntax error
     */
    public static List<ScriptMistake> mistakes(ConnectionDetails where, List<SqlStatement> statements)
            throws SQLException {
        List<ScriptMistake> mistakes = new ArrayList<>();
        try (Connection connection = where.open("pgrehearse syntax check", Map.of("preferQueryMode", "simple"))) {
            String version = connection.getMetaData().getDatabaseProductVersion();
            int first = 0;
            while (first < statements.size()) {
                first = check(connection, version, statements, first, mistakes);
            }
        }
        return List.copyOf(mistakes);
    }

    /** Checks from statement {@code first} to the first mistake; returns where to go on. */
    private static int check(
            Connection connection,
            String version,
            List<SqlStatement> statements,
            int first,
            List<ScriptMistake> mistakes)
            throws SQLException {
        StringBuilder script = new StringBuilder();
        for (SqlStatement statement : statements.subList(first, statements.size())) {
            script.append(statement.sql()).append(SEPARATOR);
        }
        ServerErrorMessage error =
                syntaxError(connection, script.append(NEVER_A_STATEMENT).toString());
        int position = error.getPosition();
        for (int index = first; index < statements.size(); index++) {
            SqlStatement statement = statements.get(index);
            int length = statement.sql().codePointCount(0, statement.sql().length()) + SEPARATOR.length();
            if (position <= length) {
                Place place = statement.placeAt(position);
                mistakes.add(new ScriptMistake(
                        statement.file(),
                        place.line(),
                        place.column(),
                        String.valueOf(error.getMessage()),
                        expected(error, version)));
                return index + 1;
            }
            position -= length;
        }
        return statements.size();
    }

    private static String expected(ServerErrorMessage error, String version) {
        String hint = error.getHint();
        String grammar = "SQL that PostgreSQL " + version + " understands";
        return hint == null ? grammar : grammar + " (" + hint + ")";
    }

    private static ServerErrorMessage syntaxError(Connection connection, String script) throws SQLException {
        try (Statement query = connection.createStatement()) {
            query.setEscapeProcessing(false);
            query.execute(script);
        } catch (PSQLException failure) {
            ServerErrorMessage error = failure.getServerErrorMessage();
            if (error != null && error.getPosition() > 0) {
                return error;
            }
            throw failure;
        }
        throw new SQLException("the server accepted " + NEVER_A_STATEMENT
                + " as SQL, so the script may have been executed: this is no PostgreSQL that is known here");
    }
}
