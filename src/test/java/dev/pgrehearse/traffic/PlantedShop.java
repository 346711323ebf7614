package dev.pgrehearse.traffic;

import dev.pgrehearse.postgres.ConnectionDetails;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.regex.Pattern;

/** A web shop, its rows, and thirty statements of it with known frequencies and known distributions of parameters. */
final class PlantedShop {
    private static final Pattern PLACE = Pattern.compile("\\{([^{}]*)}");

    private PlantedShop() {}

    /** Calls, rows and shared buffers of one statement. */
    record Counted(long calls, double rows, double buffers) {}

    private static String resource(String name) throws IOException, URISyntaxException {
        return Files.readString(Path.of(
                Objects.requireNonNull(PlantedShop.class.getResource(name)).toURI()));
    }

    static void make(ConnectionDetails owner, String... scripts) throws SQLException, IOException, URISyntaxException {
        try (Connection connection = owner.open("shop");
                Statement statement = connection.createStatement()) {
            for (String script : scripts) {
                statement.execute(resource(script));
            }
        }
    }

    /** Runs all of them, mixed, as an application does by its driver. */
    static void run(ConnectionDetails app) throws SQLException, IOException, URISyntaxException {
        record Call(String sql, List<String> values) {}
        List<Call> calls = new ArrayList<>();
        try (Connection connection = app.open("shop", Map.of("stringtype", "unspecified"))) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SELECT setseed(0.75)");
            }
            for (String planted : resource("planted.sql").split(";\n", -1)) {
                if (planted.isBlank()) {
                    continue;
                }
                int times = Integer.parseInt(planted.strip()
                        .lines()
                        .findFirst()
                        .orElseThrow()
                        .substring(3)
                        .strip());
                String text = planted.strip().substring(planted.strip().indexOf('\n') + 1);
                List<String> expressions = PLACE.matcher(text)
                        .results()
                        .map(place -> "(" + place.group(1) + ")::text")
                        .toList();
                String sql = PLACE.matcher(text).replaceAll("?");
                try (Statement statement = connection.createStatement();
                        ResultSet row = statement.executeQuery("SELECT "
                                + (expressions.isEmpty() ? "1" : String.join(", ", expressions))
                                + " FROM generate_series(1, " + times + ")")) {
                    while (row.next()) {
                        List<String> values = new ArrayList<>();
                        for (int i = 1; i <= expressions.size(); i++) {
                            values.add(row.getString(i));
                        }
                        calls.add(new Call(sql, values));
                    }
                }
            }
            Collections.shuffle(calls, new Random(1));
            try (Statement statement = connection.createStatement()) {
                statement.execute("SELECT pg_stat_statements_reset()");
            }
            for (Call call : calls) {
                try (PreparedStatement statement = connection.prepareStatement(call.sql())) {
                    for (int i = 0; i < call.values().size(); i++) {
                        statement.setString(i + 1, call.values().get(i));
                    }
                    statement.execute();
                }
            }
        }
    }

    /** What the server has counted, by text: however parameters are written. */
    static Map<String, Counted> counted(ConnectionDetails superuser) throws SQLException {
        Map<String, Counted> counted = new LinkedHashMap<>();
        try (Connection connection = superuser.open("counted");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT query, calls, rows, shared_blks_hit + shared_blks_read FROM pg_stat_statements"
                                + " WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
                                + " AND toplevel AND query ~* '^(select|with|insert|update|delete)'"
                                + " AND query !~* 'pg_stat_statements|generate_series|setseed'")) {
            while (row.next()) {
                counted.merge(
                        plain(row.getString(1)),
                        new Counted(row.getLong(2), row.getLong(3), row.getLong(4)),
                        (one, other) -> new Counted(
                                one.calls() + other.calls(),
                                one.rows() + other.rows(),
                                one.buffers() + other.buffers()));
            }
        }
        return counted;
    }

    /** A statement's text with the same sign for each parameter, and for each list of them. */
    static String plain(String sql) {
        return sql.replaceAll("\\$\\d+", "?")
                .replaceAll("\\? ?/\\*, \\.\\.\\. \\*/", "?+")
                .replaceAll("\\?(, \\?)+\\)", "?+)")
                .replaceAll("\\s+", " ")
                .strip();
    }
}
