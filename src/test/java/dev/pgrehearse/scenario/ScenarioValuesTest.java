package dev.pgrehearse.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is written comes out as it was meant. */
class ScenarioValuesTest extends ScenarioTest {
    static Stream<Arguments> sources() {
        return Stream.of(
                arguments(
                        "{ faker: internet.emailAddress, distinct: 2k }",
                        new ValueSpec.Faker("internet.emailAddress", 2000)),
                arguments(
                        "{ faker: '#{Name.firstName} #{Name.lastName}' }",
                        new ValueSpec.Faker("#{Name.firstName} #{Name.lastName}", 10_000)),
                arguments("{ sequence: 7 }", new ValueSpec.Sequence(7, 1)),
                arguments("{ sequence: { start: 10, step: -2 } }", new ValueSpec.Sequence(10, -2)),
                arguments("{ range: { from: -5, to: 10k } }", new ValueSpec.IntegerRange(-5, 10_000)),
                arguments(
                        "{ range: { from: 1.50, to: 20 } }",
                        new ValueSpec.DecimalRange(new BigDecimal("1.50"), new BigDecimal("20.00"), 2)),
                arguments(
                        "{ oneOf: { no: 80, 'true': 20.5, 010: 1 } }",
                        new ValueSpec.OneOf(Map.of("no", 80.0, "true", 20.5, "010", 1.0))),
                arguments(
                        "{ oneOf: [ off, 010, 1.50 ] }",
                        new ValueSpec.OneOf(Map.of("off", 1.0, "010", 1.0, "1.50", 1.0))),
                arguments(
                        "{ text: { min: 20, max: 1k, lengths: short } }",
                        new ValueSpec.Text(20, 1000, ValueSpec.LengthDistribution.SHORT)),
                arguments(
                        "{ timestamp: { from: 2025-01-01, to: 2026-01-01T00:00:00+02:00 } }",
                        new ValueSpec.Timestamp(
                                Instant.parse("2025-01-01T00:00:00Z"), Instant.parse("2025-12-31T22:00:00Z"), false)),
                arguments("{ references: users.id, skew: 1.1 }", new ValueSpec.Reference("users", "id", 1.1)),
                arguments("{ value: 010 }", new ValueSpec.Constant("010")),
                arguments("{ uuid: random }", new ValueSpec.RandomUuid()));
    }

    @ParameterizedTest
    @MethodSource
    void sources(String yaml, ValueSpec.Source source) {
        fixture.replace("{ range: { from: 1, to: 100 } }", yaml);

        assertThat(fixture.read()
                        .conditions()
                        .dataset()
                        .tables()
                        .get("orders")
                        .columns()
                        .get("total"))
                .isEqualTo(new ValueSpec(source, 0));
    }

    @Test
    void nullsStandBesideAnySource() {
        fixture.replace("{ range: { from: 1, to: 100 } }", "{ value: x, nulls: 0.5% }");

        assertThat(fixture.read()
                        .conditions()
                        .dataset()
                        .tables()
                        .get("orders")
                        .columns()
                        .get("total"))
                .isEqualTo(new ValueSpec(new ValueSpec.Constant("x"), 0.005));
    }

    @Test
    void fillsInDefaults() {
        Conditions conditions = fixture.read().conditions();

        assertThat(conditions.server()).isEqualTo(new ServerSpec(ServerSpec.Kind.EMBEDDED, 18, null, Map.of()));
        assertThat(conditions.app()).isEqualTo(AppSpec.plain(1, 200, 100, Duration.ofSeconds(30), Map.of()));
        assertThat(conditions.workload().arrivals()).isEqualTo(WorkloadSpec.Arrivals.POISSON);
        assertThat(conditions.phases())
                .isEqualTo(new PhasesSpec(
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(60)));
        assertThat(conditions.adversaries()).isEmpty();
        assertThat(conditions.limits().longestStall()).isEqualTo(Duration.ofSeconds(2));
        assertThat(conditions.limits().errorRate()).isEqualTo(0.001);
        assertThat(conditions.limits().poolExhausted()).isEqualTo(Duration.ofSeconds(1));
        assertThat(conditions.limits().lockHeld()).isEqualTo(Duration.ofSeconds(10));
        assertThat(conditions.limits().lockWait()).isEqualTo(Duration.ofSeconds(10));
        assertThat(conditions.limits().duration()).isEqualTo(Duration.ofMinutes(30));
        assertThat(conditions.limits().responseOf("read_order"))
                .isEqualTo(new Limits.ResponseLimit(Duration.ofSeconds(1), 3.0));
        assertThat(conditions.limits().defaulted()).hasSize(8);
    }

