package dev.pgrehearse.restore;

import static dev.pgrehearse.postgres.Queries.execute;
import static dev.pgrehearse.postgres.Queries.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.exception.NotFoundException;
import dev.pgrehearse.process.ContainerEngine;
import dev.pgrehearse.process.EngineMissing;
import dev.pgrehearse.process.Leaks;
import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.recording.Recording.TableFacts;
import dev.pgrehearse.scenario.RestoreSpec;
import dev.pgrehearse.scenario.ServerSpec;
import dev.pgrehearse.server.LoadingSettings;
import dev.pgrehearse.server.RunningServer;
import dev.pgrehearse.server.ServerHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Into a server in a container; where no engine or image is, {@code .ci/container-engine.sh} makes them. */
@ExtendWith(Leaks.NothingLeftBehind.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("thorough")
class ContainerRestoreIT {
    private static final String IMAGE = "postgres:15";
    private static final Path DUMPS =
            Path.of("src/test/resources/dev/pgrehearse/restore").toAbsolutePath();

    /** Debian's, of the version that the image has too. */
    private static final Path BINARIES = Path.of("/usr/lib/postgresql/15/bin");

    private Supervisor supervisor;
    private ServerHost host;

    @BeforeAll
    void open() {
        try {
            ContainerEngine.connect().inspectImageCmd(IMAGE).exec();
        } catch (EngineMissing | NotFoundException missing) {
            Assumptions.abort("no container engine with the image " + IMAGE + " here: run .ci/container-engine.sh");
        }
        supervisor = Supervisor.start();
        host = ServerHost.open(new ServerSpec(ServerSpec.Kind.CONTAINER, 15, IMAGE, Map.of()), supervisor);
    }

    @AfterAll
    void close() {
        if (host != null) {
            host.close();
            assertThat(supervisor.held()).isEmpty();
            supervisor.close();
            assertThat(supervisor.troubles()).isEmpty();
        }
    }

    private Restore restore(RestoreSpec.Source source) throws Exception {
        return Restore.of(new RestoreSpec(source, 2, null), host, supervisor, Progress.SILENT);
    }

    @Test
    void anArchiveIsRestoredThroughThePublishedPort() throws Exception {
        Assumptions.assumeTrue(
                Files.isExecutable(BINARIES.resolve("pg_restore")), "no pg_restore 15 here: install postgresql-client");
        RestoredData made =
                restore(new RestoreSpec.Dump(DUMPS.resolve("shop.dump"))).make(LoadingSettings.SETTINGS);
        try (RunningServer server = host.start(made.directory(), Map.of())) {
            assertThat(value(server.app(), "select count(*) from sales.orders")).isEqualTo("1000");
            execute(server.app(), "alter table sales.orders add column note text");
            server.stop();
        }
        host.remove(made.directory());
    }

    @Test
    void aStoppedDirectoryIsCopiedIntoAVolume() throws Exception {
        Assumptions.assumeTrue(
                Files.isExecutable(BINARIES.resolve("initdb")) && "root".equals(System.getProperty("user.name")),
                "no PostgreSQL 15 here, or not root, who may use its account");
        // A @TempDir is of a mode that keeps the account of the server out.
        Path data = Files.createTempDirectory("pgrehearse-source");
        run("chown", "postgres", data.toString());
        String initdb = BINARIES + "/initdb -D " + data + "/shop -U admin --auth=trust --locale=C.UTF-8 --no-sync";
        run(
                "runuser",
                "-u",
                "postgres",
                "--",
                "sh",
                "-c",
                initdb + " >/dev/null && echo 'create table t as select 1 as id'" + " | " + BINARIES
                        + "/postgres --single -D " + data + "/shop postgres >/dev/null");

        RestoredData made =
                restore(new RestoreSpec.Physical(data.resolve("shop"), null)).make(LoadingSettings.SETTINGS);
        assertThat(made.facts().tables()).extracting(TableFacts::name).containsExactly("t");
        try (RunningServer server = host.start(made.directory(), Map.of())) {
            assertThat(value(server.app(), "select id from t")).isEqualTo("1");
            execute(server.app(), "alter table t add column note text");
            server.stop();
        }
        host.remove(made.directory());

        Files.writeString(data.resolve("shop/PG_VERSION"), "14\n");
        assertThatThrownBy(() -> restore(new RestoreSpec.Physical(data.resolve("shop"), null)))
                .isInstanceOf(RestoreMistake.class)
                .hasMessageContaining("image: postgres:14");
        run("rm", "-r", data.toString());
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }
}
