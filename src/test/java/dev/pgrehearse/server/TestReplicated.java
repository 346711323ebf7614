package dev.pgrehearse.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.process.Leaks;
import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.scenario.ServerSpec;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A PostgreSQL of a test class with a streaming standby, as the tool itself starts them. */
public final class TestReplicated implements BeforeAllCallback, AfterAllCallback {
    /** So that a commit's WAL is sent at once, and nothing else writes any. */
    private static final Map<String, String> SETTINGS =
            Map.of("fsync", "off", "synchronous_commit", "on", "autovacuum", "off", "checkpoint_timeout", "1h");

    private final Map<String, String> ofStandby;
    private final Leaks.NothingLeftBehind leaks = new Leaks.NothingLeftBehind();
    private @Nullable Supervisor supervisor;
    private @Nullable ServerHost host;
    private @Nullable Replicated servers;

    private TestReplicated(Map<String, String> ofStandby) {
        this.ofStandby = Map.copyOf(ofStandby);
    }

    public static TestReplicated pair() {
        return new TestReplicated(Map.of());
    }

    /** The same with one setting more of the standby. */
    public TestReplicated with(String name, String value) {
        Map<String, String> more = new HashMap<>(ofStandby);
        more.put(name, value);
        return new TestReplicated(more);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        leaks.beforeAll(context);
        supervisor = Supervisor.start();
        host = ServerHost.open(new ServerSpec(ServerSpec.Kind.EMBEDDED, 18, null, Map.of()), supervisor);
        servers = host.startReplicated(host.initialise(), SETTINGS, ofStandby);
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        if (servers != null) {
            servers.close();
        }
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

    public RunningServer primary() {
        return servers.primary();
    }

    /** The standby, as a superuser in the rehearsed database. */
    public ConnectionDetails standby() {
        return standbyServer().superuser();
    }

    public RunningServer standbyServer() {
        return Objects.requireNonNull(servers.standby()).server();
    }
}
