package dev.pgrehearse.restore;

import dev.pgrehearse.server.ShortCommand;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Feeds a dump, decompressed, to a program that reads a file: through a named pipe, since the supervisor's children have no
 * input of their own.
 */
final class PlainFeed implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 18;

    private final Path dump;
    private final Path pipe;
    private final Thread thread;
    private final AtomicLong fed = new AtomicLong();

    private PlainFeed(Path dump, Path pipe) {
        this.dump = dump;
        this.pipe = pipe;
        this.thread = new Thread(this::feed, "dump feed");
        thread.setDaemon(true);
    }

    /** Makes the pipe and waits, on a thread of its own, for the program to open it. */
    static PlainFeed start(Path dump, Path pipe) throws IOException {
        ShortCommand.Answer made = ShortCommand.run(List.of("mkfifo", "-m", "0600", pipe.toString()));
        if (!made.succeeded()) {
            throw new IOException("mkfifo " + pipe + ": " + made.output());
        }
        PlainFeed feed = new PlainFeed(dump, pipe);
        feed.thread.start();
        return feed;
    }

    private void feed() {
        byte[] buffer = new byte[BUFFER_BYTES];
        try (OutputStream out = Files.newOutputStream(pipe, StandardOpenOption.WRITE);
                InputStream in = Decompressed.open(dump)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
                fed.addAndGet(read);
            }
        } catch (IOException ended) {
            // The program has ended, and says itself why; or the dump cannot be read to its end: then fewer bytes were
            // fed than it has, which is looked at.
            return;
        }
    }

    /** How many bytes of the decompressed dump were handed over so far. */
    long fed() {
        return fed.get();
    }

    /** Ends the feeding, also when nobody ever opened the pipe's other end. */
    @Override
    public void close() throws IOException {
        // Opening both ends waits for nobody, and lets go a writer that waits for a reader; closing them ends its
        // writing.
        new RandomAccessFile(pipe.toFile(), "rw").close();
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        Files.deleteIfExists(pipe);
    }
}
