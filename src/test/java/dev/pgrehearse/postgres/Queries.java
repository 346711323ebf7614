package dev.pgrehearse.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What tests say to a server and ask of it, in sessions of their own. */
public final class Queries {
    /** Not a limit that a test asserts: only that a test which waits for what never comes ends at all. */
    private static final Duration GIVE_UP = Duration.ofMinutes(1);

    private Queries() {}

    /** Executes statements one after another, each in a transaction of its own. */
    public static void execute(ConnectionDetails where, String... statements) throws SQLException {
        try (Connection connection = where.open("test")) {
            execute(connection, statements);
        }
    }

    /** Executes statements one after another. */
    public static void execute(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The rows of a query, their fields parted by {@code |}. */
    public static List<String> rows(ConnectionDetails where, String query) throws SQLException {
        try (Connection connection = where.open("test")) {
            return rows(connection, query);
        }
    }

    /** The only row of a query. */
    public static String value(ConnectionDetails where, String query) throws SQLException {
        return only(rows(where, query), query);
    }

    /** The only row of a query. */
    public static String value(Connection connection, String query) throws SQLException {
        return only(rows(connection, query), query);
    }

    /** Asks until the query's only row is the expected one. */
    public static void await(ConnectionDetails where, String query, String expected) throws SQLException {
        try (Connection connection = where.open("test")) {
            await(connection, query, expected);
        }
    }

    /** Asks until the query's only row is the expected one. */
    public static void await(Connection connection, String query, String expected) throws SQLException {
        long giveUp = System.nanoTime() + GIVE_UP.toNanos();
        String found = value(connection, query);
        while (!found.equals(expected) && System.nanoTime() < giveUp) {
            found = value(connection, query);
        }
        assertThat(found).as(query).isEqualTo(expected);
    }

    private static List<String> rows(Connection connection, String query) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            int columns = row.getMetaData().getColumnCount();
            while (row.next()) {
                List<String> fields = new ArrayList<>();
                for (int column = 1; column <= columns; column++) {
                    fields.add(String.valueOf(row.getString(column)));
                }
                rows.add(String.join("|", fields));
            }
        }
        return rows;
    }

    private static String only(List<String> rows, String query) {
        assertThat(rows).as(query).hasSize(1);
        return rows.get(0);
    }
}
