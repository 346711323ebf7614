package dev.pgrehearse.recording;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What decides at which size an operation leaves its line: read from the catalogue and the settings of a quiet server,
 * after the migration ran and nobody uses its tables any more.
 *
 * @param settings numbers by name, as the server itself uses them: memory and sizes in bytes, counts as they are. Those
 *     that the server does not have are missing
 * @param least the least values that the server takes, by name and in the same units; of those that can be shrunk
 * @param indexes those of users' tables, as they are after the migration
 * @param references foreign keys of users' tables, likewise
 * @param groups columns whose values hang together, likewise
 * @param toast bytes of the TOAST tables, with their indexes, by the table whose they are; likewise
 */
public record SizeFacts(
        Map<String, Double> settings,
        Map<String, Double> least,
        List<IndexWidth> indexes,
        List<Reference> references,
        List<ColumnGroup> groups,
        Map<String, Double> toast) {
    public static final SizeFacts NONE = new SizeFacts(Map.of(), Map.of(), List.of(), List.of(), List.of());

    /** Of tables without long values. */
    public SizeFacts(
            Map<String, Double> settings,
            Map<String, Double> least,
            List<IndexWidth> indexes,
            List<Reference> references,
            List<ColumnGroup> groups) {
        this(settings, least, indexes, references, groups, Map.of());
    }

    public SizeFacts {
        settings = Map.copyOf(settings);
        least = Map.copyOf(least);
        indexes = List.copyOf(indexes);
        references = List.copyOf(references);
        groups = List.copyOf(groups);
        toast = Map.copyOf(toast);
    }

    /**
     * One index.
     *
     * @param table whose index it is, schema-qualified unless in {@code public}
     * @param method such as {@code btree}
     * @param keyBytes the columns' average widths together, of {@code pg_stats}; of an expression, that of its type
     * @param sizeBytes of its main fork
     * @param partition whether its table is a partition
     * @param entries as its build counted them
     * @param columns of the table that it needs: keys, those that it includes, and those of its expressions and predicate
     * @param definition a CREATE INDEX that leaves the name to PostgreSQL; empty when nobody read it
     */
    public record IndexWidth(
            String name,
            String table,
            String method,
            double keyBytes,
            long sizeBytes,
            boolean partition,
            double entries,
            Set<String> columns,
            String definition) {
        public IndexWidth {
            columns = Set.copyOf(columns);
        }
    }

    /**
     * One foreign key.
     *
     * @param table that refers
     * @param parent that is referred to
     * @param keyBytes the columns' average widths together
     * @param columns of the table
     * @param parentColumns that they refer to
     */
    public record Reference(
            String table, String parent, double keyBytes, Set<String> columns, Set<String> parentColumns) {
        public Reference {
            columns = Set.copyOf(columns);
            parentColumns = Set.copyOf(parentColumns);
        }
    }

    /**
     * Columns of one table, two at least, none of which can be filled without the others: those of a unique index, of a CHECK,
     * or of a generated column with what it is made from.
     */
    public record ColumnGroup(String table, Set<String> columns) {
        public ColumnGroup {
            columns = Set.copyOf(columns);
        }
    }
}
