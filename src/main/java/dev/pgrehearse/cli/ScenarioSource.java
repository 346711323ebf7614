package dev.pgrehearse.cli;

import dev.pgrehearse.scenario.Overrides;
import dev.pgrehearse.scenario.Scenario;
import dev.pgrehearse.scenario.ScenarioMistakes;
import dev.pgrehearse.scenario.ScenarioReader;
import dev.pgrehearse.scenario.ServerSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a command line changes of a scenario, whatever is done with it. */
class ScenarioSource {
    private static final long DEFAULT_SEED = 20_200_217;

    @Option(
            names = "--variant",
            paramLabel = "NAME",
            description = "Rehearse only this variant of the migration; may be given several times.")
    private List<String> variants = new ArrayList<>();

    @Option(
            names = "--migration",
            paramLabel = "FILE",
            arity = "1..*",
            description = "Rehearse these SQL files instead of the scenario's variants, as the variant 'given'.")
    private List<Path> migration = new ArrayList<>();

    @Option(
            names = "--server",
            paramLabel = "KIND",
            converter = KindConverter.class,
            description = "embedded, or container: in place of the scenario's own server kind.")
    private ServerSpec.@Nullable Kind server;

    @Option(
            names = "--seed",
            paramLabel = "N",
            converter = NumberConverter.ForSeed.class,
            description = "The seed of all random choices; the same one gives the same data and the same arrivals.")
    private long seed = DEFAULT_SEED;

    @Option(
            names = "--set",
            paramLabel = "PATH=VALUE",
            description =
                    "Change one value of the scenario, such as limits.longestStall=5s or adversaries.0.longRead.lasts=95s;"
                            + " may be given several times.",
            converter = AssignmentConverter.class)
    private List<Overrides.Assignment> assignments = new ArrayList<>();

    /**
     * Reads and checks the scenario.
     *
     * @param scenario a scenario file, or a folder with a scenario.yaml in it
     * @throws WrongInput with every mistake
     */
    final Scenario read(Path scenario) {
        try {
            return ScenarioReader.read(scenario, new Overrides(assignments, migration, server));
        } catch (ScenarioMistakes mistakes) {
            throw new WrongInput(mistakes);
        }
    }

    /** Names of variants; empty for all. */
    final List<String> variants() {
        return variants;
    }

    final long seed() {
        return seed;
    }
}