    @Test
    void settingsStayAsWritten() {
        fixture.write(
                "scenario.yaml",
                ScenarioFixture.MINIMAL
                        + "server: { settings: { jit: off, fsync: true, random_page_cost: 1.10, x.y: 010, a: '5' } }\n");

        assertThat(fixture.read().conditions().server().settings())
                .isEqualTo(Map.of("jit", "off", "fsync", "true", "random_page_cost", "1.10", "x.y", "010", "a", "5"));
    }

    @Test
    void poolTimesBecomeMilliseconds() {
        fixture.write(
                "scenario.yaml",
                ScenarioFixture.MINIMAL
                        + "app: { pool: { connectionTimeout: 3s, maxLifetime: 1800000, maximumPoolSize: 8, autoCommit: true } }\n");

        assertThat(fixture.read().conditions().app().pool())
                .isEqualTo(Map.of(
                        "connectionTimeout",
                        "3000",
                        "maxLifetime",
                        "1800000",
                        "maximumPoolSize",
                        "8",
                        "autoCommit",
                        "true"));
    }

    /** HikariCP keeps 0 as the longest time there is, as its documentation says: nothing is changed in silence. */
    @Test
    void zeroMeansForeverWhereHikariSaysSo() {
        fixture.write("scenario.yaml", ScenarioFixture.MINIMAL + "app: { pool: { connectionTimeout: 0 } }\n");

        assertThat(fixture.read().conditions().app().pool()).isEqualTo(Map.of("connectionTimeout", "0"));
    }

    @Test
    void responseLimitsHaveOneOrBothBounds() {
        fixture.write(
                "scenario.yaml",
                ScenarioFixture.MINIMAL
                        + "limits: { response: { p99: 250ms }, operations: { read_order: { p99: 250ms or 3.5x baseline } } }\n");

        Limits limits = fixture.read().conditions().limits();
        assertThat(limits.responseOf("another")).isEqualTo(new Limits.ResponseLimit(Duration.ofMillis(250), null));
        assertThat(limits.responseOf("read_order")).isEqualTo(new Limits.ResponseLimit(Duration.ofMillis(250), 3.5));
    }

    @Test
    void theDigestIsOfTheDocumentAndItsFilesNotOfTheirPlace(@TempDir Path elsewhere) {
        String digest = fixture.read().digest();
        ScenarioFixture other = new ScenarioFixture(elsewhere);

        assertThat(digest).matches("[0-9a-f]{64}");
        assertThat(other.read().digest()).isEqualTo(digest);
        other.write("scenario.yaml", "# a comment\n" + ScenarioFixture.MINIMAL);
        assertThat(other.read().digest()).isEqualTo(digest);
        other.write("migration.sql", "alter table orders add column note text;\n");
        assertThat(other.read().digest()).isNotEqualTo(digest);
    }

    @Test
    void severalStatementsAndScriptsKeepTheirOrder() {
        fixture.write("second.sql", "select 1");
        fixture.write(
                "scenario.yaml",
                ScenarioFixture.MINIMAL
                        .replace("sql: select * from orders where id = :id", "sql: [ 'select :id', 'select 2' ]")
                        .replace("sql: migration.sql", "sql: [ second.sql, migration.sql ]"));

        Scenario scenario = fixture.read();
        assertThat(scenario.conditions().workload().operations().get(0).statements())
                .extracting(WorkloadSpec.Statement::sql)
                .containsExactly("select :id", "select 2");
        assertThat(scenario.variants().get(0).migration().scripts())
                .isEqualTo(List.of(directory.resolve("second.sql"), directory.resolve("migration.sql")));
    }
}
