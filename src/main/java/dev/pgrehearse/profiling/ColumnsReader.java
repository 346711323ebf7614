package dev.pgrehearse.profiling;

import dev.pgrehearse.postgres.ServerVersion;
import dev.pgrehearse.profile.Profile.Column;
import dev.pgrehearse.profile.Profile.Common;
import dev.pgrehearse.profile.Profile.Elements;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The columns with their statistics, from {@code pg_attribute} and {@code pg_stats}; of partitioned tables those over all
 * partitions ({@code inherited}). Waits for no lock on a table.
 *
 * <p>{@code pg_stats} shows a column only to roles that may SELECT it and whom no row security binds, and says nothing
 * about the rest: so both are asked for.
 */
final class ColumnsReader {
    private static final int FIRST_WITH_RANGES_IN_VIEW = 17;

    /** Unpacking the statistics of a thousand columns takes about two seconds on a busy machine. */
    private static final int TABLES_AT_A_TIME = 200;

    private static final String QUERY = """
            SELECT c.oid AS relation, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type, a.atttypid,
                   a.attnotnull, s.tablename IS NOT NULL AS analyzed,
                   pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT')
                     AND NOT (c.relrowsecurity AND pg_catalog.row_security_active(c.oid)) AS visible,
                   s.null_frac::text AS null_frac, s.n_distinct::text AS n_distinct, s.avg_width,
                   s.correlation::text AS correlation,
                   s.most_common_freqs::text[] AS common_frequencies,
                   CASE WHEN a.atttypid = ANY (?) THEN s.most_common_vals::text::text[] END AS common_values,
                   CASE WHEN t.typlen < 0 THEN ARRAY(
                     SELECT pg_catalog.octet_length(v) FROM pg_catalog.unnest(s.most_common_vals::text::text[])
                       WITH ORDINALITY AS u(v, o) ORDER BY o)::text[] END AS common_lengths,
                   ARRAY(
                     SELECT (SELECT pg_catalog.count(*) FROM pg_catalog.unnest(s.histogram_bounds::text::text[]) b
                              WHERE b < v)
                            || '/' || coalesce(pg_catalog.cardinality(s.histogram_bounds::text::text[]), 0)
                            || '/' || pg_catalog.rank() OVER (ORDER BY v)
                       FROM pg_catalog.unnest(s.most_common_vals::text::text[]) WITH ORDINALITY AS u(v, o)
                      ORDER BY o)::text[] AS common_places,
                   CASE WHEN a.atttypid = ANY (?) THEN s.histogram_bounds::text::text[] END AS bounds,
                   CASE WHEN t.typlen < 0 THEN ARRAY(
                     SELECT pg_catalog.octet_length(v) FROM pg_catalog.unnest(s.histogram_bounds::text::text[])
                       WITH ORDINALITY AS u(v, o) ORDER BY o)::text[] END AS bound_lengths,
                   s.most_common_elem_freqs::text[] AS element_frequencies,
                   CASE WHEN a.atttypid = ANY (?) THEN s.most_common_elems::text::text[] END AS elements,
                   CASE WHEN e.typlen < 0 THEN ARRAY(
                     SELECT pg_catalog.octet_length(v) FROM pg_catalog.unnest(s.most_common_elems::text::text[])
                       WITH ORDINALITY AS u(v, o) ORDER BY o)::text[] END AS element_lengths,
                   pg_catalog.cardinality(s.most_common_elems::text::text[]) AS element_count,
                   s.elem_count_histogram::text[] AS element_counts
              FROM pg_catalog.pg_class c
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
              JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
              LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem
              LEFT JOIN pg_catalog.pg_stats s
                ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname
               AND s.inherited = (c.relkind = 'p')
             WHERE c.oid = ANY (?)
             ORDER BY c.oid, a.attnum""";

    private static final String RANGES = """
            SELECT c.oid AS relation, s.attname, s.range_empty_frac::text AS empty,
                   s.range_length_histogram::text::text[] AS lengths, s.range_bounds_histogram::text::text[] AS bounds
              FROM pg_catalog.pg_stats s
              JOIN pg_catalog.pg_namespace n ON n.nspname = s.schemaname
              JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = s.tablename
             WHERE s.range_empty_frac IS NOT NULL AND s.inherited = (c.relkind = 'p')""";

