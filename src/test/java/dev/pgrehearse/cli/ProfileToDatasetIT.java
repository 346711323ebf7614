package dev.pgrehearse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.exception.NotFoundException;
import dev.pgrehearse.dataset.RoundTripSource;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.process.ContainerEngine;
import dev.pgrehearse.process.EngineMissing;
import dev.pgrehearse.process.Leaks;
import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.profile.Profile;
import dev.pgrehearse.profile.ProfileJson;
import dev.pgrehearse.scenario.ServerSpec;
import dev.pgrehearse.server.DataDirectory;
import dev.pgrehearse.server.LoadingSettings;
import dev.pgrehearse.server.RunningServer;
import dev.pgrehearse.server.ServerHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole way of a user: {@code profile} of a PostgreSQL 15 through pg_dump, then {@code dataset build} and {@code run} on the
 * embedded server from that file alone.
 */
@ExtendWith(Leaks.NothingLeftBehind.class)
@Tag("thorough")
class ProfileToDatasetIT {
    private static final String IMAGE = "postgres:15";

    private static final String SCENARIO = """
            name: like-production
            dataset:
              profile: shop.profile.json
              tables: { customers: { columns: { last_name: { faker: name.lastName } } } }
            app: { instances: 1, workers: 20, pool: { maximumPoolSize: 5 } }
            workload:
              rate: 20/s
              operations:
                read_order: { weight: 1, sql: "select * from orders where id = :id", params: { id: { key: orders.id } } }
            phases: { warmup: 1s, baseline: 2s, recoveryBound: 30s }
            migration: { variants: { nullable-column: { sql: change.sql } } }
            """;

    @TempDir
    private Path folder;

    @Test
    void aDatasetIsMadeFromTheFileAlone() throws Exception {
        try {
            ContainerEngine.connect().inspectImageCmd(IMAGE).exec();
        } catch (EngineMissing | NotFoundException missing) {
            Assumptions.abort("no container engine with the image " + IMAGE + " here: run .ci/container-engine.sh");
        }
        takeProfile();
        Profile profile = ProfileJson.read(folder.resolve("shop.profile.json"));
        assertThat(profile.schema().missing()).isNull();
        assertThat(profile.schema().sql()).contains("CREATE TABLE").doesNotContain("COMMENT ON", "\\restrict");
        Files.writeString(folder.resolve("scenario.yaml"), SCENARIO);
        Files.writeString(
                folder.resolve("change.sql"), "set lock_timeout = '2s';\nalter table orders add column n int;\n");

        Program.Ended built = Program.run(folder, "dataset", "build", ".");
        assertThat(built.code()).as(built.error()).isZero();
        assertThat(built.output()).contains("TABLE ", "COLUMN ", "The data were generated from a profile: 9");

        Program.Ended ended = Program.run(folder, "run", ".", "--out", "out");
        assertThat(ended.code()).as(ended.output() + ended.error()).isIn(0, 3);
        JsonNode recording = new ObjectMapper()
                .readTree(folder.resolve("out/nullable-column/recording.json").toFile());
        JsonNode dataset = recording.path("dataset");
        assertThat(dataset.path("fromGolden").booleanValue()).isTrue();
        assertThat(dataset.path("fidelity").path("share").doubleValue()).isGreaterThan(0.9);
        assertThat(recording.path("doubts").toString()).doesNotContain("table-state-undeclared");
        assertThat(folder.resolve("out/report.md")).content().contains("within 10 % of production's statistics");
    }

    private void takeProfile() throws Exception {
        Supervisor supervisor = Supervisor.start();
        ServerHost host = ServerHost.open(new ServerSpec(ServerSpec.Kind.CONTAINER, 15, IMAGE, Map.of()), supervisor);
        try {
            DataDirectory directory = host.initialise();
            Map<String, String> settings = new HashMap<>(LoadingSettings.SETTINGS);
            try (RunningServer server = host.start(directory, settings)) {
                ConnectionDetails source = server.superuser();
                RoundTripSource.make(source);
                Program.Ended ended = Program.run(
                        folder,
                        Map.of("PGPASSWORD", source.password().reveal()),
                        "profile",
                        "--url",
                        source.jdbcUrl(),
                        "--user",
                        source.user(),
                        "--out",
                        "shop.profile.json");
                assertThat(ended.code()).as(ended.output() + ended.error()).isZero();
                assertThat(ended.output()).contains("1 INVALID");
            }
        } finally {
            host.close();
            supervisor.close();
        }
    }
}
