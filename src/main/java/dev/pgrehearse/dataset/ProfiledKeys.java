package dev.pgrehearse.dataset;

import dev.pgrehearse.values.Domain;
import dev.pgrehearse.values.Domains;
import dev.pgrehearse.values.Keys;
import dev.pgrehearse.values.RankedValues;
import dev.pgrehearse.values.ValueGenerator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The columns of all tables that a profile fills, for each other's foreign keys and for the workload's parameters.
 *
 * <p>The rows of a partitioned table are those of its partitions, one partition after the other. Thread-safe: making is
 * under a lock. Hot paths ask once, through {@link #generatorOf}, and keep the answer.
 */
final class ProfiledKeys implements Keys {
    /** Putting more rows in order takes more memory than a loader should. */
    private static final long MOST_SORTED = 500_000;

    private record Order(long table, int column) {}

    private final Map<Order, int[]> orders = new HashMap<>();
    private final Catalogue catalogue;
    private final Partitions partitions;
    private final List<ProfiledColumns> tables = new ArrayList<>();

    ProfiledKeys(Catalogue catalogue, Partitions partitions) {
        this.catalogue = catalogue;
        this.partitions = partitions;
    }

    synchronized void add(ProfiledColumns table) {
        tables.add(table);
    }

    /** What fills a table or, of a partitioned one, its partitions. */
    private List<ProfiledColumns> fillersOf(long table) {
        return tables.stream()
                .filter(each -> partitions.lineOf(each.target().table().oid()).contains(table)
                        || each.target().leaves().stream().anyMatch(leaf -> leaf.oid() == table))
                .toList();
    }

    /** How many rows a table is given. */
    synchronized long rowsOf(long table) {
        return fillersOf(table).stream().mapToLong(each -> each.target().rows()).sum();
    }

    /** The rows of a table as a multiple of the profile's. */
    synchronized double growthOf(long table) {
        List<ProfiledColumns> fillers = fillersOf(table);
        double profiled = fillers.stream()
                .mapToDouble(each -> each.target().rows() / each.target().growth())
                .sum();
        return profiled > 0 ? rowsOf(table) / profiled : 1;
    }

    /** All values of a column, each once; in the order of its type, of each partition. */
    synchronized Domain domainOf(long table, int column) {
        String name = catalogue.table(table).column(column).name();
        List<Domain> domains = new ArrayList<>();
        for (ProfiledColumns filler : fillersOf(table)) {
            domains.add(filler.domainOf(columnOf(filler, name)));
        }
        return Domains.joined(domains);
    }

    /** The values of a column by the number of their row. */
    synchronized Domain rowsOf(long table, int column) {
        return rows(table, catalogue.table(table).column(column).name());
    }

    /**
     * The same in the order of another column's values, as far as there is memory to put the rows in order.
     *
     * @param sortedBy number of that column
     */
    synchronized Domain rowsInOrder(long table, int column, int sortedBy) {
        Domain rows = rowsOf(table, column);
        if (rows.size() > MOST_SORTED) {
            return rows;
        }
        return Domains.inOrder(
                rows,
                orders.computeIfAbsent(
                        new Order(table, sortedBy), order -> order(rowsOf(order.table(), order.column()))));
    }

    private static int[] order(Domain rows) {
        List<String> values = new ArrayList<>();
        for (long row = 0; row < rows.size(); row++) {
            values.add(String.valueOf(rows.textAt(row)));
        }
        return IntStream.range(0, values.size())
                .boxed()
                .sorted((left, right) -> ValueOrder.INSTANCE.compare(values.get(left), values.get(right)))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private Domain rows(long table, String column) {
        List<Domain> domains = new ArrayList<>();
        for (ProfiledColumns filler : fillersOf(table)) {
            ValueGenerator values = filler.generatorOf(columnOf(filler, column));
            if (values == null) {
                throw new IllegalArgumentException("a reference to '"
                        + filler.target().table().displayName() + "." + column + "', which the server fills");
            }
            domains.add(Domains.byRow(values, filler.target().rows()));
        }
        return Domains.joined(domains);
    }

    /** By name: partitions may have the same columns under other numbers. */
    private static CatalogueColumn columnOf(ProfiledColumns filler, String name) {
        return Objects.requireNonNull(filler.target().table().column(name), "a column that a partition lacks");
    }

    @Override
    public synchronized long rows(String table) {
        CatalogueTable found = catalogue.find(table);
        return found == null ? 0 : rowsOf(found.oid());
    }

    @Override
    public @Nullable String keyAt(String table, String column, long row) {
        return generatorOf(table, column).textAt(row);
    }

    @Override
    public synchronized ValueGenerator generatorOf(String table, String column) {
        CatalogueTable found = catalogue.find(table);
        if (found == null) {
            throw new IllegalArgumentException("a reference to table '" + table
                    + "', which the schema does not have; is it " + catalogue.nearestTable(table));
        }
        if (found.column(column) == null) {
            throw new IllegalArgumentException("a reference to '" + table + "." + column
                    + "', a column which the table does not have; is it " + Catalogue.nearestColumn(found, column));
        }
        return new RankedValues(rows(found.oid(), column), row -> row);
    }
}
