package dev.pgrehearse.history;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Collectors;

/** The history on the disk. Several processes may use one file at once. Stateless. */
public final class HistoryFile {
    private HistoryFile() {}

    /**
     * The history after something was added.
     *
     * @param added what it did not hold before
     */
    public record Added(History history, List<CheckedStatement> added) {}

    /**
     * Reads it; one that is not there is empty.
     *
     * @throws IOException when the file cannot be read; that a line of it cannot is told in the history
     */
    public static History read(Path file) throws IOException {
        if (Files.notExists(file)) {
            return new History(List.of(), List.of());
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            var ignored = channel.lock(0, Long.MAX_VALUE, true);
            return History.of(file.toString(), text(channel));
        } catch (IOException failure) {
            throw new IOException("The history of estimates in " + file + " cannot be read.", failure);
        }
    }

    /**
     * Appends what it does not hold yet, and makes the file when it is not there. It is on the disk when this returns.
     *
     * @throws IOException when it cannot be written: then nothing was added
     */
    public static Added add(Path file, List<CheckedStatement> checked) throws IOException {
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            try (FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                var ignored = channel.lock();
                String text = text(channel);
                History history = History.of(file.toString(), text);
                List<CheckedStatement> added =
                        checked.stream().filter(each -> !history.holds(each)).toList();
                if (!added.isEmpty()) {
                    append(channel, lines(text, added));
                }
                return new Added(history.with(added), added);
            }
        } catch (IOException failure) {
            throw new IOException("Nothing could be added to the history of estimates in " + file + ".", failure);
        }
    }

    private static String text(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(channel.size()));
        int read = 0;
        while (bytes.hasRemaining() && read >= 0) {
            read = channel.read(bytes, bytes.position());
        }
        // What is no UTF-8 becomes a line that cannot be read, which is told.
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    }

    /** A last line without an end was cut off when it was written: it must not swallow the next one. */
    private static String lines(String text, List<CheckedStatement> added) {
        return (text.isEmpty() || text.endsWith("\n") ? "" : "\n")
                + added.stream().map(each -> History.line(each) + "\n").collect(Collectors.joining());
    }

    private static void append(FileChannel channel, String lines) throws IOException {
        long end = channel.size();
        long at = end;
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(lines);
            while (bytes.hasRemaining()) {
                at += channel.write(bytes, at);
            }
            channel.force(true);
        } catch (IOException failure) {
            channel.truncate(end);
            throw failure;
        }
    }
}
