package dev.pgrehearse.recording;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * The log of all requests: a file of fixed-size binary entries, appended in the order in which requests ended.
 *
 * <p>Thread-safe. {@link #add} copies the entry into memory and returns; only {@link #sync} touches the disk, so a slow
 * disk never delays the load that is being measured. A file whose end was cut off by a crash is read up to its last whole
 * entry.
 *
 * <p>Layout: the line {@value #MAGIC}, then per entry, big-endian: operation (2 bytes), instance (2), outcome (1), kind
 * (1), attempts (2), intended, dequeued, acquired, sqlDone, responded, tried (8 each), pid (4). Logs that begin with
 * {@value #OLDER_MAGIC} tell no earlier tries, those with {@value #OLDEST_MAGIC} have neither tried nor pid.
 */
public final class RequestLog implements Closeable {
    /** The file's name within a rehearsal's folder. */
    public static final String FILE_NAME = "requests.log";

    private static final String MAGIC = "pgrehearse-requests/3\n";
    private static final int ENTRY_BYTES = 60;
    private static final String OLDER_MAGIC = "pgrehearse-requests/2\n";
    private static final String OLDEST_MAGIC = "pgrehearse-requests/1\n";
    private static final int OLDEST_ENTRY_BYTES = 48;
    private static final int INITIAL_ENTRIES = 16_384;
    private static final List<Outcome> OUTCOMES = List.of(Outcome.values());
    private static final List<RequestEntry.Kind> KINDS = List.of(RequestEntry.Kind.values());

    private final FileChannel channel;
    private final Object bufferLock = new Object();
    private ByteBuffer filling = ByteBuffer.allocate(INITIAL_ENTRIES * ENTRY_BYTES);
    private ByteBuffer draining = emptied(ByteBuffer.allocate(INITIAL_ENTRIES * ENTRY_BYTES));
    private long position;

    private RequestLog(FileChannel channel) {
        this.channel = channel;
    }

    /** Makes a new log in the folder of a rehearsal. */
    public static RequestLog create(Path folder) throws IOException {
        FileChannel channel =
                FileChannel.open(folder.resolve(FILE_NAME), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        RequestLog log = new RequestLog(channel);
        log.position = log.writeAt(0, ByteBuffer.wrap(MAGIC.getBytes(StandardCharsets.US_ASCII)));
        return log;
    }

    /** Takes an entry; never waits for the disk. */
    public void add(RequestEntry entry) {
        synchronized (bufferLock) {
            if (filling.remaining() < ENTRY_BYTES) {
                filling = ByteBuffer.wrap(Arrays.copyOf(filling.array(), filling.capacity() * 2))
                        .position(filling.position());
            }
            filling.putShort((short) entry.operation())
                    .putShort((short) entry.instance())
                    .put((byte) OUTCOMES.indexOf(entry.outcome()))
                    .put((byte) KINDS.indexOf(entry.kind()))
                    .putShort((short) entry.attempts())
                    .putLong(entry.intended())
                    .putLong(entry.dequeued())
                    .putLong(entry.acquired())
                    .putLong(entry.sqlDone())
                    .putLong(entry.responded())
                    .putLong(entry.tried())
                    .putInt(entry.pid());
        }
    }

    /**
     * Writes what was taken since the last time, and waits until it is on the disk. When the disk refuses, nothing is
     * lost: the next call begins with the same entries at the same place.
     */
    public synchronized void sync() throws IOException {
        drain();
        synchronized (bufferLock) {
            ByteBuffer empty = draining;
            draining = filling.flip();
            filling = empty.clear();
        }
        drain();
    }

    /** Writes {@code draining}, from position to limit, and leaves it empty; or leaves it as it is and throws. */
    private void drain() throws IOException {
        if (draining.position() < draining.limit()) {
            position = writeAt(position, draining.duplicate());
        }
        emptied(draining);
    }

    private static ByteBuffer emptied(ByteBuffer buffer) {
        return buffer.clear().position(buffer.capacity());
    }

    @Override
    public void close() throws IOException {
        try {
            sync();
        } finally {
            channel.close();
        }
    }

    private long writeAt(long start, ByteBuffer bytes) throws IOException {
        long at = start;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
        channel.force(false);
        return at;
    }

    /**
     * Reads the log in a rehearsal's folder, entry by entry; an entry that a crash cut off is left out. A folder without a
     * log has no requests.
     *
     * @throws IOException when the file cannot be read, or is no request log
     */
    public static void read(Path folder, Consumer<RequestEntry> consumer) throws IOException {
        Path file = folder.resolve(FILE_NAME);
        if (!Files.exists(file)) {
            return;
        }
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
            byte[] magic = in.readNBytes(MAGIC.length());
            if (magic.length == 0) {
                return;
            }
            String begin = new String(magic, StandardCharsets.US_ASCII);
            boolean oldest = OLDEST_MAGIC.equals(begin);
            if (!oldest && !OLDER_MAGIC.equals(begin) && !MAGIC.equals(begin)) {
                throw new IOException(
                        file + " is not a request log of this version: it does not begin with " + MAGIC.strip());
            }
            byte[] bytes = new byte[oldest ? OLDEST_ENTRY_BYTES : ENTRY_BYTES];
            while (readWhole(in, bytes)) {
                consumer.accept(decode(ByteBuffer.wrap(bytes), oldest));
            }
        }
    }

    private static boolean readWhole(DataInputStream in, byte[] bytes) throws IOException {
        try {
            in.readFully(bytes);
            return true;
        } catch (EOFException endOrCutOff) {
            return false;
        }
    }

    private static RequestEntry decode(ByteBuffer in, boolean oldest) {
        int operation = in.getShort();
        int instance = in.getShort();
        Outcome outcome = OUTCOMES.get(in.get());
        RequestEntry.Kind kind = KINDS.get(in.get());
        int attempts = in.getShort();
        long intended = in.getLong();
        return new RequestEntry(
                operation,
                instance,
                kind,
                outcome,
                attempts,
                intended,
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getLong(),
                oldest ? intended : in.getLong(),
                oldest ? RequestEntry.NO_BACKEND : in.getInt());
    }
}
