package dev.pgrehearse.golden;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A lock on one dataset of the shelf: shared by those who copy it, exclusive for who makes or removes it. The kernel gives
 * it back however the process ends.
 */
final class ShelfLock implements AutoCloseable {
    private static final long PAUSE_MS = 200;

    /** Locks belong to the whole process, and closing any channel of a locked file gives them back: ours are not tried. */
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;

    private ShelfLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** Waits until the lock is free; {@code waiting} is run once when it is not at once. */
    static ShelfLock await(Path file, boolean shared, Runnable waiting) throws IOException, InterruptedException {
        ShelfLock lock = attempt(file, shared);
        if (lock != null) {
            return lock;
        }
        waiting.run();
        while (lock == null) {
            Thread.sleep(PAUSE_MS);
            lock = attempt(file, shared);
        }
        return lock;
    }

    /** The lock, or null when somebody else has it. */
    static @Nullable ShelfLock attempt(Path file, boolean shared) throws IOException {
        if (!OWN.add(file)) {
            return null;
        }
        FileChannel channel = null;
        boolean locked = false;
        try {
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            locked = channel.tryLock(0, Long.MAX_VALUE, shared) != null;
            return locked ? new ShelfLock(file, channel) : null;
        } finally {
            if (!locked) {
                if (channel != null) {
                    channel.close();
                }
                OWN.remove(file);
            }
        }
    }

    /** Proves that this is the lock on a dataset. */
    void require(Path wanted) {
        if (!file.equals(wanted) || !channel.isOpen()) {
            throw new IllegalStateException("the lock " + wanted + " is not held");
        }
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            OWN.remove(file);
        }
    }
}
