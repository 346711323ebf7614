package dev.pgrehearse.server;

import org.jspecify.annotations.Nullable;

/**
 * A server, and the streaming standby of it where there is one. Closing ends both, the standby first, and removes the
 * standby's data; the primary's stays.
 *
 * @param standby null for none
 */
public record Replicated(RunningServer primary, @Nullable Standby standby) implements AutoCloseable {
    /**
     * A streaming standby that runs.
     *
     * @param server can only be read
     * @param preparedSeconds what it took to prepare the primary for it, to copy its data and to start it
     */
    public record Standby(RunningServer server, double preparedSeconds, Runnable removal) {}

    /** A server without a standby. */
    public static Replicated alone(RunningServer primary) {
        return new Replicated(primary, null);
    }

    @Override
    public void close() {
        try {
            if (standby != null) {
                standby.server().close();
            }
        } finally {
            try {
                primary.close();
            } finally {
                if (standby != null) {
                    standby.removal().run();
                }
            }
        }
    }
}
