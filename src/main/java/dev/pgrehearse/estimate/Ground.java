package dev.pgrehearse.estimate;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.SizeFacts;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the top rung's database and server were like: cliffs are computed from it.
 *
 * @param tables as they were before the migration
 * @param facts of catalogue and settings, after it
 * @param made indexes that the migration built, by name
 * @param memoryBytes of the machine
 * @param major the server's version; 0 when it is not known
 * @param script settings that the migration sets itself: in the facts they are in their place
 */
record Ground(
        List<Recording.TableFacts> tables,
        SizeFacts facts,
        Set<String> made,
        double memoryBytes,
        int major,
        ScriptSettings script) {
    private static final Pattern MAJOR = Pattern.compile("^\\d{1,4}");

    static Ground of(Recording recording, SizeFacts facts) {
        Recording.DatasetFacts dataset = recording.dataset();
        ScriptSettings script = ScriptSettings.of(recording);
        return new Ground(
                dataset == null ? List.of() : dataset.tables(),
                new SizeFacts(
                        script.over(facts.settings()),
                        facts.least(),
                        facts.indexes(),
                        facts.references(),
                        facts.groups(),
                        facts.toast()),
                recording.indexes().stream()
                        .filter(Recording.IndexFacts::made)
                        .map(Recording.IndexFacts::name)
                        .collect(Collectors.toUnmodifiableSet()),
                (double) recording.host().memoryBytes(),
                major(recording.server()),
                script);
    }

    private static int major(Recording.@Nullable ServerFacts server) {
        Matcher major = MAJOR.matcher(server == null ? "" : server.version());
        return major.find() ? Integer.parseInt(major.group()) : 0;
    }

    Optional<Recording.TableFacts> table(String name) {
        return tables.stream().filter(table -> table.name().equals(name)).findFirst();
    }

    /**
     * The table whose rows a statement's duration goes by: the largest of those that it touched; empty when it touched none.
     * Locks of a concurrent build are sampled, and a short one may have none: then it is the table that has got an index.
     */
    Optional<Recording.TableFacts> tableOf(Statement statement, Operation operation) {
        // What a rewrite locks besides, as the tables that refer to it, is not what it writes anew.
        boolean rewritten = operation == Operation.REWRITE
                && tables.stream().anyMatch(table -> statement.rewrote().contains(table.name()));
        Set<String> touched = new HashSet<>(rewritten ? statement.rewrote() : Recognition.touched(statement));
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
