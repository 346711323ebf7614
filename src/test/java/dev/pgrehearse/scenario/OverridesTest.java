package dev.pgrehearse.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.pgrehearse.scenario.Overrides.Assignment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the command line changes, and {@code extends} and {@code with}, which are changes too. */
class OverridesTest extends ScenarioTest {
    private static Overrides set(String... assignments) {
        return new Overrides(Stream.of(assignments).map(Assignment::parse).toList(), List.of(), null);
    }

    @Test
    void setsValuesAlsoInLists() {
        fixture.write(
                "scenario.yaml",
                ScenarioFixture.MINIMAL + "adversaries: [ { longRead: { table: orders, lasts: 60s } } ]\n");

        Scenario scenario = fixture.read(set(
                "adversaries.0.longRead.lasts=95s",
                "phases.baseline=1m",
                "server.settings.\"auto_explain.log_analyze\"=off",
                "workload.operations.read_order.params.id={ range: { from: 1, to: 9 } }",
                "workload.operations.read_order.sql=select :id"));

        Conditions conditions = scenario.conditions();
        assertThat(conditions.adversaries().get(0).lasts()).isEqualTo(Duration.ofSeconds(95));
        assertThat(conditions.phases().baseline()).isEqualTo(Duration.ofMinutes(1));
        assertThat(conditions.server().settings()).isEqualTo(Map.of("auto_explain.log_analyze", "off"));
        assertThat(conditions
                        .workload()
                        .operations()
                        .get(0)
                        .parameters()
                        .get("id")
                        .source())
                .isEqualTo(new ValueSpec.IntegerRange(1, 9));
    }

    static Stream<Arguments> wrongAssignments() {
        return Stream.of(
                arguments("phases.basline=1m", "phases.basline", "`basline`", "baseline"),
                arguments("phases.baseline=fast", "phases.baseline", "`fast`", null),
                arguments("name.x=1", "name.x", "`x`", null),
                arguments("adversaries.0.longRead.lasts=9s", "adversaries.0", "`0`", null),
                arguments(
                        "workload.operations.raed_order.weight=2",
                        "workload.operations.raed_order",
                        "`raed_order`",
                        "read_order"),
                arguments("app.workers=", "app.workers", "nothing", null),
                arguments("app.workers=[", "", "text that is not YAML", null),
                arguments("app..workers=1", "", "the path `app..workers`", null));
    }

    @ParameterizedTest
    @MethodSource
    void wrongAssignments(String assignment, String path, String found, String nearest) {
        List<Mistake> mistakes = fixture.mistakes(set(assignment));

        assertThat(mistakes).hasSize(1);
        assertThat(mistakes.get(0).file()).isEqualTo("--set " + assignment);
        assertThat(mistakes.get(0).line()).isZero();
        assertThat(mistakes.get(0).path()).isEqualTo(path);
        assertThat(mistakes.get(0).found()).isEqualTo(found);
        assertThat(mistakes.get(0).nearest()).isEqualTo(nearest);
    }

