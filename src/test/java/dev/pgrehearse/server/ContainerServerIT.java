package dev.pgrehearse.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.exception.NotFoundException;
import dev.pgrehearse.process.ContainerEngine;
import dev.pgrehearse.process.EngineMissing;
import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.scenario.ServerSpec;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In containers; where no engine or image is, {@code .ci/container-engine.sh} makes them without a registry. */
final class ContainerServerIT extends ServerContract {
    private static final String IMAGE = "postgres:15";

    @Override
    ServerSpec spec() {
        return new ServerSpec(ServerSpec.Kind.CONTAINER, 15, IMAGE, Map.of());
    }

    @Override
    void prepare() {
        try {
            ContainerEngine.connect().inspectImageCmd(IMAGE).exec();
        } catch (EngineMissing e) {
            Assumptions.abort("no container engine here: run .ci/container-engine.sh");
        } catch (NotFoundException e) {
            Assumptions.abort("no image " + IMAGE + " here: run .ci/container-engine.sh");
        }
    }

    @Test
    void parallelWorkersHaveSharedMemory() throws Exception {
        DataDirectory directory = host().copy(golden());
        try (RunningServer server = host().start(directory, Map.of())) {
            try (Connection session = server.superuser().open("test");
                    Statement statement = session.createStatement()) {
                statement.execute("CREATE TEMP TABLE df (line text)");
                statement.execute("COPY df FROM PROGRAM 'df -B1 --output=size /dev/shm | tail -n 1'");
                try (ResultSet row = statement.executeQuery("SELECT trim(line)::bigint FROM df")) {
                    row.next();
                    assertThat(row.getLong(1)).isEqualTo(1L << 30);
                }
            }
            server.stop();
        }
        host().remove(directory);
    }

    @Test
    void aMissingImageIsAnError() {
        try (Supervisor supervisor = Supervisor.start()) {
            assertThatThrownBy(() -> ServerHost.open(
                            new ServerSpec(ServerSpec.Kind.CONTAINER, 0, "localhost:1/none:1", Map.of()), supervisor))
                    .isInstanceOf(ServerProblem.class)
                    .hasMessageContaining("docker pull localhost:1/none:1");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"opened", "initialised", "busy"})
    void aKilledToolLeavesNothing(String moment) throws Exception {
        KilledTool.leavesNothing(moment, "CONTAINER", IMAGE);
    }
}
