package dev.pgrehearse.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A data directory's own word on how it was left.
 *
 * <p>Source: {@code ControlFileData} in PostgreSQL's {@code src/include/catalog/pg_control.h}: a 64-bit system
 * identifier, two 32-bit version numbers, then the state as a 32-bit number in the machine's order, unchanged in 13 to
 * 18. The embedded binaries have no {@code pg_controldata}.
 */
final class ControlFile {
    private static final int STATE_OFFSET = 16;

    /** {@code DB_SHUTDOWNED}. */
    private static final int SHUT_DOWN = 1;

    private ControlFile() {}

    /** Why the directory is not cleanly stopped; empty when it is. */
    static String complaint(Path directory) {
        if (Files.exists(directory.resolve("postmaster.pid"))) {
            return "a server uses it, or crashed (postmaster.pid is there)";
        }
        try {
            byte[] control = Files.readAllBytes(directory.resolve("global").resolve("pg_control"));
            int state = ByteBuffer.wrap(control).order(ByteOrder.nativeOrder()).getInt(STATE_OFFSET);
            return state == SHUT_DOWN ? "" : "its control file says that it was not shut down (state " + state + ")";
        } catch (IOException | IndexOutOfBoundsException e) {
            return "its control file cannot be read (" + e + ")";
        }
    }
}
