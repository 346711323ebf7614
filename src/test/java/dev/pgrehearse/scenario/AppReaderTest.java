package dev.pgrehearse.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The service of a scenario: what it becomes, and what is wrong with it. */
class AppReaderTest {
    @TempDir
    private Path directory;

    private ScenarioFixture fixture;

    @BeforeEach
    void fixture() {
        fixture = new ScenarioFixture(directory);
    }

    private static Overrides set(String... assignments) {
        return new Overrides(
                Arrays.stream(assignments)
                        .map(text -> {
                            String[] parts = text.split("=", 2);
                            return new Overrides.Assignment(parts[0], parts[1]);
                        })
                        .toList(),
                List.of(),
                null);
    }

    private AppSpec app(String... assignments) {
        return fixture.read(set(assignments)).conditions().app();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "app.probes.readiness.period=5s | a probe without a timeout, expected `timeout` below it",
                "app.probes.liveness.timeout=0s | expected more than 0s",
                "app.pool.maximumPoolSize=98 | a pool of 98 connections, expected at most 97",
                "app.pgbouncer.poolSize=98 | a pool of 98 connections, expected at most 97",
                "app.pgbouncer.maxClients=9 | `maxClients` of 9 before a pool of 10",
                "app.pgbouncer.settings.listen_addr='*' | pgrehearse sets this itself",
                "app.retries.multiplier=0.5 | a factor from 1 (fixed pauses) to 10",
                "app.retries.on=[request_timeout, late] | one of pool_timeout, queue_rejected",
                "app.retries.max=-1 | from 0 to 100",
                "app.retries.budget=120% | a share from 0% to 100%",
                "app.breaker.failureRateThreshold=0% | a share above 0%",
                "app.autoscaler.max=0 | from 1 to 1000",
                "app.autoscaler.min=3 | `min` and `max` around `instances`",
                "app.pool.file=no.properties | which is not there",
                "app.startup=-1s | a duration",
            })
    void whatIsWrongIsSaid(String assignment, String words) {
        assertThatThrownBy(() -> app(assignment)).hasMessageContaining(words);
    }

    @Test
    void aPoolMayTakeAllThatIsNotReserved() {
        assertThat(app("app.pool.maximumPoolSize=97").pool()).containsEntry("maximumPoolSize", "97");
        assertThat(app("app.pool.maximumPoolSize=147", "server.settings.max_connections=150")
                        .pool())
                .containsEntry("maximumPoolSize", "147");
    }

    @Test
    void twoThingsToAimAtAreOneTooMany() {
        assertThatThrownBy(() -> app("app.autoscaler.busyWorkers=50%", "app.autoscaler.latency=1s"))
                .hasMessageContaining("either `busyWorkers` or `latency`");
    }

    @Test
    void nothingIsThereUnlessItIsWritten() {
        AppSpec app = app();
        assertThat(app.retries()).isEqualTo(AppSpec.Retries.NONE);
        assertThat(app.breaker()).isNull();
        assertThat(app.readiness()).isNull();
        assertThat(app.liveness()).isNull();
        assertThat(app.autoscaler()).isNull();
        assertThat(app.pgbouncer()).isNull();
    }

    @Test
    void defaultsAreTheEcosystems() {
        AppSpec app = app(
                "app.probes.readiness.timeout=1s",
                "app.autoscaler.max=8",
                "app.breaker.slidingWindowSize=50",
                "app.retries.max=1");
        assertThat(app.readiness())
                .isEqualTo(new AppSpec.Probe(
                        Duration.ZERO, Duration.ofSeconds(10), Duration.ofSeconds(1), 3, 1, AppSpec.Check.POOL));
        assertThat(app.autoscaler())
                .isEqualTo(
                        new AppSpec.Autoscaler(1, 8, 0.8, null, Duration.ofSeconds(15), 0.1, Duration.ofSeconds(300)));
        // resilience4j lowers its minimum of calls to a smaller window itself.
        assertThat(app.breaker())
                .isEqualTo(new AppSpec.Breaker(0.5, 1, Duration.ofSeconds(60), 50, 50, Duration.ofSeconds(60), 10));
        assertThat(app.retries().budget()).isNull();
        assertThat(app.retries().on()).hasSize(12).doesNotContain("ok", "sql_error", "unfinished");
    }

    @Test
    void propertiesComeFromAFileAndWhatIsWrittenHereWins() throws Exception {
        Files.writeString(directory.resolve("hikari.properties"), """
                jdbcUrl=jdbc:postgresql://db.example/shop
                username=shop
                password=secret
                dataSource.ssl=true
                maximumPoolSize=30
                connectionTimeout=5000
                """);
        assertThat(app("app.pool.file=hikari.properties", "app.pool.maximumPoolSize=40")
                        .pool())
                .isEqualTo(Map.of("maximumPoolSize", "40", "connectionTimeout", "5000"));
    }

    @Test
    void springsNamesAreHikaris() throws Exception {
        Files.writeString(directory.resolve("application.properties"), """
                server.tomcat.threads.max=50
                spring.datasource.url=jdbc:postgresql://db.example/shop
                spring.datasource.password=secret
                spring.datasource.hikari.maximum-pool-size=30
                spring.datasource.hikari.connectionTimeout=5000
                """);
        assertThat(app("app.pool.file=application.properties").pool())
                .isEqualTo(Map.of("maximumPoolSize", "30", "connectionTimeout", "5000"));
    }

    @Test
    void whatTheDriverIsToldIsKeptButForItsAddress() throws Exception {
        Files.writeString(directory.resolve("hikari.properties"), """
                dataSource.serverName=db.example
                dataSource.sslmode=verify-full
                dataSource.prepareThreshold=3
                dataSource.autosave=always
                """);
        AppSpec app = app("app.pool.file=hikari.properties", "app.pool.dataSource.autosave=conservative");
        assertThat(app.driverProperties()).isEqualTo(Map.of("prepareThreshold", "3", "autosave", "conservative"));
        Files.writeString(directory.resolve("application.properties"), """
                spring.datasource.hikari.data-source-properties.reWriteBatchedInserts=true
                spring.datasource.hikari.dataSourceProperties.socketTimeout=30
                spring.datasource.hikari.data-source-properties[prepareThreshold]=3
                """);
        assertThat(app("app.pool.file=application.properties").driverProperties())
                .isEqualTo(Map.of("reWriteBatchedInserts", "true", "socketTimeout", "30", "prepareThreshold", "3"));
    }

    @Test
    void whatTheUrlTellsTheDriverWins() throws Exception {
        Files.writeString(directory.resolve("hikari.properties"), """
                jdbcUrl=jdbc:postgresql://db.example/shop?user=shop&password=a%26b&prepareThreshold=0&stringtype=varchar
                dataSource.prepareThreshold=3
                """);
        assertThat(app("app.pool.file=hikari.properties").driverProperties())
                .isEqualTo(Map.of("prepareThreshold", "0"));
        Files.writeString(directory.resolve("application.properties"), """
                spring.datasource.url=jdbc:postgresql://db.example/shop?autosave=CONSERVATIVE
                spring.datasource.hikari.maximum-pool-size=30
                """);
        assertThat(app("app.pool.file=application.properties").pool())
                .isEqualTo(Map.of("maximumPoolSize", "30", "dataSource.autosave", "CONSERVATIVE"));
    }

    @Test
    void whatTheDriverDoesNotKnowIsTold() throws Exception {
        Files.writeString(
                directory.resolve("hikari.properties"), "dataSource.autosav=always\ndataSource.socketTimeout=30s\n");
        assertThatThrownBy(() -> app("app.pool.file=hikari.properties", "app.pool.dataSource.autosave=sometimes"))
                .hasMessageContaining("`autosav` in `hikari.properties`")
                .hasMessageContaining("did you mean `autosave`?")
                .hasMessageContaining("`dataSource.socketTimeout=30s` in `hikari.properties`")
                .hasMessageContaining("a whole number")
                .hasMessageContaining("always, never, conservative");
        assertThatThrownBy(() -> app("app.pool.dataSource.user=shop", "app.pool.dataSource.currentSchema=shop"))
                .hasMessageContaining("no address, driver or account")
                .hasMessageContaining("`server.settings`, such as `search_path: shop, public`");
        assertThatThrownBy(() -> app("app.pool.dataSource.zzz=1"))
                .hasMessageContaining("a property of pgjdbc that a rehearsal takes: ");
    }

    @Test
    void whatHikariDoesNotKnowIsToldFromTheFileToo() throws Exception {
        Files.writeString(directory.resolve("hikari.properties"), "maxPoolSize=30\nconnectionTimeout=100\n");
        assertThatThrownBy(() -> app("app.pool.file=hikari.properties"))
                .hasMessageContaining("`maxPoolSize` in `hikari.properties`")
                .hasMessageContaining("did you mean `maximumPoolSize`?")
                .hasMessageContaining("`connectionTimeout=100` in `hikari.properties`");
    }
}
