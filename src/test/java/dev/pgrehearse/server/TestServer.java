package dev.pgrehearse.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.exception.NotFoundException;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.process.ContainerEngine;
import dev.pgrehearse.process.EngineMissing;
import dev.pgrehearse.process.Leaks;
import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.scenario.ServerSpec;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The PostgreSQL of a test class, as the tool itself starts one: to be registered as a static extension. Nothing of it
 * may be left when the class has ended.
 *
 * <p>It is the embedded server, unless {@code -Dpgrehearse.test.image=postgres:15} names an image to run instead.
 */
public final class TestServer implements BeforeAllCallback, AfterAllCallback {
    private static final String IMAGE_SWITCH = "pgrehearse.test.image";

    private static final Map<String, String> QUICK =
            Map.of("fsync", "off", "synchronous_commit", "off", "full_page_writes", "off", "autovacuum", "off");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, String> settings;
    private final @Nullable String image;
    private final Leaks.NothingLeftBehind leaks = new Leaks.NothingLeftBehind();
    private @Nullable Supervisor supervisor;
    private @Nullable ServerHost host;
    private @Nullable DataDirectory directory;
    private @Nullable RunningServer running;
    private int databases;

    private TestServer(Map<String, String> settings, @Nullable String image) {
        this.settings = Map.copyOf(settings);
        this.image = image;
    }

    /** A server that never syncs and never vacuums by itself, so that a test has it for itself. */
    public static TestServer quick() {
        return new TestServer(QUICK, System.getProperty(IMAGE_SWITCH));
    }

    /** A server as datasets are loaded on. */
    public static TestServer forLoading() {
        return new TestServer(LoadingSettings.SETTINGS, System.getProperty(IMAGE_SWITCH));
    }

    /** The same with one setting more. */
    public TestServer with(String name, String value) {
        Map<String, String> more = new HashMap<>(settings);
        more.put(name, value);
        return new TestServer(more, image);
    }

    /** The same in a container of an image; the class is skipped where no engine has it. */
    public TestServer inContainer(String itsImage) {
        return new TestServer(settings, itsImage);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        leaks.beforeAll(context);
        if (image != null && !image.equals(System.getProperty(IMAGE_SWITCH))) {
            assumeImage(image);
        }
        supervisor = Supervisor.start();
        host = ServerHost.open(spec(), supervisor);
        directory = host.initialise();
        running = host.start(directory, settings);
    }

    /** As {@code .ci/container-engine.sh} makes it. */
    private static void assumeImage(String image) {
        try {
            ContainerEngine.connect().inspectImageCmd(image).exec();
        } catch (EngineMissing e) {
            Assumptions.abort("no container engine here: run .ci/container-engine.sh");
        } catch (NotFoundException e) {
            Assumptions.abort("no image " + image + " here: run .ci/container-engine.sh");
        }
    }

    private ServerSpec spec() {
        return image == null
                ? new ServerSpec(ServerSpec.Kind.EMBEDDED, 18, null, Map.of())
                : new ServerSpec(ServerSpec.Kind.CONTAINER, 0, image, Map.of());
    }

    /** Closes all that was opened, also when only a part of it was. */
    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        if (host != null) {
            host.close();
            assertThat(supervisor.held()).isEmpty();
        }
        if (supervisor != null) {
            supervisor.close();
            assertThat(supervisor.troubles()).isEmpty();
        }
        leaks.afterAll(context);
    }

    /** The superuser, in the database that a rehearsal would use. */
    public ConnectionDetails superuser() {
        return running.superuser();
    }

    /** The application's role, in the same database. */
    public ConnectionDetails app() {
        return running.app();
    }

    /** The superuser in a new, empty database, which belongs to the application's role as the rehearsed one does. */
    public ConnectionDetails newDatabase() throws SQLException {
        String name = "test" + ++databases;
        Queries.execute(superuser(), "CREATE DATABASE " + name + " OWNER " + DataDirectory.APP);
        return superuser().withDatabase(name);
    }

    /** The application's role in a superuser's database. */
    public ConnectionDetails app(ConnectionDetails superuser) {
        return app().withDatabase(superuser.database());
    }

    public OptionalLong postmasterPid() {
        return running.postmasterPid();
    }

    /** Ends the server at once, as a crash does: nobody gets an answer any more, until it is started again. */
    public void crash() {
        running.close();
    }

    /** Stops the server cleanly, as a dataset that is kept is stopped, and starts it again on another port. */
    public void restart() {
        running.stop();
        running = host.start(directory, settings);
    }

    /** Starts a crashed server again. It listens on another port then. */
    public void startAgain() {
        running = host.start(directory, settings);
    }

    /** Lets the server log every statement of the superuser, in sessions that are opened from now on. */
    public void logStatements() throws SQLException {
        Queries.execute(
                superuser(),
                "ALTER ROLE " + DataDirectory.SUPERUSER + " SET log_statement = 'all'",
                "ALTER ROLE " + DataDirectory.SUPERUSER + " SET log_min_error_statement = 'error'");
    }

    /**
     * What the server has logged of an application's sessions.
     *
     * @param statement of an error; null when the entry has none
     */
    public record Logged(String message, @Nullable String statement) {}

    /** All that the server logged of an application's sessions until now, in order. */
    public List<Logged> logged(String application) throws SQLException, IOException {
        // The server's processes hand their entries to another one, which writes them in that order, a little later.
        String mark = UUID.randomUUID().toString();
        Queries.execute(superuser(), "DO $$ BEGIN RAISE LOG '%', '" + mark + "'; END $$");
        String log = log();
        while (!log.contains("\"message\":\"" + mark + "\"")) {
            log = log();
        }
        List<Logged> entries = new ArrayList<>();
        for (String line : log.substring(0, log.lastIndexOf('\n')).split("\n", -1)) {
            JsonNode entry = JSON.readTree(line);
            if (entry.path("application_name").asText().equals(application)) {
                JsonNode statement = entry.get("statement");
                entries.add(new Logged(entry.path("message").asText(), statement == null ? null : statement.asText()));
            }
        }
        return entries;
    }

    private String log() throws SQLException {
        // As bytes, since the last entry may be written only half.
        return new String(
                HexFormat.of()
                        .parseHex(Queries.value(
                                superuser(),
                                "SELECT encode(pg_read_binary_file(pg_current_logfile('jsonlog')), 'hex')")),
                UTF_8);
    }
}
