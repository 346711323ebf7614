package dev.pgrehearse.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** A TCP port of 127.0.0.1 that is free now; somebody may take it before we do, so a start is tried again. */
final class FreePort {
    /** How often a start is tried whose port was taken meanwhile. */
    static final int ATTEMPTS = 5;

    private FreePort() {}

    static int find() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new ServerProblem(
                    "No free TCP port on 127.0.0.1: " + e.getMessage(),
                    "Nothing was started.",
                    "End other programs that hold ports.",
                    e);
        }
    }

    /** Whether a server's output says that its port was taken. */
    static boolean wasTaken(String output) {
        return output.contains("Address already in use") || output.contains("port is already allocated");
    }
}
