package dev.pgrehearse.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.function.Supplier;

/** A TCP port of 127.0.0.1 that is free now; somebody may take it before we do, so a start is tried again. */
final class FreePort {
    /** How often a start is tried whose port was taken meanwhile. */
    private static final int ATTEMPTS = 5;

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

    /**
     * Starts a server that finds a port for itself, again when somebody took that port meanwhile.
     *
     * @throws ServerProblem of the last start, or of one that failed for another reason
     */
    static RunningServer retried(Supplier<RunningServer> start) {
        for (int attempt = 1; ; attempt++) {
            try {
                return start.get();
            } catch (ServerProblem e) {
                if (attempt == ATTEMPTS || !wasTaken(e.whatFailed())) {
                    throw e;
                }
            }
        }
    }

    /** Whether a server's output says that its port was taken. */
    private static boolean wasTaken(String output) {
        return output.contains("Address already in use") || output.contains("port is already allocated");
    }
}
