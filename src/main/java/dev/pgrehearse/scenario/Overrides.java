package dev.pgrehearse.scenario;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the command line changes in a scenario, applied after {@code extends} in this order: migration, assignments,
 * server.
 *
 * @param assignments {@code --set path=value}, in the order given
 * @param migration {@code --migration FILE…}, relative to the working directory: when not empty, all variants are
 *     replaced by one called {@link #GIVEN} that runs these files
 * @param server {@code --server KIND}; null for the scenario's own. {@code --server embedded} also takes the
 *     scenario's image away, which belongs to the other kind
 */
public record Overrides(List<Assignment> assignments, List<Path> migration, ServerSpec.@Nullable Kind server) {
    /** Changes nothing. */
    public static final Overrides NONE = new Overrides(List.of(), List.of(), null);

    /** The name of the variant that {@code --migration} makes. */
    public static final String GIVEN = "given";

    public Overrides {
        assignments = List.copyOf(assignments);
        migration = List.copyOf(migration);
    }

    /**
     * One {@code --set path=value}.
     *
     * @param path keys and list indexes with dots between them; a key that has a dot itself stands in double quotes
     * @param value YAML, read by the same rules as the scenario
     */
    public record Assignment(String path, String value) {
        /**
         * Reads {@code path=value}.
         *
         * @throws IllegalArgumentException when there is no {@code =}, or nothing before it
         */
        public static Assignment parse(String text) {
            int equals = text.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException(
                        "found `" + text + "`, expected path=value, such as phases.baseline=60s");
            }
            return new Assignment(text.substring(0, equals).strip(), text.substring(equals + 1));
        }

        /** As it was given: {@code --set path=value}. */
        @Override
        public String toString() {
            return "--set " + path + "=" + value;
        }
    }
}
