package dev.pgrehearse.scenario;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A dataset that is restored rather than generated. It has one size, {@value #SIZE}: the rows are those of the source.
 *
 * @param source what is restored
 * @param jobs how many jobs {@code pg_restore} runs at once, of archives in the custom and directory formats
 * @param mask the SQL file that a superuser runs after the restore and before anything else reads the data, absolute; null
 *     for none
 */
public record RestoreSpec(Source source, int jobs, @Nullable Path mask) {
    /** The name of its one size. */
    public static final String SIZE = "restored";

    /** Whether pages are restored as they were, and not rows. */
    public boolean isPhysical() {
        return !(source instanceof Dump);
    }

    /** Where a physical backup's directory stands in a command. */
    public static final String DIRECTORY = "{directory}";

    /** What is restored. */
    public sealed interface Source {
        /** In a user's words: a file's name, or a command. */
        String inWords();
    }

    /**
     * What {@code pg_dump} made: an archive in any of its formats, or plain SQL.
     *
     * @param path of the file, or of an archive's directory; absolute
     */
    public record Dump(Path path) implements Source {
        @Override
        public String inWords() {
            return String.valueOf(path.getFileName());
        }
    }

    /**
     * A data directory: stopped, or a base backup.
     *
     * @param path of the directory, or of a tar file of it; absolute
     * @param database which of its databases is rehearsed on; null for the only one
     */
    public record Physical(Path path, @Nullable String database) implements Source {
        @Override
        public String inWords() {
            return String.valueOf(path.getFileName());
        }
    }

    /**
     * A command that fills a data directory.
     *
     * @param shell with {@value #DIRECTORY} where the directory's path belongs
     * @param version what the user calls the state that it restores: the same command and version mean the same data
     * @param database which of its databases is rehearsed on; null for the only one
     */
    public record Filled(
            String shell, String version, @Nullable String database) implements Source {
        @Override
        public String inWords() {
            return shell;
        }
    }
}
