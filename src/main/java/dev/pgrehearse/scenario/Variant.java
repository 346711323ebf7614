package dev.pgrehearse.scenario;

import java.util.Map;

/**
 * A named way to write or run the migration.
 *
 * @param name its name, which is also the id of its plain rehearsal
 * @param migration what is run, and how
 * @param expect the verdict the user expects; {@link Expectation#GO} unless said
 * @param expectBySize the verdict expected at a size, where it differs from one size to the other; may be empty
 * @param conditions the scenario's, with this variant's {@code with:} applied
 */
public record Variant(
        String name,
        MigrationSpec migration,
        Expectation expect,
        Map<String, Expectation> expectBySize,
        Conditions conditions) {
    /** The verdict expected at a size. */
    public Expectation expectAt(String size) {
        return expectBySize.getOrDefault(size, expect);
    }
}
