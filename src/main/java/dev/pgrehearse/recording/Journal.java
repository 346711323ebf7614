package dev.pgrehearse.recording;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The append-only journal of a rehearsal: one JSON object a line, synced every second, with the request log beside it.
 *
 * <p>{@link #add} is thread-safe and never waits for the disk. What was added is on the disk one second later, or when
 * {@link #close} returns. When the disk refuses, {@link #failure} says so; facts added later are kept in memory and tried
 * again.
 */
public final class Journal implements FactSink, AutoCloseable {
    /** The file's name within a rehearsal's folder. */
    public static final String FILE_NAME = "journal.ndjson";

    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    private static final ObjectWriter WRITER = JSON.writerFor(Fact.class);

    private final FileChannel channel;
    private final RequestLog requests;
    private final Queue<Fact> waiting = new ConcurrentLinkedQueue<>();
    private final ScheduledExecutorService syncing = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "journal");
        thread.setDaemon(true);
        return thread;
    });
    private String unwritten = "";
    private long position;
    private volatile @Nullable IOException failure;

    private Journal(FileChannel channel, RequestLog requests) {
        this.channel = channel;
        this.requests = requests;
    }

    /**
     * Begins a journal in a folder, which must exist and hold none.
     *
     * @throws IOException when the files cannot be made
     */
    public static Journal create(Path folder) throws IOException {
        FileChannel channel =
                FileChannel.open(folder.resolve(FILE_NAME), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        Journal journal = new Journal(channel, RequestLog.create(folder));
        var ignored = journal.syncing.scheduleWithFixedDelay(journal::syncNoting, 1, 1, TimeUnit.SECONDS);
        return journal;
    }

    @Override
    public void add(Fact fact) {
        waiting.add(fact);
    }

    /** The log of single requests beside this journal. */
    public RequestLog requests() {
        return requests;
    }

    /** Why something could not be written; null while all is well. */
    public @Nullable IOException failure() {
        return failure;
    }

    private void syncNoting() {
        try {
            sync();
        } catch (IOException e) {
            failure = e;
        }
    }

    /**
     * Writes what was added so far, and waits until it is on the disk. When the disk refuses, nothing is lost: the next
     * call begins with the same bytes at the same place.
     */
    public synchronized void sync() throws IOException {
        StringBuilder lines = new StringBuilder(unwritten);
        for (Fact fact = waiting.poll(); fact != null; fact = waiting.poll()) {
            lines.append(WRITER.writeValueAsString(fact)).append('\n');
        }
        unwritten = lines.toString();
        if (!unwritten.isEmpty()) {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(unwritten);
            long at = position;
            while (bytes.hasRemaining()) {
                at += channel.write(bytes, at);
            }
            channel.force(false);
            position = at;
            unwritten = "";
        }
        requests.sync();
        failure = null;
    }

    /**
     * Writes everything and closes.
     *
     * @throws IOException when not everything could be written
     */
    @Override
    public void close() throws IOException {
        syncing.shutdown();
        try {
            sync();
        } finally {
            try (channel) {
                requests.close();
            }
        }
    }

    /**
     * Reads a journal back. A last line that a crash cut off is left out.
     *
     * @throws IOException when the file cannot be read, or holds a line that is no fact (other than the last)
     */
    static List<Fact> read(Path folder) throws IOException {
        Path file = folder.resolve(FILE_NAME);
        List<Fact> facts = new ArrayList<>();
        Map<String, String> words = new HashMap<>();
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            String line = lines.readLine();
            for (int number = 1; line != null; number++) {
                String next = lines.readLine();
                try {
                    Fact fact = JSON.readValue(line, Fact.class);
                    facts.add(
                            fact instanceof Fact.Waited waited
                                    ? waited.shared(word -> words.computeIfAbsent(word, same -> same))
                                    : fact);
                } catch (IOException e) {
                    if (next != null) {
                        throw new IOException(
                                file + ", line " + number + ", is not a fact of this version: " + e.getMessage(), e);
                    }
                }
                line = next;
            }
        }
        return facts;
    }
}
