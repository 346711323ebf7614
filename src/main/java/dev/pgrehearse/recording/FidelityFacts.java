package dev.pgrehearse.recording;

import java.util.Comparator;
import java.util.List;

/**
 * How much generated data are like the profile that they were generated from, in the figures that PostgreSQL plans with.
 *
 * @param columns that the profile has statistics of
 * @param within those of them of which every figure is within its limit, see {@link Figure#within}
 * @param share the second of the first, 0 to 1; NaN when there are no columns
 * @param tables that were compared
 * @param tablesLeftOut how many more there are that are not listed, all of them within
 */
public record FidelityFacts(int columns, int within, double share, List<Table> tables, int tablesLeftOut) {
    /** What a recording has room for; the dataset's own file has all. */
    private static final int MOST_TABLES = 20;

    private static final int MOST_COLUMNS = 20;

    public FidelityFacts {
        tables = List.copyOf(tables);
    }

    /** Of these tables. */
    public static FidelityFacts of(List<Table> tables) {
        int columns = tables.stream().mapToInt(table -> table.columns().size()).sum();
        int within = (int) tables.stream()
                .flatMap(table -> table.columns().stream())
                .filter(Column::within)
                .count();
        return new FidelityFacts(columns, within, columns == 0 ? Double.NaN : (double) within / columns, tables, 0);
    }

    /** Only what is not within its limit: the worst tables and columns first, and not more than a reader takes in. */
    public FidelityFacts worst() {
        List<Table> worst = tables.stream()
                .filter(table -> table.outside() > 0)
                .sorted(Comparator.comparingLong(Table::outside).reversed())
                .limit(MOST_TABLES)
                .map(Table::worst)
                .toList();
        return new FidelityFacts(columns, within, share, worst, tablesLeftOut + tables.size() - worst.size());
    }

    /**
     * A table.
     *
     * @param name display name
     * @param figures of the table itself: rows, pages, dead rows, all-visible pages, TOAST pages, fan-out of its foreign keys
     * @param columns that the profile has statistics of
     * @param columnsLeftOut how many more there are that are not listed
     */
    public record Table(String name, List<Figure> figures, List<Column> columns, int columnsLeftOut) {
        public Table {
            figures = List.copyOf(figures);
            columns = List.copyOf(columns);
        }

        /** How many figures and columns are not within their limits. */
        public long outside() {
            return figures.stream().filter(figure -> !figure.within()).count()
                    + columns.stream().filter(column -> !column.within()).count();
        }

        private Table worst() {
            List<Column> worst = columns.stream()
                    .filter(column -> !column.within())
                    .limit(MOST_COLUMNS)
                    .map(column -> new Column(
                            column.name(),
                            column.figures().stream()
                                    .filter(figure -> !figure.within())
                                    .toList()))
                    .toList();
            return new Table(
                    name,
                    figures.stream().filter(figure -> !figure.within()).toList(),
                    worst,
                    columnsLeftOut + columns.size() - worst.size());
        }
    }

    /** A column. */
    public record Column(String name, List<Figure> figures) {
        public Column {
            figures = List.copyOf(figures);
        }

        /** Whether every figure is within its limit. */
        public boolean within() {
            return figures.stream().allMatch(Figure::within);
        }
    }

    /**
     * One figure on both sides.
     *
     * @param name such as {@code null share}
     * @param unit {@code share} (0 to 1), {@code rows}, {@code values}, {@code pages}, {@code bytes} or {@code coefficient}
     * @param asked what the profile has
     * @param got what the generated data have; NaN when PostgreSQL computed none
     * @param within whether the two are as close as they have to be
     */
    public record Figure(String name, String unit, double asked, double got, boolean within) {}
}
