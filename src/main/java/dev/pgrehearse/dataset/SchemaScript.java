package dev.pgrehearse.dataset;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.ErrorText;
import dev.pgrehearse.postgres.Place;
import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.postgres.SqlState;
import dev.pgrehearse.scenario.DatasetSpec;
import dev.pgrehearse.scenario.ProfiledSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.NativeQuery;
import org.postgresql.core.QueryExecutor;
import org.postgresql.core.ResultHandlerBase;
import org.postgresql.core.SqlCommand;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Runs a schema file as the application's role, so that the application owns what it makes.
 *
 * <p>The file goes to the server unsplit, as one simple query: the server's own parser finds the ends of statements,
 * and unless the file commits by itself, it is all there afterwards or nothing is.
 */
final class SchemaScript {
    private final String name;
    private final String script;

    private SchemaScript(String name, String script) {
        this.name = name;
        this.script = script;
    }

    /** That of a dataset: its schema file or, without one, the schema of its profile. */
    static SchemaScript of(DatasetSpec spec) throws IOException {
        ProfiledSpec profile = spec.profile();
        return profile != null && spec.schemaFromProfile()
                ? new SchemaScript(
                        "the schema in " + profile.file().getFileName(),
                        profile.profile().schema().sql())
                : of(spec.schema());
    }

    /** That of a file. */
    static SchemaScript of(Path file) throws IOException {
        return new SchemaScript(String.valueOf(file.getFileName()), Files.readString(file));
    }

    /**
     * Runs the file. The role is a superuser while it does, for extensions and the like, and afterwards again what it
     * was.
     *
     * @throws DatasetMistakes when the server refuses it; line and column are in the mistake
     */
    void run(ConnectionDetails superuser, ConnectionDetails app) throws SQLException, DatasetMistakes {
        try (Connection admin = superuser.open("pgrehearse dataset")) {
            boolean was = isSuperuser(admin, app.user());
            try {
                setSuperuser(admin, app.user(), true);
                try (Connection connection =
                        app.open("pgrehearse schema", Map.of("preferQueryMode", "simple", "autosave", "never"))) {
                    execute(connection);
                }
            } finally {
                setSuperuser(admin, app.user(), was);
            }
        }
    }

    /**
     * Runs the script in a session that is there.
     *
     * @throws DatasetMistakes when the server refuses it; line and column are in the mistake
     */
    void runIn(Connection connection) throws SQLException, DatasetMistakes {
        execute(connection);
    }

    private void execute(Connection connection) throws SQLException, DatasetMistakes {
        QueryExecutor executor = connection.unwrap(BaseConnection.class).getQueryExecutor();
        try {
            // Not through a Statement, since the driver would split the text by rules of its own.
            executor.execute(
                    executor.wrap(List.of(new NativeQuery(script, SqlCommand.BLANK))),
                    null,
                    new Outcomes(),
                    0,
                    0,
                    QueryExecutor.QUERY_SUPPRESS_BEGIN | QueryExecutor.QUERY_EXECUTE_AS_SIMPLE);
        } catch (PSQLException refused) {
            ServerErrorMessage message = refused.getServerErrorMessage();
            if (message == null || SqlState.meansFault(refused.getSQLState())) {
                throw refused;
            }
            throw new DatasetMistakes(List.of(mistake(message)));
        }
    }

    private DatasetMistake mistake(ServerErrorMessage message) {
        StringBuilder what = new StringBuilder(name);
        if (message.getPosition() > 0) {
            Place place = Place.ofPosition(script, message.getPosition());
            what.append(":").append(place.line()).append(":").append(place.column());
        }
        what.append(": ").append(ErrorText.of(message));
        what.append(" (").append(message.getSQLState()).append(')');
        String text = String.valueOf(message.getMessage());
        boolean psql = SqlState.SYNTAX_ERROR.equals(message.getSQLState()) && text.contains("\"\\\"");
        return new DatasetMistake(
                null,
                null,
                what.toString(),
                psql
                        ? "SQL alone, without psql's own commands such as \\connect or \\restrict: take those lines out"
                        : "a file that PostgreSQL runs as it is");
    }

    private static boolean isSuperuser(Connection admin, String role) throws SQLException {
        try (PreparedStatement query =
                admin.prepareStatement("select rolsuper from pg_catalog.pg_roles where rolname = ?")) {
            query.setString(1, role);
            try (ResultSet row = query.executeQuery()) {
                if (!row.next()) {
                    throw new SQLException("the application's role '" + role + "' does not exist");
                }
                return row.getBoolean(1);
            }
        }
    }

    private static void setSuperuser(Connection admin, String role, boolean superuser) throws SQLException {
        try (Statement statement = admin.createStatement()) {
            statement.execute("alter role " + Quoted.identifier(role) + (superuser ? " superuser" : " nosuperuser"));
        }
    }

    /** Keeps the first error; rows and notices of a schema file say nothing that counts. */
    private static final class Outcomes extends ResultHandlerBase {
        @Override
        public void handleWarning(SQLWarning warning) {}
    }
}
