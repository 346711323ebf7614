package dev.pgrehearse.recording;

import dev.pgrehearse.recording.Fact.CatalogueIndex;
import dev.pgrehearse.recording.Fact.IndexKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which index that was there already does the work of a new one, told from the catalogue alone: whether a query would use
 * it is the planner's choice. B-trees are compared column by column; of any other method only what is defined alike covers. A
 * UNIQUE index is there for its constraint: only another UNIQUE one on the very same columns covers it, and an exclusion
 * constraint's is never covered.
 *
 * @param by the index that covers all of it; null when none does
 * @param words why it is covered, or by what in part; null when nothing is to be said
 */
record IndexCoverage(@Nullable String by, @Nullable String words) {
    static final IndexCoverage NONE = new IndexCoverage(null, null);

    private static final Comparator<CatalogueIndex> SMALLEST_FIRST = Comparator.comparingInt(
                    (CatalogueIndex index) -> index.keys().size())
            .thenComparing(CatalogueIndex::name);

    /**
     * Compares a new index with others.
     *
     * @param made the new one
     * @param others valid indexes that were there before and still are, of any table
     */
    static IndexCoverage of(CatalogueIndex made, List<CatalogueIndex> others) {
        if (made.enforces()) {
            return ofUnique(made, others);
        }
        if (!made.method().equals("btree")) {
            return ofOtherMethod(made, others);
        }
        if (!comparable(made)) {
            return NONE;
        }
        List<CatalogueIndex> candidates = others.stream()
                .filter(other -> other.table().equals(made.table()) && comparable(other))
                .sorted(SMALLEST_FIRST)
                .toList();
        for (CatalogueIndex other : candidates) {
            if (samePredicate(made, other) && included(made, other)) {
                if (isPrefix(made.keys(), other.keys(), false)) {
                    return new IndexCoverage(other.name(), words(made, other, ""));
                }
                if (isPrefix(made.keys(), other.keys(), true)) {
                    return new IndexCoverage(other.name(), words(made, other, "read backwards, "));
                }
            }
        }
        return candidates.stream()
                .filter(other -> other.predicate() == null || samePredicate(made, other))
                .filter(other -> columns(other.keys()).containsAll(columns(made.keys())))
                .findFirst()
                .map(other -> new IndexCoverage(null, inPart(made, other)))
                .orElse(NONE);
    }

    /** NULLS [NOT] DISTINCT stands in the definition alone. */
    private static IndexCoverage ofUnique(CatalogueIndex made, List<CatalogueIndex> others) {
        if (!comparable(made) || !isUnique(made)) {
            return NONE;
        }
        return others.stream()
                .filter(other -> other.table().equals(made.table()) && comparable(other) && isUnique(other))
                .filter(other -> nullsNotDistinct(made) == nullsNotDistinct(other))
                .filter(other -> samePredicate(made, other) && included(made, other))
                .filter(other -> made.keys().size() == other.keys().size())
                .filter(other ->
                        isPrefix(made.keys(), other.keys(), false) || isPrefix(made.keys(), other.keys(), true))
                .min(SMALLEST_FIRST)
                .map(other -> new IndexCoverage(
                        other.name(),
                        "it is UNIQUE as well, and its columns " + listed(other.keys()) + " are those of the new one"))
                .orElse(NONE);
    }

    private static boolean isUnique(CatalogueIndex index) {
        return index.definition() != null && index.definition().startsWith("CREATE UNIQUE INDEX ");
    }

    private static boolean nullsNotDistinct(CatalogueIndex index) {
        return index.definition() != null && index.definition().contains(" NULLS NOT DISTINCT");
    }