    /** Kinds 6 and 7 of pg_statistic.h, STATISTIC_KIND_RANGE_LENGTH_HISTOGRAM and …_BOUNDS_HISTOGRAM. */
    private static final String RANGES_BEFORE_17 = """
            SELECT c.oid AS relation, a.attname,
                   (SELECT (k.numbers)[1]::text FROM slots k WHERE k.kind = 6) AS empty,
                   (SELECT k.vals FROM slots k WHERE k.kind = 6) AS lengths,
                   (SELECT k.vals FROM slots k WHERE k.kind = 7) AS bounds
              FROM pg_catalog.pg_statistic s
              JOIN pg_catalog.pg_class c ON c.oid = s.starelid
              JOIN pg_catalog.pg_attribute a ON a.attrelid = s.starelid AND a.attnum = s.staattnum
             WHERE s.stainherit = (c.relkind = 'p')
               AND 6 IN (s.stakind1, s.stakind2, s.stakind3, s.stakind4, s.stakind5)""".replace("slots k", """
                    (VALUES (s.stakind1, s.stanumbers1, s.stavalues1::text::text[]),
                            (s.stakind2, s.stanumbers2, s.stavalues2::text::text[]),
                            (s.stakind3, s.stanumbers3, s.stavalues3::text::text[]),
                            (s.stakind4, s.stanumbers4, s.stavalues4::text::text[]),
                            (s.stakind5, s.stanumbers5, s.stavalues5::text::text[])) AS k(kind, numbers, vals)""");

    private final Connection connection;
    private final ServerVersion version;
    private final Types types;
    private final ColumnPrivacy privacy;

    ColumnsReader(Connection connection, ServerVersion version, Types types, ColumnPrivacy privacy) {
        this.connection = connection;
        this.version = version;
        this.types = types;
        this.privacy = privacy;
    }

    /**
     * Columns by the OID of their table, in the table's order.
     *
     * @param hidden the tables with columns whose statistics this role is not shown
     * @param rangesUnread whether there are ranges whose statistics this role is not shown
     */
    record Found(Map<Long, List<Column>> columns, Set<Long> hidden, boolean rangesUnread) {}

    /** What {@code pg_stats} tells of ranges. */
    private record RangeStatistics(double emptyShare, List<Double> lengths, List<String> bounds) {
        static final RangeStatistics NONE = new RangeStatistics(0, List.of(), List.of());
    }

