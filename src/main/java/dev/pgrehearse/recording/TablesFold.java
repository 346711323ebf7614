package dev.pgrehearse.recording;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What became of tables: catalogue and counters before the load, at the begin of each phase and at the end. Pure.
 *
 * <p>A table is the same before and after when its name is: an application knows no other identity. Counters are compared
 * only where its oid is the same as well.
 */
final class TablesFold {
    private final Map<String, Map<String, CatalogueTable>> moments = new HashMap<>();

    TablesFold(List<Fact> facts) {
        for (Fact fact : facts) {
            if (fact instanceof Fact.TablesRead read) {
                Map<String, CatalogueTable> byName = new HashMap<>();
                read.tables().forEach(table -> byName.put(table.name(), table));
                moments.put(read.moment(), byName);
            }
        }
    }

    /**
     * Those that are worth telling.
     *
     * @param touched relations that the migration had to do with
     */
    List<TableChange> fold(Set<String> touched) {
        Map<String, CatalogueTable> before = moments.getOrDefault(Fact.TablesRead.BEFORE, Map.of());
        Map<String, CatalogueTable> after = moments.getOrDefault(Fact.TablesRead.END, Map.of());
        List<TableChange> changes = new ArrayList<>();
        before.forEach((name, was) -> {
            CatalogueTable is = after.get(name);
            if (is != null) {
                TableChange change = change(name, was, is);
                if (touched.contains(name)
                        || change.rewritten()
                        || !change.statisticsLost().isEmpty()) {
                    changes.add(change);
                }
            }
        });
        changes.sort(Comparator.comparing(TableChange::name));
        return List.copyOf(changes);
    }

    private TableChange change(String name, CatalogueTable was, CatalogueTable is) {
        CatalogueTable migrated =
                moments.getOrDefault(Recording.Phase.RECOVERY, Map.of()).getOrDefault(name, is);
        boolean rewritten = rewritten(was, is);
        String calmer =
                moments.containsKey(Fact.TablesRead.SETTLED) ? Fact.TablesRead.SETTLED : Recording.Phase.RECOVERY;
        Set<String> lost = lost(was, migrated);
        Set<String> missing = new TreeSet<>(lost);
        missing.retainAll(lost(was, is));
        return new TableChange(
                name,
                rewritten,
                List.copyOf(lost),
                List.copyOf(missing),
                neverAnalyzed(was, is),
                visible(was),
                visible(is),
                at(Recording.Phase.MIGRATION, name, was, CatalogueTable::deadRows),
                rewritten ? null : Long.valueOf(is.deadRows()),
                is.liveRows(),
                difference(Recording.Phase.BASELINE, Recording.Phase.MIGRATION, name, CatalogueTable::updates),
                difference(Recording.Phase.BASELINE, Recording.Phase.MIGRATION, name, CatalogueTable::hotUpdates),
                difference(calmer, Fact.TablesRead.END, name, CatalogueTable::updates),
                difference(calmer, Fact.TablesRead.END, name, CatalogueTable::hotUpdates));
    }

    /** A partition that came or went is no rewrite: then only one of the two has storage that the other has not. */
    private static boolean rewritten(CatalogueTable was, CatalogueTable is) {
        return !was.storage().containsAll(is.storage()) && !is.storage().containsAll(was.storage());
    }

    /** What there were statistics of that is there still, and has fewer; less by the partitions that went with theirs. */
    private static Set<String> lost(CatalogueTable was, CatalogueTable is) {
        long gone = Math.max(0, was.storage().size() - is.storage().size());
        Set<String> lost = new TreeSet<>();
        was.statistics().forEach((what, count) -> {
            Integer left = is.statistics().get(what);
            boolean ofOneTable = what.startsWith("expression ") || what.startsWith("statistics object ");
            if (left != null && left < count - (ofOneTable ? 0 : gone)) {
                lost.add(what);
            }
        });
        return lost;
    }

    private static List<String> neverAnalyzed(CatalogueTable was, CatalogueTable is) {
        if (was.statistics().values().stream().allMatch(count -> count == 0)) {
            // Nobody ever analyzed it, or it was empty then.
            return List.of();
        }
        Set<String> unknown = new TreeSet<>();
        is.statistics().forEach((what, count) -> {
            if (count == 0 && !was.statistics().containsKey(what)) {
                unknown.add(what);
            }
        });
        return List.copyOf(unknown);
    }

    private static @Nullable Double visible(CatalogueTable table) {
        Long pages = table.pages();
        Long visible = table.visiblePages();
        return pages == null || visible == null || pages == 0 ? null : Double.valueOf((double) visible / pages);
    }

    private @Nullable Long at(String moment, String name, CatalogueTable was, ToLongFunction<CatalogueTable> counter) {
        CatalogueTable then = moments.getOrDefault(moment, Map.of()).get(name);
        return then == null || then.oid() != was.oid() ? null : Long.valueOf(counter.applyAsLong(then));
    }

    /** Null also when it was another table, or its counters were reset meanwhile. */
    private @Nullable Long difference(String from, String to, String name, ToLongFunction<CatalogueTable> counter) {
        CatalogueTable first = moments.getOrDefault(from, Map.of()).get(name);
        CatalogueTable last = moments.getOrDefault(to, Map.of()).get(name);
        if (first == null || last == null || first.oid() != last.oid()) {
            return null;
        }
        long difference = counter.applyAsLong(last) - counter.applyAsLong(first);
        return difference < 0 ? null : Long.valueOf(difference);
    }
}
