package dev.pgrehearse.restore;

import dev.pgrehearse.server.Room;
import dev.pgrehearse.server.ServerHost;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Watches the disk while a restore writes: stopped before it is full, the server can still be stopped in order. */
final class RoomWatch implements ToolRun.Watch {
    private static final long LEAST_BYTES = 256L << 20;

    /** To ask a container engine takes a second. */
    private static final int EVERY = 5;

    private final ServerHost host;
    private int asked;

    RoomWatch(ServerHost host) {
        this.host = host;
    }

    @Override
    public @Nullable String lookAfter() {
        if (++asked % EVERY != 0) {
            return null;
        }
        Optional<Room> room = host.room();
        return room.filter(free -> free.freeBytes() < LEAST_BYTES)
                .map(free -> String.format(
                        Locale.ROOT,
                        "The disk is nearly full: %d MB are free at %s. The restore was stopped; nothing of it is kept. Make"
                                + " room (`pgrehearse dataset list` shows what earlier runs keep), then run again",
                        free.freeBytes() >> 20,
                        free.place()))
                .orElse(null);
    }
}
