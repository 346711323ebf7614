package dev.pgrehearse.dataset;

import dev.pgrehearse.postgres.ConnectionDetails;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;

/** A database with every kind of table and column, whose rows are made by plain SQL: what profiles are taken of in tests. */
public final class RoundTripSource {
    private static final String UNIQUE_VIOLATION = "23505";

    private RoundTripSource() {}

    /** Makes it in an empty database. */
    public static void make(ConnectionDetails details) throws SQLException, IOException, URISyntaxException {
        run(details, "roundtrip.sql");
        run(details, "roundtrip-rows.sql");
    }

    static Path resource(String name) throws URISyntaxException {
        return Path.of(
                Objects.requireNonNull(RoundTripSource.class.getResource(name)).toURI());
    }

    /** Statement by statement, since some of them allow no transaction; the index that cannot be built stays INVALID. */
    private static void run(ConnectionDetails details, String script)
            throws SQLException, IOException, URISyntaxException {
        try (Connection connection = details.open("source");
                Statement statement = connection.createStatement()) {
            for (String sql : Files.readString(resource(script)).split(";\n", -1)) {
                try {
                    statement.execute(sql);
                } catch (SQLException refused) {
                    if (!UNIQUE_VIOLATION.equals(refused.getSQLState())) {
                        throw new SQLException(sql, refused);
                    }
                }
            }
        }
    }
}
