package dev.pgrehearse.scenario;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the database holds.
 *
 * @param schema the SQL file that makes the tables, absolute; the empty path when it is restored, or when a profile
 *     brings the schema
 * @param tables by table name, in the file's order; a table of a size that is not here has every column by default
 * @param sizes by name, in the file's order: rows by table name
 * @param defaultSize the size that runs unless {@code --size} says otherwise
 * @param cache in which state the caches are when the warm-up starts
 * @param restore where it is restored from; null when it is generated
 * @param profile what it is made like; null when it is not
 */
public record DatasetSpec(
        Path schema,
        Map<String, TableSpec> tables,
        Map<String, Map<String, Long>> sizes,
        String defaultSize,
        CacheState cache,
        @Nullable RestoreSpec restore,
        @Nullable ProfiledSpec profile) {
    /** A generated one. */
    public DatasetSpec(
            Path schema,
            Map<String, TableSpec> tables,
            Map<String, Map<String, Long>> sizes,
            String defaultSize,
            CacheState cache) {
        this(schema, tables, sizes, defaultSize, cache, null, null);
    }

    /** Whether the schema is that of a profile, not of a file. */
    public boolean schemaFromProfile() {
        return profile != null && schema.equals(Path.of(""));
    }

    /** The state of PostgreSQL's and the operating system's caches before the warm-up. */
    public enum CacheState {
        /** Every table and index has been read once. */
        WARM,
        /** The server has been restarted and nothing has been read. */
        COLD
    }

    /**
     * How one table is filled.
     *
     * @param columns by column name, in the file's order; a column that is not here is filled by its default
     */
    public record TableSpec(Map<String, ValueSpec> columns) {}
}
