package dev.pgrehearse.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgrehearse.scenario.Overrides;
import dev.pgrehearse.scenario.Scenario;
import dev.pgrehearse.scenario.ScenarioReader;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A stop at a share of another variant's duration needs that one among the rehearsals. */
class StopOfVariantTest {
    private static final Path SCENARIO = Path.of("src/test/resources/dev/pgrehearse/rehearsal/steps");

    @Test
    void isPlannedBehindTheOneItMeans() throws Exception {
        assertThat(plan(ScenarioReader.read(SCENARIO, Overrides.NONE), "as-written", "stopped")
                        .rehearsals())
                .extracting(Rehearsal::id)
                .containsExactly("as-written", "stopped");
    }

    @Test
    void withoutTheOtherIsAMistake() throws Exception {
        Scenario scenario = ScenarioReader.read(SCENARIO, Overrides.NONE);

        assertThatThrownBy(() -> plan(scenario, "stopped"))
                .isInstanceOf(PlanMistakes.class)
                .hasMessage("stopped is to be stopped at 50% of as-written: as-written is not among the rehearsals;"
                        + " expected: also --variant as-written, or `expected:` in place of `of:`");
    }

    @Test
    void atAnotherSizeIsAMistake() throws Exception {
        Overrides other = new Overrides(
                List.of(Overrides.Assignment.parse(
                        "migration.variants.as-written.with={ dataset: { sizes: { tiny: { orders: 10 } } } }")),
                List.of(),
                null);
        Scenario scenario = ScenarioReader.read(SCENARIO, other);

        assertThatThrownBy(() -> plan(scenario, "as-written", "stopped"))
                .isInstanceOf(PlanMistakes.class)
                .hasMessageContaining("as-written is rehearsed at another size");
    }

    private static Plan plan(Scenario scenario, String... variants) throws PlanMistakes {
        return Planner.plan(scenario, new Choices(List.of(variants), null, 1, 42, 1));
    }
}