    Found read(List<Long> relations) throws SQLException {
        boolean rangesReadable = version.isAtLeast(FIRST_WITH_RANGES_IN_VIEW) || mayReadPgStatistic();
        Found found = new Found(new HashMap<>(), new LinkedHashSet<>(), false);
        if (relations.isEmpty()) {
            return found;
        }
        Map<String, RangeStatistics> ranges = rangesReadable ? ranges() : Map.of();
        Set<Long> columnTypes = typesOf(relations);
        boolean rangesUnread = false;
        try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
            Array readable = array(readable(columnTypes));
            statement.setArray(1, readable);
            statement.setArray(2, readable);
            statement.setArray(3, array(elementsReadable(columnTypes)));
            for (int from = 0; from < relations.size(); from += TABLES_AT_A_TIME) {
                statement.setArray(
                        4, array(relations.subList(from, Math.min(from + TABLES_AT_A_TIME, relations.size()))));
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        Column column = add(row, found, ranges);
                        rangesUnread |= !rangesReadable
                                && column.hasStatistics()
                                && types.shape(row.getLong("atttypid")) == Shape.RANGE;
                    }
                }
            }
        }
        return new Found(found.columns(), found.hidden(), rangesUnread);
    }

    private Column add(ResultSet row, Found found, Map<String, RangeStatistics> ranges) throws SQLException {
        long relation = row.getLong("relation");
        RangeStatistics range = ranges.get(relation + "." + row.getString("attname"));
        Column column = column(row, range == null ? RangeStatistics.NONE : range);
        found.columns().computeIfAbsent(relation, any -> new ArrayList<>()).add(column);
        if (!row.getBoolean("visible")) {
            found.hidden().add(relation);
        }
        return column;
    }

    private Array array(List<Long> oids) throws SQLException {
        return connection.createArrayOf("oid", oids.toArray());
    }

    private Column column(ResultSet row, RangeStatistics range) throws SQLException {
        long oid = row.getLong("atttypid");
        Types.Type type = types.of(oid);
        Shape shape = types.shape(oid);
        boolean bytes = type.builtIn() && type.name().equals("bytea");
        List<String> commonValues = Rows.texts(row, "common_values");
        List<String> bounds = Rows.texts(row, "bounds");
        List<String> all = new ArrayList<>(commonValues);
        all.addAll(bounds);
        return new Column(
                row.getString("attname"),
                row.getString("type"),
                row.getBoolean("attnotnull"),
                row.getBoolean("analyzed"),
                orZero(Rows.number(row, "null_frac")),
                orZero(Rows.number(row, "n_distinct")),
                row.getInt("avg_width"),
                Rows.number(row, "correlation"),
                privacy.common(
                        shape,
                        Rows.numbers(row, "common_frequencies"),
                        privacy.places(types, oid, shape, commonValues, bounds, Rows.texts(row, "common_places")),
                        lengths(Rows.texts(row, "common_lengths"), bytes),
                        commonValues),
                privacy.bounds(types, oid, shape, shape == Shape.RANGE ? range.bounds() : bounds, commonValues),
                lengths(Rows.texts(row, "bound_lengths"), bytes).stream()
                        .map(Integer::valueOf)
                        .toList(),
                ColumnPrivacy.fractionDigits(type, all),
                shape == Shape.ARRAY ? elements(row, type.madeOf()) : null,
                range.emptyShare(),
                privacy.rangeLengths(range.lengths()));
    }

    /** The text of bytes is {@code \x} and two digits each; what counts is how many there are. */
    private static List<String> lengths(List<String> texts, boolean bytes) {
        return bytes
                ? texts.stream()
                        .map(text -> Integer.toString((Integer.parseInt(text) - 2) / 2))
                        .toList()
                : texts;
    }

    /** After the frequencies come the least, the greatest and that of NULL; the last count is the average. */
    private @Nullable Elements elements(ResultSet row, long elementType) throws SQLException {
        List<Double> counts = Rows.numbers(row, "element_counts");
        List<Double> frequencies = Rows.numbers(row, "element_frequencies");
        if (counts.isEmpty() && frequencies.isEmpty()) {
            return null;
        }
        Types.Type element = types.of(elementType);
        List<Common> common = privacy.common(
                types.shape(elementType),
                frequencies.subList(0, row.getInt("element_count")),
                List.of(),
                lengths(
                        Rows.texts(row, "element_lengths"),
                        element.builtIn() && element.name().equals("bytea")),
                Rows.texts(row, "elements"));
        return counts.isEmpty()
                ? new Elements(common, List.of(), 0)
                : new Elements(common, counts.subList(0, counts.size() - 1), counts.get(counts.size() - 1));
    }

    private static double orZero(@Nullable Double number) {
        return number == null ? 0 : number;
    }

    private Set<Long> typesOf(List<Long> relations) throws SQLException {
        Set<Long> found = new LinkedHashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT DISTINCT atttypid FROM pg_catalog.pg_attribute WHERE attrelid = ANY (?) AND attnum > 0"
                        + " AND NOT attisdropped")) {
            statement.setArray(1, connection.createArrayOf("oid", relations.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    found.add(row.getLong(1));
                }
            }
        }
        return found;
    }

    private List<Long> readable(Set<Long> columnTypes) {
        return columnTypes.stream()
                .filter(type -> privacy.mayRead(types.shape(type)))
                .toList();
    }

    private List<Long> elementsReadable(Set<Long> columnTypes) {
        return columnTypes.stream()
                .filter(type -> types.shape(type) == Shape.ARRAY)
                .filter(type -> privacy.mayRead(types.shape(types.of(type).madeOf())))
                .toList();
    }

    private boolean mayReadPgStatistic() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                        "SELECT pg_catalog.has_table_privilege('pg_catalog.pg_statistic', 'SELECT')");
                ResultSet row = statement.executeQuery()) {
            return row.next() && row.getBoolean(1);
        }
    }

    private Map<String, RangeStatistics> ranges() throws SQLException {
        Map<String, RangeStatistics> ranges = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(
                        version.isAtLeast(FIRST_WITH_RANGES_IN_VIEW) ? RANGES : RANGES_BEFORE_17);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                ranges.put(
                        row.getLong("relation") + "." + row.getString("attname"),
                        new RangeStatistics(
                                orZero(Rows.number(row, "empty")),
                                Rows.numbers(row, "lengths"),
                                Rows.texts(row, "bounds")));
            }
        }
        return ranges;
    }
}
