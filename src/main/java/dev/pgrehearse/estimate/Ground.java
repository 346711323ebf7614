package dev.pgrehearse.estimate;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.SizeFacts;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the top rung's database and server were like: cliffs are computed from it.
 *
 * @param tables as they were before the migration
 * @param facts of catalogue and settings, after it
 * @param made indexes that the migration built, by name
 * @param memoryBytes of the machine
 */
record Ground(List<Recording.TableFacts> tables, SizeFacts facts, Set<String> made, double memoryBytes) {
    static Ground of(Recording recording, SizeFacts facts) {
        Recording.DatasetFacts dataset = recording.dataset();
        return new Ground(
                dataset == null ? List.of() : dataset.tables(),
                facts,
                recording.indexes().stream()
                        .filter(Recording.IndexFacts::made)
                        .map(Recording.IndexFacts::name)
                        .collect(Collectors.toUnmodifiableSet()),
                (double) recording.host().memoryBytes());
    }

    Optional<Recording.TableFacts> table(String name) {
        return tables.stream().filter(table -> table.name().equals(name)).findFirst();
    }

    /**
     * The table whose rows a statement's duration goes by: the largest of those that it touched; empty when it touched none.
     * Locks of a concurrent build are sampled, and a short one may have none: then it is the table that has got an index.
     */
    Optional<Recording.TableFacts> tableOf(Statement statement, Operation operation) {
        Set<String> touched = new HashSet<>(Recognition.touched(statement));
        if (operation == Operation.CONCURRENT_BUILD) {
            facts.indexes().stream()
                    .filter(index -> made.contains(index.name()))
                    .forEach(index -> touched.add(index.table()));
        }
        return tables.stream()
                .filter(table -> touched.contains(table.name()))
                .max(Comparator.comparingLong(Recording.TableFacts::rows));
    }
}
