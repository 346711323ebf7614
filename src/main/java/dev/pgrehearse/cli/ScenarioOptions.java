package dev.pgrehearse.cli;

import dev.pgrehearse.plan.Choices;
import dev.pgrehearse.plan.Plan;
import dev.pgrehearse.plan.PlanMistakes;
import dev.pgrehearse.plan.Planner;
import dev.pgrehearse.scenario.Scenario;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The scenario, and what a command line changes and chooses of it. */
final class ScenarioOptions extends ScenarioSource {
    @Parameters(
            index = "0",
            paramLabel = "SCENARIO",
            description = "A scenario file, or a folder with a scenario.yaml in it.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path scenario;

    @Option(
            names = "--size",
            paramLabel = "NAME",
            description = "Rehearse at this one of the scenario's sizes, instead of its default size.")
    private @Nullable String size;

    @Option(
            names = "--scale",
            paramLabel = "FACTOR",
            defaultValue = "1",
            converter = NumberConverter.ForFactor.class,
            description = "Multiply all row counts by this factor: 0.01 for a quick look.")
    private double scale;

    @Option(
            names = "--repeat",
            paramLabel = "N",
            defaultValue = "1",
            converter = NumberConverter.ForCount.class,
            description = "Rehearse each variant so many times, with ids such as as-written-1 and as-written-2.")
    private int repeat;

    @Option(
            names = "--adversaries",
            paramLabel = "WHICH",
            converter = AdversariesConverter.class,
            description =
                    "each: rehearse each variant quiet, and under each adversary of the standard set alone (long read, idle"
                            + " transaction, dump, old snapshot); none: quiet only. In place of the scenario's own.")
    private Choices.Adversaries adversaries = Choices.Adversaries.DECLARED;

    /**
     * Reads and checks the scenario.
     *
     * @throws WrongInput with every mistake
     */
    Scenario read() {
        return read(scenario);
    }

    /**
     * The plan for a scenario.
     *
     * @throws WrongInput with every mistake
     */
    Plan plan(Scenario read) {
        try {
            return Planner.plan(read, new Choices(variants(), size, scale, seed(), repeat, adversaries));
        } catch (PlanMistakes mistakes) {
            throw new WrongInput(mistakes);
        }
    }
}
