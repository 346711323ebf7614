package dev.pgrehearse.app;

import dev.pgrehearse.postgres.ConnectionDetails;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the instances' pools connect to.
 *
 * @param server the server itself, or what stands before it
 * @param driverProperties further properties of pgjdbc by name
 * @param direct whether a session's process id, as the driver is told it, is a backend's; a pooler invents it
 * @param standby what the instances' pools for the standby connect to, which is the standby itself; null when they have no
 *     such pools
 */
public record AppDatabase(
        ConnectionDetails server,
        Map<String, String> driverProperties,
        boolean direct,
        @Nullable ConnectionDetails standby) {
    public AppDatabase {
        driverProperties = Map.copyOf(driverProperties);
    }

    /** The server itself. */
    public AppDatabase(ConnectionDetails server) {
        this(server, Map.of(), true, null);
    }

    /** The same with pools for a standby. */
    public AppDatabase with(ConnectionDetails otherStandby) {
        return new AppDatabase(server, driverProperties, direct, otherStandby);
    }

    /** What the pools for the standby connect to, as a database of its own; null without them. */
    @Nullable
    AppDatabase ofStandby() {
        return standby == null ? null : new AppDatabase(standby);
    }
}
