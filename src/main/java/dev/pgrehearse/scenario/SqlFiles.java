package dev.pgrehearse.scenario;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The SQL files that a scenario names: each is read once, and kept for the digest. Not thread-safe. */
final class SqlFiles {
    /** Beyond, a file is a dump: it would have to be held in memory whole. */
    private static final long LARGEST_BYTES = 64L << 20;

    private final Map<Path, byte[]> contents = new LinkedHashMap<>();
    private final Map<Path, SqlText> texts = new LinkedHashMap<>();

    /**
     * A file and what is in it.
     *
     * @param path absolute
     */
    record SqlFile(Path path, SqlText text) {}

    /** The file whose path stands at the cursor; null when it cannot be used, which is then noted there. */
    @Nullable
    SqlFile read(Cursor at) {
        Path path;
        try {
            path = at.directory().resolve(at.text()).normalize();
        } catch (InvalidPathException e) {
            at.mistake("the path of an SQL file", null);
            return null;
        }
        SqlText known = texts.get(path);
        if (known != null) {
            return new SqlFile(path, known);
        }
        if (at.text().isEmpty()) {
            at.mistake("the path of an SQL file", null);
            return null;
        }
        String problem =
                Files.exists(path) ? FileNames.unreadable(path) : "no file " + Mistakes.quoted(path.toString());
        if (problem != null) {
            at.mistake(problem, "an SQL file", FileNames.nearestTo(path));
            return null;
        }
        try {
            return accept(at, path);
        } catch (IOException e) {
            at.mistake("a file that cannot be read: " + e, "an SQL file", null);
            return null;
        }
    }

    private @Nullable SqlFile accept(Cursor at, Path path) throws IOException {
        String name = Mistakes.quoted(at.text());
        if (Files.size(path) > LARGEST_BYTES) {
            at.mistake(
                    name + " of " + Files.size(path) + " bytes",
                    "an SQL file of at most " + LARGEST_BYTES + " bytes",
                    null);
            return null;
        }
        byte[] bytes = Files.readAllBytes(path);
        String sql = Utf8.decode(bytes);
        if (sql == null || sql.indexOf('\0') >= 0) {
            String fault = sql == null ? Utf8.describeFault(bytes) : "a zero byte";
            at.mistake(name + " with " + fault, "an SQL file in UTF-8", null);
            return null;
        }
        SqlText text = SqlText.of(sql);
        if (text.isEmpty()) {
            at.mistake(name + ", which holds no statement", "an SQL file with at least one", null);
            return null;
        }
        if (!text.unclosed().isEmpty()) {
            at.mistake(
                    name + ", in which " + text.unclosed() + " is never closed", "an SQL file that is complete", null);
            return null;
        }
        contents.put(path, bytes);
        texts.put(path, text);
        return new SqlFile(path, text);
    }

    /** Keeps another file that decides what is rehearsed, for the digest. */
    void keep(Path path, byte[] bytes) {
        contents.put(path, bytes);
    }

    /** The bytes of every file that was read, in the order of reading. */
    Map<Path, byte[]> contents() {
        return contents;
    }
}
