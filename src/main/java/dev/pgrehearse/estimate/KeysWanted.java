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
 * What is to be done over its columns alone, since a statement's duration hangs on it: its sorts, by building its indexes, or the
 * hash of a foreign key, by checking that.
 *
 * @param statement its number
 * @param table that is indexed, or refers
 * @param works in order, at least one
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
        List<Work> works,
        List<ColumnGroup> groups,
        List<Reference> references,
        Map<String, Double> settings,
        int workers,
        int workersAtTop,
        boolean shrunk) {
    /**
     * A part of the statement.
     *
     * @param sql that does it
     * @param columns of the table that it needs
     * @param isBuild of an index; else it checks a foreign key
     */
    public record Work(String sql, Set<String> columns, boolean isBuild) {
        public Work {
            columns = Set.copyOf(columns);
        }

        static Work build(IndexWidth index) {
            return new Work(index.definition(), index.columns(), true);
        }

        /** With its second scan, which sorts the places of all rows again. */
        static Work buildConcurrently(IndexWidth index) {
            return new Work(index.definition().replaceFirst(" INDEX ", " INDEX CONCURRENTLY "), index.columns(), true);
        }
    }

    public KeysWanted {
        works = List.copyOf(works);
        groups = List.copyOf(groups);
        references = List.copyOf(references);
        settings = new TreeMap<>(settings);
    }

    /** How many indexes are built; 0 where a foreign key is checked. */
    public int indexes() {
        return (int) works.stream().filter(Work::isBuild).count();
    }

    /** The columns of the table that all of them need together. */
    public Set<String> columns() {
        Set<String> columns = new TreeSet<>();
        works.forEach(work -> columns.addAll(work.columns()));
        return columns;
    }
}
