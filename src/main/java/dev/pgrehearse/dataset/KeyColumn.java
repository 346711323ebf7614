package dev.pgrehearse.dataset;

/**
 * A column of whose existing values the workload asks for some.
 *
 * @param table as the scenario names it
 * @param column its name
 */
public record KeyColumn(String table, String column) {
    @Override
    public String toString() {
        return table + "." + column;
    }
}
