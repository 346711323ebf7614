package dev.pgrehearse.app;

import dev.pgrehearse.postgres.ConnectionDetails;
import java.util.Map;

/**
 * What the instances' pools connect to.
 *
 * @param server the server itself, or what stands before it
 * @param driverProperties further properties of pgjdbc by name
 * @param direct whether a session's process id, as the driver is told it, is a backend's; a pooler invents it
 */
public record AppDatabase(ConnectionDetails server, Map<String, String> driverProperties, boolean direct) {
    public AppDatabase {
        driverProperties = Map.copyOf(driverProperties);
    }

    /** The server itself. */
    public AppDatabase(ConnectionDetails server) {
        this(server, Map.of(), true);
    }
}
