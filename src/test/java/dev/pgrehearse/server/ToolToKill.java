package dev.pgrehearse.server;

import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.scenario.ServerSpec;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;

/** What the tool does, in a JVM that a test can kill. Tells on standard output how far it is. */
public final class ToolToKill {
    private ToolToKill() {}

    /** Arguments: the server's kind, an image or nothing, and {@code standby} for one with a standby. */
    public static void main(String[] arguments) throws Exception {
        ServerSpec.Kind kind = ServerSpec.Kind.valueOf(arguments[0]);
        String image = arguments.length > 1 && !arguments[1].isEmpty() ? arguments[1] : null;
        Supervisor supervisor = Supervisor.start();
        tell("supervisor " + supervisor.pid());
        ServerHost host = ServerHost.open(new ServerSpec(kind, 0, image, Map.of()), supervisor);
        tell("opened");
        DataDirectory golden = host.initialise();
        tell("initialised");
        DataDirectory copy = host.copy(golden);
        tell("copied");
        if (arguments.length > 2) {
            Replicated servers = host.startReplicated(copy, Map.of(), Map.of());
            tell("streaming");
            servers.primary().died().get();
        }
        RunningServer server = host.start(copy, Map.of());
        tell("running " + server.postmasterPid().orElse(0));
        try (Connection session = server.app().open("busy");
                Statement statement = session.createStatement()) {
            statement.execute("CREATE TABLE t AS SELECT g FROM generate_series(1, 100000) g");
            tell("busy");
            statement.execute("SELECT pg_sleep(1000)");
        }
    }

    private static void tell(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