    @Test
    void anAssignmentNeedsItsEqualsSign() {
        assertThatThrownBy(() -> Assignment.parse("phases.baseline"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected path=value");
    }

    @Test
    void migrationReplacesAllVariants() {
        Path script = directory.resolve("migration.sql");

        Scenario scenario = fixture.read(new Overrides(
                List.of(Assignment.parse("migration.variants.given.lockTimeout=2s")), List.of(script), null));

        assertThat(scenario.variants()).hasSize(1);
        Variant given = scenario.variants().get(0);
        assertThat(given.name()).isEqualTo("given");
        assertThat(given.expect()).isEqualTo(Expectation.GO);
        assertThat(given.migration().scripts()).containsExactly(script);
        assertThat(given.migration().lockTimeout()).isEqualTo(Duration.ofSeconds(2));

        List<Mistake> mistakes =
                fixture.mistakes(new Overrides(List.of(), List.of(directory.resolve("nowhere.sql")), null));
        assertThat(mistakes).hasSize(1);
        assertThat(mistakes.get(0).file()).isEqualTo("--migration " + directory.resolve("nowhere.sql"));
    }

    @Test
    void serverOverridesTheKind() {
        List<Mistake> noImage = fixture.mistakes(new Overrides(List.of(), List.of(), ServerSpec.Kind.CONTAINER));
        assertThat(noImage).hasSize(1);
        assertThat(noImage.get(0).file()).isEqualTo("--server container");

        fixture.write("scenario.yaml", ScenarioFixture.MINIMAL + "server: { kind: container, image: postgres:18 }\n");
        assertThat(fixture.read().conditions().server())
                .isEqualTo(new ServerSpec(ServerSpec.Kind.CONTAINER, 0, "postgres:18", Map.of()));
        assertThat(fixture.read(new Overrides(List.of(), List.of(), ServerSpec.Kind.EMBEDDED))
                        .conditions()
                        .server())
                .isEqualTo(new ServerSpec(ServerSpec.Kind.EMBEDDED, 18, null, Map.of()));
    }

    @Test
    void extendsMergesDeeplyAndReplacesSourcesWhole() {
        fixture.write("middle.yaml", "extends: scenario.yaml\nphases: { baseline: 7s, warmup: 1s }\n");
        fixture.write("child.yaml", """
                extends: middle.yaml
                name: child
                dataset:
                  tables: { orders: { columns: { total: { sequence: 1 } } } }
                phases: { baseline: 8s }
                """);

        Scenario scenario = read(directory.resolve("child.yaml"));

        assertThat(scenario.name()).isEqualTo("child");
        assertThat(scenario.document().has("extends")).isFalse();
        assertThat(scenario.conditions().phases().baseline()).isEqualTo(Duration.ofSeconds(8));
        assertThat(scenario.conditions().phases().warmup()).isEqualTo(Duration.ofSeconds(1));
        assertThat(scenario.conditions().dataset().tables().get("orders").columns())
                .isEqualTo(Map.of("total", new ValueSpec(new ValueSpec.Sequence(1, 1), 0)));
    }

    @Test
    void mistakesStayInTheFileTheyAreIn() {
        fixture.replace("rate: 300/s", "rate: fast");
        fixture.write("child.yaml", "extends: scenario.yaml\nphases: { baseline: slow }\n");

        assertThat(ScenarioFixture.mistakes(directory.resolve("child.yaml"), Overrides.NONE))
                .extracting(mistake -> Path.of(mistake.file()).getFileName() + ":" + mistake.line())
                .containsExactlyInAnyOrder("child.yaml:2", "scenario.yaml:9");
    }

    @Test
    void extendsInACircleIsAMistake() {
        fixture.write("a.yaml", "extends: b.yaml\n");
        fixture.write("b.yaml", "extends: a.yaml\n");

        List<Mistake> mistakes = ScenarioFixture.mistakes(directory.resolve("a.yaml"), Overrides.NONE);
        assertThat(mistakes).hasSize(1);
        assertThat(mistakes.get(0).file()).endsWith("b.yaml");
        assertThat(mistakes.get(0).found()).contains("leads back to itself");

        fixture.write("a.yaml", "extends: nowhere.yaml\n");
        assertThat(ScenarioFixture.mistakes(directory.resolve("a.yaml"), Overrides.NONE)
                        .get(0)
                        .line())
                .isEqualTo(1);
    }

    @Test
    void withChangesOneVariantOnly() {
        fixture.replace("as-written: { sql: migration.sql, expect: NO-GO }", """
                as-written: { sql: migration.sql }
                    small-pool:
                      sql: migration.sql
                      expect: { production: NO-GO }
                      with:
                        app: { pool: { maximumPoolSize: 2 } }
                        adversaries: [ { oldSnapshot: { table: orders, lasts: 1m } } ]
                """);

        Scenario scenario = fixture.read();

        assertThat(scenario.variants().get(0).conditions()).isEqualTo(scenario.conditions());
        Variant changed = scenario.variants().get(1);
        assertThat(changed.conditions().app().pool()).isEqualTo(Map.of("maximumPoolSize", "2"));
        assertThat(changed.conditions().adversaries()).hasSize(1);
        assertThat(changed.conditions().workload())
                .isEqualTo(scenario.conditions().workload());
        assertThat(changed.expectAt("production")).isEqualTo(Expectation.NO_GO);
        assertThat(changed.expectAt("other")).isEqualTo(Expectation.GO);
    }

    @Test
    void mistakesOfWithPointThereAndOthersAreToldOnce() {
        fixture.write(
                "scenario.yaml",
                ScenarioFixture.MINIMAL
                                .replace("rate: 300/s", "rate: 0/s")
                                .replace("sql: migration.sql, expect: NO-GO }", "sql: migration.sql }")
                        + """
                            small-pool:
                              sql: migration.sql
                              with:
                                app: { wrokers: 2, pool: { maximumPoolSize: 0 } }
                                dataset: { sizes: { production: { orders: 5.5 } } }
                                limits: { operations: { nothing: { p99: 1s } } }
                        """);

        assertThat(fixture.mistakes())
                .extracting(mistake -> mistake.line() + ":" + mistake.column() + " " + mistake.path())
                .containsExactly(
                        "9:9 workload.rate",
                        "21:16 migration.variants.small-pool.with.app.wrokers",
                        "21:53 migration.variants.small-pool.with.app.pool.maximumPoolSize",
                        "22:51 migration.variants.small-pool.with.dataset.sizes.production.orders",
                        "23:33 migration.variants.small-pool.with.limits.operations.nothing");
    }

    private static Scenario read(Path file) {
        try {
            return ScenarioReader.read(file, Overrides.NONE);
        } catch (ScenarioMistakes e) {
            throw new AssertionError(e.getMessage(), e);
        }
    }
}
