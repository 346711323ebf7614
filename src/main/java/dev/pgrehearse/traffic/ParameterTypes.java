package dev.pgrehearse.traffic;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * The types of a statement's parameters, which the server tells of a prepared statement. Where it cannot decide (nothing
 * but the constant had told the type), casts are tried.
 *
 * @param text the statement with such casts
 * @param types by number of the parameter, from the first
 */
record ParameterTypes(NormalisedText text, List<String> types) {
    /** The prepared statement's name in the session; there is one at a time. */
    static final String NAME = "pgrehearse_derived";

    private static final String INDETERMINATE_DATATYPE = "42P18";
    private static final String AMBIGUOUS_FUNCTION = "42725";
    private static final String UNDEFINED_FUNCTION = "42883";
    private static final Pattern UNKNOWN = Pattern.compile("\\$(\\d+)");
    private static final List<String> CANDIDATES = List.of("integer", "interval", "numeric", "text");

    ParameterTypes {
        types = List.copyOf(types);
    }

    /**
     * Prepares the statement in the session, where it stays until {@link #forget}.
     *
     * @throws SQLException the server's first refusal, when it takes the statement with no cast either
     */
    static ParameterTypes prepare(Connection connection, NormalisedText text) throws SQLException {
        try {
            return prepared(connection, text);
        } catch (SQLException refused) {
            for (String sql : repairs(text.sql(), refused)) {
                try {
                    // What is ambiguous may be so in several places, each of which is told of by itself.
                    return prepare(connection, text.with(sql));
                } catch (SQLException again) {
                    refused.addSuppressed(again);
                }
            }
            throw refused;
        }
    }

    private static ParameterTypes prepared(Connection connection, NormalisedText text) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("PREPARE " + NAME + " AS " + text.sql());
            List<String> types = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery(
                    "SELECT t.type::text FROM pg_catalog.pg_prepared_statements p, unnest(p.parameter_types)"
                            + " WITH ORDINALITY t(type, place) WHERE p.name = '" + NAME + "' ORDER BY t.place")) {
                while (rows.next()) {
                    types.add(rows.getString(1));
                }
            }
            return new ParameterTypes(text, types);
        }
    }

    static void forget(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("DEALLOCATE ALL");
        }
    }

    private static List<String> repairs(String sql, SQLException refused) {
        String state = String.valueOf(refused.getSQLState());
        ServerErrorMessage message = refused instanceof PSQLException server ? server.getServerErrorMessage() : null;
        if (message == null) {
            return List.of();
        }
        if (state.equals(INDETERMINATE_DATATYPE)) {
            Matcher unknown = UNKNOWN.matcher(String.valueOf(message.getMessage()));
            return unknown.find() ? List.of(cast(sql, unknown.group(), "text")) : List.of();
        }
        int position = message.getPosition() - ("PREPARE " + NAME + " AS ").length();
        if (!List.of(AMBIGUOUS_FUNCTION, UNDEFINED_FUNCTION).contains(state) || position <= 0) {
            return List.of();
        }
        return nearest(sql, position).stream()
                .flatMap(parameter -> CANDIDATES.stream().map(type -> cast(sql, parameter, type)))
                .toList();
    }

    /** The parameters on both sides of an operator that are not cast yet, the right one first. */
    private static List<String> nearest(String sql, int position) {
        String left = "";
        for (Matcher parameter = UNKNOWN.matcher(sql); parameter.find(); ) {
            if (isCast(sql, parameter)) {
                continue;
            }
            if (parameter.start() >= position - 1) {
                return left.isEmpty() ? List.of(parameter.group()) : List.of(parameter.group(), left);
            }
            left = parameter.group();
        }
        return left.isEmpty() ? List.of() : List.of(left);
    }

    private static boolean isCast(String sql, Matcher parameter) {
        String after = sql.substring(parameter.end()).stripLeading().toLowerCase(Locale.ROOT);
        return after.startsWith("::") || after.startsWith("as ");
    }

    private static String cast(String sql, String parameter, String type) {
        return sql.replaceFirst(
                Pattern.quote(parameter) + "(?!\\d)",
                Matcher.quoteReplacement("CAST(" + parameter + " AS " + type + ")"));
    }
}
