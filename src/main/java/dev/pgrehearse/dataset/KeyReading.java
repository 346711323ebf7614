package dev.pgrehearse.dataset;

import dev.pgrehearse.dataset.StoredKeys.KeySample;
import dev.pgrehearse.postgres.Quoted;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads keys of existing rows: all of a table of up to {@value #MOST} rows; of a larger one about as many, of pages that
 * are spread evenly over it. The same data and seed give the same keys.
 */
final class KeyReading {
    static final int MOST = 100_000;

    private final Connection connection;
    private final long seed;

    KeyReading(Connection connection, long seed) {
        this.connection = connection;
        this.seed = seed;
    }

    /**
     * Reads some columns of one table.
     *
     * @param name of the table, as the scenario has it
     * @param rows that it has, exactly
     */
    KeySample read(String name, CatalogueTable table, List<String> columns, long rows) throws SQLException {
        List<@Nullable String[]> sample = query(table, columns, sampling(rows));
        if (sample.isEmpty() && rows > 0) {
            // Its pages are very unequal, and none of the full ones was drawn.
            sample = query(table, columns, "");
        }
        List<@Nullable String[]> thinned = thinned(sample);
        Map<String, @Nullable String[]> values = new LinkedHashMap<>();
        for (int column = 0; column < columns.size(); column++) {
            @Nullable String[] own = new String[thinned.size()];
            for (int row = 0; row < own.length; row++) {
                own[row] = thinned.get(row)[column];
            }
            values.put(columns.get(column), own);
        }
        return new KeySample(name, values, thinned.size());
    }

    private String sampling(long rows) {
        return rows <= MOST
                ? ""
                : String.format(Locale.ROOT, " tablesample system (%.6f) repeatable (%d)", 100.0 * MOST / rows, seed);
    }

    private List<@Nullable String[]> query(CatalogueTable table, List<String> columns, String sampling)
            throws SQLException {
        StringBuilder sql = new StringBuilder("select ");
        for (String column : columns) {
            sql.append(Quoted.identifier(column)).append("::text, ");
        }
        sql.setLength(sql.length() - 2);
        sql.append(" from ").append(table.sqlName()).append(sampling).append(" order by tableoid, ctid");
        List<@Nullable String[]> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql.toString())) {
            while (row.next()) {
                @Nullable String[] values = new String[columns.size()];
                for (int column = 0; column < values.length; column++) {
                    values[column] = row.getString(column + 1);
                }
                rows.add(values);
            }
        }
        return rows;
    }

    /** Evenly, to what is to be held at most. */
    private static List<@Nullable String[]> thinned(List<@Nullable String[]> sample) {
        if (sample.size() <= MOST) {
            return sample;
        }
        List<@Nullable String[]> some = new ArrayList<>(MOST);
        for (long index = 0; index < MOST; index++) {
            some.add(sample.get((int) (index * sample.size() / MOST)));
        }
        return some;
    }
}