    /** Whatever there is to a definition, parameters of operator classes among it, is the same text. */
    private static IndexCoverage ofOtherMethod(CatalogueIndex made, List<CatalogueIndex> others) {
        String what = afterMethod(made);
        return others.stream()
                .filter(other -> what != null && other.table().equals(made.table()) && what.equals(afterMethod(other)))
                .min(SMALLEST_FIRST)
                .map(other -> new IndexCoverage(
                        other.name(), "it is a " + made.method() + " index, defined as the new one is"))
                .orElse(NONE);
    }

    private static @Nullable String afterMethod(CatalogueIndex index) {
        String definition = index.definition();
        int using = definition == null ? -1 : definition.indexOf(" USING ");
        return definition == null || using < 0 ? null : definition.substring(using);
    }

    private static boolean comparable(CatalogueIndex index) {
        return index.method().equals("btree")
                && index.definition() != null
                && !index.keys().isEmpty();
    }

    private static boolean samePredicate(CatalogueIndex one, CatalogueIndex other) {
        String predicate = one.predicate();
        return predicate == null ? other.predicate() == null : predicate.equals(other.predicate());
    }

    /** An index-only scan needs the new one's INCLUDE columns as well. */
    private static boolean included(CatalogueIndex made, CatalogueIndex other) {
        Set<String> stored = new HashSet<>(other.included());
        stored.addAll(columns(other.keys()));
        return stored.containsAll(made.included());
    }

    private static boolean isPrefix(List<IndexKey> keys, List<IndexKey> longer, boolean backwards) {
        if (keys.size() > longer.size()) {
            return false;
        }
        for (int i = 0; i < keys.size(); i++) {
            IndexKey key = backwards ? keys.get(i).backwards() : keys.get(i);
            if (!key.equals(longer.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static Set<String> columns(List<IndexKey> keys) {
        return keys.stream().map(IndexKey::column).collect(Collectors.toSet());
    }

    private static String listed(List<IndexKey> keys) {
        return keys.stream().map(IndexKey::column).collect(Collectors.joining(", ", "(", ")"));
    }

    private static String words(CatalogueIndex made, CatalogueIndex other, String how) {
        int length = made.keys().size();
        return length == other.keys().size()
                ? how + "its columns " + listed(other.keys()) + " are those of the new one"
                : how + "its leading columns " + listed(other.keys().subList(0, length)) + " of " + listed(other.keys())
                        + " are those of the new one";
    }

    /** What keeps the keys from being a prefix: the columns, or only how they are sorted. */
    private static String difference(List<IndexKey> keys, List<IndexKey> longer) {
        int length = keys.size();
        if (length > longer.size() || !isSame(keys, longer.subList(0, length), IndexKey::column)) {
            return "not first, or not in that order";
        }
        List<IndexKey> leading = longer.subList(0, length);
        List<IndexKey> backwards = keys.stream().map(IndexKey::backwards).toList();
        List<String> differences = new ArrayList<>();
        if (!isSame(keys, leading, IndexKey::operatorClass)) {
            differences.add("with another operator class");
        }
        if (!isSame(keys, leading, IndexKey::collation)) {
            differences.add("with another collation");
        }
        if (!isSame(keys, leading, IndexKey::options) && !isSame(backwards, leading, IndexKey::options)) {
            differences.add("sorted otherwise (ASC, DESC, NULLS FIRST, NULLS LAST)");
        }
        return String.join(", ", differences);
    }

    private static boolean isSame(List<IndexKey> keys, List<IndexKey> others, Function<IndexKey, Object> what) {
        return keys.stream().map(what).toList().equals(others.stream().map(what).toList());
    }

    private static String inPart(CatalogueIndex made, CatalogueIndex other) {
        String what = "partly: " + other.name() + " holds " + listed(made.keys()) + " among its columns "
                + listed(other.keys());
        if (!isPrefix(made.keys(), other.keys(), false) && !isPrefix(made.keys(), other.keys(), true)) {
            return what + ", but " + difference(made.keys(), other.keys());
        }
        return what + (samePredicate(made, other) ? ", but not all that is INCLUDEd" : ", but of all rows");
    }
}
