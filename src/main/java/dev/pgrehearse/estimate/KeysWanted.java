package dev.pgrehearse.estimate;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.Recording.TableFacts;
import dev.pgrehearse.recording.SizeFacts.IndexWidth;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Indexes that are to be built over their columns alone, since a statement's duration hangs on their sort.
 *
 * @param statement its number
 * @param table whose indexes they are
 * @param indexes B-trees of that table, at least one
 * @param keys columns of other tables that tell their rows apart, by table: what refers to them needs these
 * @param parents tables that a table refers to, by its name
 * @param memory settings that the script sets itself, in bytes or as they are, by name
 * @param workers that each build has at the target
 * @param workersAtTop the same at the top rung
 * @param shrunk whether the estimate is from rungs with shrunk settings
 */
public record KeysWanted(
        int statement,
        String table,
        List<IndexWidth> indexes,
        Map<String, Set<String>> keys,
        Map<String, Set<String>> parents,
        Map<String, Double> memory,
        int workers,
        int workersAtTop,
        boolean shrunk) {
    private static final String BTREE = "btree";

    public KeysWanted {
        indexes = List.copyOf(indexes);
        keys = Map.copyOf(keys);
        parents = Map.copyOf(parents);
        memory = new TreeMap<>(memory);
    }

    /** The columns of the table that all of them need together. */
    public Set<String> columns() {
        Set<String> columns = new TreeSet<>();
        indexes.forEach(index -> columns.addAll(index.columns()));
        return columns;
    }

    /** Whether a statement of the migration sorts, as far as a rung's first run shows. */
    public static boolean sorts(Rung rung) {
        Recording recording = rung.runs().get(0).recording();
        return Estimator.statements(recording).stream()
                .anyMatch(statement ->
                        Recognition.of(statement, recording).cliffs().contains(Cliff.Kind.SORT));
    }

    /**
     * Those of all statements that are estimated beyond the top rung, the longest first.
     *
     * @param rungs the smallest first
     * @param shrunk null when none was climbed
     */
    public static List<KeysWanted> of(Estimator.Question question, List<Rung> rungs, @Nullable ShrunkLadder shrunk) {
        if (rungs.isEmpty()) {
            return List.of();
        }
        Rung last = rungs.get(rungs.size() - 1);
        Recording top = last.runs().get(0).recording();
        Ground ground = Ground.of(top, last.runs().get(0).facts());
        List<KeysWanted> wanted = new ArrayList<>();
        Estimator.estimate(question, rungs, shrunk, null, null).statements().stream()
                .filter(KeysWanted::hangsOnSorts)
                .sorted(Comparator.comparingDouble(KeysWanted::seconds).reversed())
                .forEach(estimate -> Estimator.statements(top).stream()
                        .filter(statement -> statement.index() == estimate.index())
                        .findFirst()
                        .ifPresent(statement ->
                                wanted(estimate, statement, ground, last).ifPresent(wanted::add)));
        return wanted;
    }

    private static boolean hangsOnSorts(StatementEstimate estimate) {
        Extrapolation duration = estimate.duration();
        return duration != null
                && estimate.table() != null
                && duration.ratio() > 1
                && duration.central() > StatementEstimate.NEGLIGIBLE_SECONDS
                && estimate.operation().cliffs().contains(Cliff.Kind.SORT);
    }

    private static double seconds(StatementEstimate estimate) {
        Extrapolation duration = estimate.duration();
        return duration == null ? 0 : duration.central();
    }

    private static Optional<KeysWanted> wanted(
            StatementEstimate estimate, Statement statement, Ground ground, Rung last) {
        TableFacts table = ground.table(String.valueOf(estimate.table())).orElse(null);
        List<IndexWidth> indexes = table == null ? List.of() : indexesOf(estimate, statement, ground);
        boolean unclear = !ground.script().unclear().isEmpty();
        if (table == null || unclear || indexes.isEmpty() || indexes.stream().anyMatch(KeysWanted::isUnreadable)) {
            return Optional.empty();
        }
        Map<String, Set<String>> keys = new HashMap<>();
        ground.facts().indexes().stream()
                .filter(IndexWidth::unique)
                .forEach(index -> keys.computeIfAbsent(index.table(), absent -> new TreeSet<>())
                        .addAll(index.columns()));
        Map<String, Set<String>> parents = new HashMap<>();
        ground.facts()
                .references()
                .forEach(reference -> parents.computeIfAbsent(reference.table(), absent -> new TreeSet<>())
                        .add(reference.parent()));
        return Optional.of(new KeysWanted(
                estimate.index(),
                table.name(),
                indexes,
                keys,
                parents,
                ground.script().values(),
                Cliffs.workersAt(table, ground, estimate.targetRows()),
                Cliffs.workersAt(table, ground, Recognised.rows(table.name(), last.rows())),
                estimate.shrunk() != null));
    }

    private static boolean isUnreadable(IndexWidth index) {
        return index.partition()
                || index.definition().isEmpty()
                || index.columns().isEmpty();
    }

    /** What a rewrite builds anew; of a build what it made, which its words name where there are several. */
    private static List<IndexWidth> indexesOf(StatementEstimate estimate, Statement statement, Ground ground) {
        List<IndexWidth> sorted = ground.facts().indexes().stream()
                .filter(index ->
                        index.table().equals(estimate.table()) && index.method().equals(BTREE))
                .toList();
        if (estimate.operation() == Operation.REWRITE) {
            return sorted.stream()
                    .filter(index -> !ground.made().contains(index.name()))
                    .toList();
        }
        List<IndexWidth> made = sorted.stream()
                .filter(index -> ground.made().contains(index.name()))
                .toList();
        String words = Recognition.words(statement.sql());
        return made.size() <= 1
                ? made
                : made.stream()
                        .filter(index -> words.contains(index.name().toLowerCase(Locale.ROOT)))
                        .limit(1)
                        .toList();
    }
}
