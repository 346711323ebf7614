package dev.pgrehearse.server;

import static dev.pgrehearse.postgres.Queries.execute;
import static dev.pgrehearse.postgres.Queries.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.exception.NotFoundException;
import dev.pgrehearse.process.ContainerEngine;
import dev.pgrehearse.process.EngineMissing;
import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.scenario.ServerSpec;
import java.sql.Connection;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In containers; where no engine or image is, {@code .ci/container-engine.sh} makes them without a registry. */
@Tag("thorough")
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
        onCopy(Map.of(), server -> {
            try (Connection session = server.superuser().open("test")) {
                execute(
                        session,
                        "CREATE TEMP TABLE df (line text)",
                        "COPY df FROM PROGRAM 'df -B1 --output=size /dev/shm | tail -n 1'");
                assertThat(value(session, "SELECT trim(line) FROM df")).isEqualTo(Long.toString(1L << 30));
            }
        });
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
