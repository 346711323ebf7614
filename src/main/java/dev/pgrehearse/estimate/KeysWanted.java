package dev.pgrehearse.estimate;

import dev.pgrehearse.recording.SizeFacts.ColumnGroup;
import dev.pgrehearse.recording.SizeFacts.IndexWidth;
import dev.pgrehearse.recording.SizeFacts.Reference;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Indexes that are to be built over their columns alone, since a statement's duration hangs on their sort.
 *
 * @param statement its number
 * @param table whose indexes they are
 * @param indexes B-trees of that table, at least one
 * @param groups of all tables: columns that are filled together
 * @param references of all tables
 * @param settings that the script sets itself, in bytes or as they are, by name
 * @param workers that each build has at the target
 * @param workersAtTop the same at the top rung
 * @param shrunk whether the estimate is from rungs with shrunk settings
 */
public record KeysWanted(
        int statement,
        String table,
        List<IndexWidth> indexes,
        List<ColumnGroup> groups,
        List<Reference> references,
        Map<String, Double> settings,
        int workers,
        int workersAtTop,
        boolean shrunk) {
    public KeysWanted {
        indexes = List.copyOf(indexes);
        groups = List.copyOf(groups);
        references = List.copyOf(references);
        settings = new TreeMap<>(settings);
    }

    /** The columns of the table that all of them need together. */
    public Set<String> columns() {
        Set<String> columns = new TreeSet<>();
        indexes.forEach(index -> columns.addAll(index.columns()));
        return columns;
    }
}
