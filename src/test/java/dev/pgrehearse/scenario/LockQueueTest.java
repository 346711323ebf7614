package dev.pgrehearse.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The checked-in scenario is what its README says. */
class LockQueueTest {
    private static final Path DIRECTORY = Path.of("scenarios/lock-queue");

    @Test
    void readsAsWritten() throws ScenarioMistakes {
        Scenario scenario = ScenarioReader.read(DIRECTORY, Overrides.NONE);

        assertThat(scenario.name()).isEqualTo("lock-queue");
        assertThat(scenario.directory()).isEqualTo(DIRECTORY.toAbsolutePath());
        Conditions conditions = scenario.conditions();
        assertThat(conditions.server().kind()).isEqualTo(ServerSpec.Kind.EMBEDDED);
        assertThat(conditions.server().settings())
                .containsEntry("shared_buffers", "512MB")
                .containsEntry("max_connections", "100");
        assertThat(conditions.dataset().sizes()).isEqualTo(Map.of("production", Map.of("orders", 1_000_000L)));
        assertThat(conditions.dataset().defaultSize()).isEqualTo("production");
        assertThat(conditions
                        .dataset()
                        .tables()
                        .get("orders")
                        .columns()
                        .get("created_at")
                        .source())
                .isEqualTo(new ValueSpec.Timestamp(
                        Instant.parse("2025-01-01T00:00:00Z"), Instant.parse("2026-01-01T00:00:00Z"), true));
        assertThat(conditions.app())
                .isEqualTo(AppSpec.plain(
                        2,
                        200,
                        100,
                        Duration.ofSeconds(5),
                        Map.of("maximumPoolSize", "20", "connectionTimeout", "3000")));
        assertThat(conditions.workload().traffic()).isEqualTo(TrafficSpec.constant(200));
        assertThat(conditions.workload().operations())
                .extracting(WorkloadSpec.Operation::name)
                .containsExactly("read_order", "recent_orders", "place_order", "pay_order");
        assertThat(conditions.workload().operations().stream()
                        .mapToDouble(WorkloadSpec.Operation::weight)
                        .sum())
                .isEqualTo(100);
        assertThat(conditions.phases())
                .isEqualTo(new PhasesSpec(
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(60)));
        assertThat(conditions.adversaries())
                .containsExactly(new AdversarySpec(
                        AdversarySpec.Kind.LONG_READ, "orders", null, Duration.ofSeconds(5), Duration.ofSeconds(34)));
        assertThat(conditions.limits().longestStall()).isEqualTo(Duration.ofMillis(2500));
        assertThat(conditions.limits().response()).isEqualTo(new Limits.ResponseLimit(Duration.ofMillis(2500), null));
        assertThat(conditions.limits().defaulted())
                .containsExactlyInAnyOrder("errorRate", "lockHeld", "lockWait", "duration", "standbyLag");
    }

    @Test
    void hasTheCauseAndItsCures() throws ScenarioMistakes {
        List<Variant> variants = ScenarioReader.read(DIRECTORY, Overrides.NONE).variants();

        assertThat(variants).extracting(Variant::name).containsExactly("as-written", "with-timeout", "in-steps");
        assertThat(variants)
                .extracting(Variant::expect)
                .containsExactly(Expectation.NO_GO, Expectation.GO, Expectation.GO);
        assertThat(variants.get(1).migration())
                .isEqualTo(MigrationSpec.ofScripts(
                        List.of(DIRECTORY.resolve("as-written.sql").toAbsolutePath()),
                        Duration.ofSeconds(2),
                        null,
                        new MigrationSpec.Retries(10, Duration.ofSeconds(5))));
    }
}
