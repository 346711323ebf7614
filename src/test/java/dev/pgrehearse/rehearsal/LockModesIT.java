package dev.pgrehearse.rehearsal;

import dev.pgrehearse.server.TestServer;
import org.junit.jupiter.api.extension.RegisterExtension;

/** On the server that comes with the build. */
final class LockModesIT extends LockModes {
    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick();

    @Override
    TestServer server() {
        return POSTGRES;
    }
}
