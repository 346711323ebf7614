package dev.pgrehearse.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgrehearse.scenario.AdversarySpec;
import dev.pgrehearse.scenario.AdversarySpec.Kind;
import dev.pgrehearse.scenario.Expectation;
import dev.pgrehearse.scenario.Overrides;
import dev.pgrehearse.scenario.Scenario;
import dev.pgrehearse.scenario.ScenarioReader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class EachAdversaryTest {
    private static final Path STANDARD = Path.of("src/test/resources/dev/pgrehearse/rehearsal/each");
    private static final Path LISTED = Path.of("scenarios/lock-queue");

    private static Scenario read(Path path, String... assignments) throws Exception {
        return ScenarioReader.read(
                path,
                new Overrides(
                        Arrays.stream(assignments)
                                .map(Overrides.Assignment::parse)
                                .toList(),
                        List.of(),
                        null));
    }

    private static List<Rehearsal> plan(Scenario scenario, int repeat, Choices.Adversaries adversaries)
            throws PlanMistakes {
        return Planner.plan(scenario, new Choices(List.of(), null, 1, 42, repeat, adversaries))
                .rehearsals();
    }

    private static String kinds(Rehearsal rehearsal) {
        return rehearsal.variant().conditions().adversaries().stream()
                .map(adversary -> adversary.kind().key() + " " + adversary.table())
                .collect(Collectors.joining(", "));
    }

    @Test
    void standardPlantsTheSetOneAtATime() throws Exception {
        List<Rehearsal> rehearsals = plan(read(STANDARD), 1, Choices.Adversaries.DECLARED);

        assertThat(rehearsals)
                .extracting(Rehearsal::id)
                .containsExactly(
                        "plain@quiet", "plain@long-read", "plain@idle-transaction", "plain@dump", "plain@old-snapshot");
        assertThat(rehearsals)
                .extracting(EachAdversaryTest::kinds)
                .as("the table that the SQL names, though the other one is larger")
                .containsExactly(
                        "",
                        "longRead orders",
                        "idleInTransaction orders",
                        "dump all tables",
                        "oldSnapshot pg_catalog.pg_am");
        assertThat(rehearsals)
                .extracting(Rehearsal::expected)
                .containsExactly(
                        Expectation.GO, Expectation.NO_GO, Expectation.NO_GO, Expectation.NO_GO, Expectation.GO);
        assertThat(rehearsals)
                .extracting(Rehearsal::data)
                .as("one dataset")
                .hasSize(5)
                .containsOnly(rehearsals.get(0).data());
    }

    @Test
    void eachTakesTheStandardSetInPlaceOfTheScenariosOwn() throws Exception {
        Scenario scenario = read(LISTED);

        List<Rehearsal> each = plan(scenario, 1, Choices.Adversaries.EACH);

        assertThat(each).hasSize(5 * scenario.variants().size());
        assertThat(each)
                .extracting(Rehearsal::expected)
                .as("`expect` is about the scenario's own")
                .containsOnly(Expectation.GO);
        assertThat(plan(scenario, 1, Choices.Adversaries.DECLARED))
                .hasSize(scenario.variants().size())
                .allSatisfy(rehearsal -> {
                    assertThat(rehearsal.under()).isNull();
                    assertThat(rehearsal.expected())
                            .isEqualTo(rehearsal.variant().expectAt(rehearsal.size()));
                });
    }

    @Test
    void noneIsQuiet() throws Exception {
        assertThat(plan(read(LISTED), 1, Choices.Adversaries.NONE)).allSatisfy(rehearsal -> {
            assertThat(rehearsal.id()).endsWith("@quiet");
            assertThat(rehearsal.variant().conditions().adversaries()).isEmpty();
        });
    }

    @Test
    void repeatsAreNumberedBehindTheAdversary() throws Exception {
        assertThat(plan(read(STANDARD), 2, Choices.Adversaries.DECLARED))
                .extracting(Rehearsal::id)
                .startsWith("plain@quiet-1", "plain@quiet-2", "plain@long-read-1");
    }

    @Test
    void theTableAndTheTimeMayBeSaid() throws Exception {
        Scenario scenario = read(STANDARD, "adversaries.standard.table=customers", "adversaries.standard.lasts=9s");

        AdversarySpec longRead = plan(scenario, 1, Choices.Adversaries.DECLARED)
                .get(1)
                .variant()
                .conditions()
                .adversaries()
                .get(0);

        assertThat(longRead.kind()).isEqualTo(Kind.LONG_READ);
        assertThat(longRead.table()).isEqualTo("customers");
        assertThat(longRead.lasts()).hasSeconds(9);
    }

    @Test
    void sqlThatNamesNoTableMeansTheLargest() throws Exception {
        Scenario scenario = ScenarioReader.read(
                STANDARD,
                new Overrides(
                        List.of(),
                        List.of(Path.of("src/test/resources/dev/pgrehearse/rehearsal/each/do.sql")
                                .toAbsolutePath()),
                        null));

        assertThat(kinds(plan(scenario, 1, Choices.Adversaries.DECLARED).get(1)))
                .isEqualTo("longRead customers");
    }

    @Test
    void withoutAnyTableItIsAMistake() throws Exception {
        Scenario scenario = read(STANDARD, "dataset={ restore: schema.sql }", "adversaries=standard");

        assertThatThrownBy(() -> plan(scenario, 1, Choices.Adversaries.DECLARED))
                .isInstanceOf(PlanMistakes.class)
                .hasMessageContaining("nobody can tell which table plain changes")
                .hasMessageContaining("standard: { table: <name> }");
    }
}
