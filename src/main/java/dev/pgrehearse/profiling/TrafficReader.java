package dev.pgrehearse.profiling;

import dev.pgrehearse.profile.Profile.Counts;
import dev.pgrehearse.profile.Profile.Traffic;
import dev.pgrehearse.profile.Profile.TrafficStatement;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What {@code pg_stat_statements} knows of this database's statements: the same text of several roles is one. */
final class TrafficReader {
    /** More than an application has; a profile with every report anybody ever typed is of no use. */
    private static final int MOST = 1000;

    private static final String HIDDEN = "<insufficient privilege>";

    private TrafficReader() {}

    /**
     * One look.
     *
     * @param since when the statistics were reset; null when nobody knows
     * @param hidden the entries that this role is not shown, without texts
     * @param nanoTime when it was taken, on the tool's clock
     */
    record Seen(List<Counted> statements, @Nullable String since, List<Counted> hidden, long nanoTime) {}

    /** Counters of one statement; the text is empty where the server has lost it. */
    record Counted(String sql, boolean topLevel, long calls, double totalMillis, long rows, long sharedBuffers) {}

    /** Where the extension is; empty when the database has none. */
    static Optional<String> schema(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_extension e"
                                + " JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace"
                                + " WHERE e.extname = 'pg_stat_statements'")) {
            return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
        }
    }

    /** One look at it. */
    static Seen look(Connection connection, String schema) throws SQLException {
        List<Counted> statements = new ArrayList<>();
        List<Counted> hidden = new ArrayList<>();
        long now = System.nanoTime();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT coalesce(query, '') AS query, toplevel, calls, total_exec_time, rows,"
                                + " shared_blks_hit + shared_blks_read AS buffers FROM " + schema
                                + ".pg_stat_statements WHERE dbid ="
                                + " (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())")) {
            while (row.next()) {
                Counted counted = new Counted(
                        row.getString("query"),
                        row.getBoolean("toplevel"),
                        row.getLong("calls"),
                        row.getDouble("total_exec_time"),
                        row.getLong("rows"),
                        row.getLong("buffers"));
                (counted.sql().equals(HIDDEN) ? hidden : statements).add(counted);
            }
        }
        return new Seen(statements, since(connection, schema), hidden, now);
    }

    private static @Nullable String since(Connection connection, String schema) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet present = statement.executeQuery("SELECT pg_catalog.to_regclass('" + schema.replace("'", "''")
                        + ".pg_stat_statements_info') IS NOT NULL")) {
            // An extension that was never updated since PostgreSQL 13 has it not.
            if (!present.next() || !present.getBoolean(1)) {
                return null;
            }
        }
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT stats_reset FROM " + schema + ".pg_stat_statements_info")) {
            return row.next() ? Rows.instant(row, "stats_reset") : null;
        }
    }

    /**
     * The traffic, the busiest first.
     *
     * @param first the look before the window; null when there was one look only
     */
    static Traffic traffic(@Nullable Seen first, Seen last) {
        double seconds = first == null ? 0 : (last.nanoTime() - first.nanoTime()) / 1e9;
        Map<String, Counted> now = byText(last);
        Map<String, Counted> before = first == null ? Map.of() : byText(first);
        boolean reset = first != null && !Objects.equals(first.since(), last.since());
        List<TrafficStatement> statements = now.values().stream()
                .sorted(Comparator.comparingDouble(Counted::totalMillis)
                        .reversed()
                        .thenComparing(Counted::sql))
                .limit(MOST)
                .map(counted -> statement(counted, before.get(counted.sql()), seconds, reset))
                .toList();
        Set<String> texts = statements.stream().map(TrafficStatement::sql).collect(Collectors.toSet());
        long all = (long) last.statements().size() + last.hidden().size();
        long written = last.statements().stream()
                .filter(Counted::topLevel)
                .flatMap(counted -> StatementText.of(counted.sql()).stream())
                .filter(texts::contains)
                .count();
        return new Traffic(
                last.since(),
                seconds,
                statements,
                all - written,
                counts(last.hidden(), counted -> true),
                counts(
                        last.statements(),
                        counted -> StatementText.of(counted.sql())
                                .filter(text -> !texts.contains(text))
                                .isPresent()),
                counts(last.statements(), counted -> StatementText.isWorkUnwritten(counted.sql())));
    }

    /** Of entries at top level: what a function runs is counted with the statement that calls it. */
    private static Counts counts(List<Counted> entries, Predicate<Counted> which) {
        List<Counted> those =
                entries.stream().filter(Counted::topLevel).filter(which).toList();
        return new Counts(
                those.size(),
                those.stream().mapToLong(Counted::calls).sum(),
                those.stream().mapToDouble(Counted::totalMillis).sum());
    }

    private static TrafficStatement statement(
            Counted counted, @Nullable Counted before, double seconds, boolean reset) {
        Double rate = null;
        // Counters that were reset within the window tell no rate.
        if (seconds > 0 && !reset && (before == null || before.calls() <= counted.calls())) {
            rate = (counted.calls() - (before == null ? 0 : before.calls())) / seconds;
        }
        return new TrafficStatement(
                counted.sql(),
                counted.calls(),
                counted.calls() == 0 ? 0 : counted.totalMillis() / counted.calls(),
                counted.rows(),
                counted.sharedBuffers(),
                rate);
    }

    private static Map<String, Counted> byText(Seen seen) {
        Map<String, Counted> statements = new HashMap<>();
        for (Counted counted : seen.statements()) {
            if (counted.topLevel()) {
                StatementText.of(counted.sql())
                        .ifPresent(sql -> statements.merge(
                                sql,
                                new Counted(
                                        sql,
                                        true,
                                        counted.calls(),
                                        counted.totalMillis(),
                                        counted.rows(),
                                        counted.sharedBuffers()),
                                (one, other) -> new Counted(
                                        sql,
                                        true,
                                        one.calls() + other.calls(),
                                        one.totalMillis() + other.totalMillis(),
                                        one.rows() + other.rows(),
                                        one.sharedBuffers() + other.sharedBuffers())));
            }
        }
        return statements;
    }
}
