package dev.pgrehearse.migration;

import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.scenario.StepSpec;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a batch of a back-fill sends: one statement that finds the next rows in the order of the primary key, changes them
 * and answers with the last key that it found. Immutable.
 *
 * <p>A row that somebody else changes between being found and being changed is held against the condition again, as the
 * usual {@code UPDATE … WHERE id IN (SELECT …)} would not do; nothing is locked beyond what the UPDATE itself locks.
 *
 * <p>The first batch of a pass also tells whether the condition still finds what was changed, as {@code shop = 7} does and
 * {@code state IS NULL} does not: only a condition that finds no changed row can find those that are left.
 *
 * @param table quoted
 * @param set what stands behind SET, as the user wrote it
 * @param where the condition, as the user wrote it; null for every row
 * @param batch rows in a batch
 */
public record BackfillSql(
        String table, String set, @Nullable String where, long batch) {
    // A table of the user's may be called anything but these
    private static final String BATCH = "pgrehearse_batch";
    private static final String CHANGED = "pgrehearse_changed";
    private static final String KEY = "pgrehearse_key_";

    /** Of a scenario's step. */
    public static BackfillSql of(StepSpec.Backfill spec) {
        return new BackfillSql(Quoted.table(spec.table()), spec.set(), spec.where(), spec.batch());
    }

    /**
     * The first batch of a pass, without a key to begin behind. It answers with how many rows it changed, how many of these
     * the condition still finds, then the last key.
     */
    String first(PrimaryKey key) {
        // The condition behind RETURNING sees the new row
        return statement(key, "", where == null ? "false" : "(" + where + "\n)");
    }

    /** A batch behind a key whose values stand where {@code $1}, {@code $2} … stand here. */
    String withPlaceholders(PrimaryKey key) {
        return statement(key, behind(key, i -> "$" + (i + 1)), "false");
    }

    /**
     * The batch behind a key. It answers with how many rows it changed, 0, then the last key.
     *
     * @param last its values as text, in the order of the key's columns
     */
    String behind(PrimaryKey key, List<String> last) {
        // Not as a driver's parameters: in the user's SQL a question mark is an operator
        return statement(key, behind(key, i -> Quoted.literal(last.get(i))), "false");
    }

    /**
     * For a grammar check of {@code set}: it begins on the second line.
     *
     * @return a statement that is never executed
     */
    public String setAlone() {
        return "UPDATE " + table + " SET\n" + set + "\nFROM " + BATCH + " WHERE true";
    }

    /** For a grammar check of {@code where}: it begins on the second line. Never executed. */
    public String whereAlone() {
        return "SELECT 1 FROM " + table + " WHERE (\n" + where + "\n)";
    }

    private static String behind(PrimaryKey key, IntFunction<String> value) {
        return row(key, i -> Quoted.identifier(key.columns().get(i).name())) + " > "
                + row(
                        key,
                        i -> "CAST(" + value.apply(i) + " AS "
                                + key.columns().get(i).type() + ")");
    }

    private static String row(PrimaryKey key, IntFunction<String> column) {
        String columns = columns(key, column, ", ");
        return key.columns().size() == 1 ? columns : "(" + columns + ")";
    }

    private static String columns(PrimaryKey key, IntFunction<String> column, String separator) {
        return IntStream.range(0, key.columns().size()).mapToObj(column).collect(Collectors.joining(separator));
    }

    private String statement(PrimaryKey key, String behind, String stillFound) {
        IntFunction<String> name = i -> Quoted.identifier(key.columns().get(i).name());
        IntFunction<String> found = i -> KEY + (i + 1);
        // A line feed behind each piece of the user's ends a comment in it
        String condition = where == null ? "" : "(" + where + "\n)";
        String filter = behind.isEmpty() || condition.isEmpty() ? behind + condition : behind + " AND " + condition;
        return "WITH " + BATCH + " AS (SELECT " + columns(key, i -> name.apply(i) + " AS " + found.apply(i), ", ")
                + "\n  FROM " + table + (filter.isEmpty() ? "" : "\n WHERE " + filter)
                + "\n ORDER BY " + columns(key, name, ", ") + " LIMIT " + batch + "),"
                + "\n" + CHANGED + " AS (UPDATE " + table + " SET " + set
                + "\n  FROM " + BATCH + " WHERE "
                + columns(key, i -> table + "." + name.apply(i) + " = " + BATCH + "." + found.apply(i), " AND ")
                + (condition.isEmpty() ? "" : " AND " + condition)
                + "\n RETURNING " + stillFound + " AS pgrehearse_still)"
                + "\nSELECT (SELECT count(*) FROM " + CHANGED + "),"
                + " (SELECT count(*) FROM " + CHANGED + " WHERE pgrehearse_still), "
                + columns(key, found, ", ")
                + "\n  FROM " + BATCH + " ORDER BY " + columns(key, i -> found.apply(i) + " DESC", ", ") + " LIMIT 1";
    }
}
