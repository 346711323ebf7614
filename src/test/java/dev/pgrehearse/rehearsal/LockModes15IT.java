package dev.pgrehearse.rehearsal;

import dev.pgrehearse.server.TestServer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;

/** On PostgreSQL 15, where there is a container engine with its image. */
@Tag("thorough")
final class LockModes15IT extends LockModes {
    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick().inContainer("postgres:15");

    @Override
    TestServer server() {
        return POSTGRES;
    }
}
