package dev.pgrehearse.app;

import dev.pgrehearse.postgres.Sessions;
import java.sql.Connection;
import java.sql.SQLException;

/** What a request asks of the instance that serves it. Implementations are thread-safe. */
public interface Work {
    /** What the backend that does it is told to work for. */
    Sessions.Use use();

    /** Whether it is done on a connection to the standby. */
    default boolean onStandby() {
        return false;
    }

    /**
     * Does it on a connection of the instance's pool.
     *
     * @param number the request's, from 0
     * @throws SQLException when a statement fails; nothing of it is kept then
     */
    void run(Connection connection, long number) throws SQLException;
}
