package dev.pgrehearse.ladder;

import dev.pgrehearse.scenario.ProfiledSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The rows that an estimate is for.
 *
 * @param rows by table, of every table of the scenario's size, in its order
 * @param named those that somebody named
 */
public record Target(Map<String, Long> rows, Set<String> named) {
    /** The rows of the table that has most. */
    public double largest() {
        return rows.values().stream().mapToDouble(Long::doubleValue).max().orElse(0);
    }

    /** The rows of a rung: small tables stay whole, as currencies do not grow with the orders. */
    public Map<String, Long> times(double share) {
        Map<String, Long> rung = new LinkedHashMap<>();
        rows.forEach((table, count) -> rung.put(table, ProfiledSpec.scaled(count, share)));
        return rung;
    }
}
