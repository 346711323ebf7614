package dev.pgrehearse.scenario;

import java.util.List;
import java.util.Map;

/**
 * A named way to write or run the migration.
 *
 * @param name its name, which is also the id of its plain rehearsal
 * @param migration what is run, and how
 * @param expect the verdict the user expects; {@link Expectation#GO} unless said
 * @param expectBySize the verdict expected at a size, where it differs from one size to the other; may be empty
 * @param expectUnder the verdict expected under an adversary of the standard set, by its name; may be empty
 * @param tables the dataset's tables that the migration's SQL names, in the order of their first mention
 * @param conditions the scenario's, with this variant's {@code with:} applied
 */
public record Variant(
        String name,
        MigrationSpec migration,
        Expectation expect,
        Map<String, Expectation> expectBySize,
        Map<String, Expectation> expectUnder,
        List<String> tables,
        Conditions conditions) {
    /** The verdict expected at a size. */
    public Expectation expectAt(String size) {
        return expectBySize.getOrDefault(size, expect);
    }

    /**
     * The verdict expected under one of {@link StandardAdversaries#NAMES}, planted alone: GO unless said, whatever is
     * expected under the scenario's own adversaries.
     */
    public Expectation expectUnder(String adversary) {
        return expectUnder.getOrDefault(adversary, Expectation.GO);
    }

    /** This variant under one of {@link StandardAdversaries#NAMES} and nothing else. */
    public Variant under(String adversary, List<AdversarySpec> planted) {
        return new Variant(
                name, migration, expectUnder(adversary), Map.of(), expectUnder, tables, conditions.under(planted));
    }

    /** This variant, whose steps are run one right after the other. */
    public Variant withoutPauses() {
        return new Variant(name, migration.withoutPauses(), expect, expectBySize, expectUnder, tables, conditions);
    }

    /**
     * This variant on a server with other settings.
     *
     * @param settings by name in lower case, as {@code postgresql.conf} has them
     */
    public Variant with(Map<String, String> settings) {
        return new Variant(name, migration, expect, expectBySize, expectUnder, tables, conditions.with(settings));
    }
}
