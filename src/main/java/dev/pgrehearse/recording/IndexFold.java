package dev.pgrehearse.recording;

import dev.pgrehearse.recording.Fact.CatalogueIndex;
import dev.pgrehearse.recording.Recording.IndexFacts;
import dev.pgrehearse.recording.Recording.IndexScans;
import dev.pgrehearse.recording.Recording.Phase;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What became of the indexes: the catalogue before the load and after it, and the counts of scans at the begin of each
 * phase and at the end. Pure.
 *
 * <p>An index is the same before and after when its oid is, whatever it is called; else when its name is, as after DROP and
 * CREATE or REINDEX CONCURRENTLY.
 */
final class IndexFold {
    /** More than so many are told of changed tables only. */
    static final int MOST = 100;

    /**
     * The outcome.
     *
     * @param told by table and name
     * @param leftOut how many others there are, of tables whose indexes did not change
     */
    record Indexes(List<IndexFacts> told, int leftOut) {
        static final Indexes NONE = new Indexes(List.of(), 0);
    }

    private final @Nullable List<CatalogueIndex> before;
    private final @Nullable List<CatalogueIndex> after;
    private final Map<String, Map<Long, Long>> scans = new HashMap<>();
    private @Nullable List<OperationScans> operations;

    IndexFold(List<Fact> facts) {
        List<CatalogueIndex> first = null;
        List<CatalogueIndex> last = null;
        for (Fact fact : facts) {
            if (fact instanceof Fact.IndexesListed listed) {
                if (listed.after()) {
                    last = listed.indexes();
                } else {
                    first = listed.indexes();
                }
            } else if (fact instanceof Fact.IndexScansRead read) {
                scans.put(read.moment(), read.scans());
            } else if (fact instanceof Fact.OperationScansRead read) {
                operations = read.operations();
            }
        }
        this.before = first;
        this.after = last;
    }

    /** None when the catalogue was not read twice: what became of an index is not known then. */
    Indexes fold() {
        if (before == null || after == null) {
            return Indexes.NONE;
        }
        Map<Long, CatalogueIndex> byOid = new HashMap<>();
        Map<String, CatalogueIndex> byName = new HashMap<>();
        before.forEach(index -> byOid.put(index.oid(), index));
        before.forEach(index -> byName.put(index.name(), index));
        after.forEach(index -> {
            CatalogueIndex same = byOid.get(index.oid());
            if (same != null) {
                byName.remove(same.name());
            }
        });
        List<IndexFacts> all = new ArrayList<>();
        Set<CatalogueIndex> stayed = new HashSet<>();
        for (CatalogueIndex index : after) {
            CatalogueIndex was = byOid.get(index.oid());
            if (was == null) {
                was = byName.get(index.name());
            }
            if (was != null) {
                stayed.add(was);
            }
            all.add(facts(was, index));
        }
        before.stream().filter(index -> !stayed.contains(index)).forEach(gone -> all.add(facts(gone, null)));
        all.sort(Comparator.comparing(IndexFacts::table).thenComparing(IndexFacts::name));
        if (all.size() <= MOST) {
            return new Indexes(List.copyOf(all), 0);
        }
        Set<String> changed = changedTables(before, after);
        List<IndexFacts> told =
                all.stream().filter(index -> changed.contains(index.table())).toList();
        return new Indexes(told, all.size() - told.size());
    }

    private IndexFacts facts(@Nullable CatalogueIndex was, @Nullable CatalogueIndex is) {
        CatalogueIndex shown = is != null ? is : Objects.requireNonNull(was);
        IndexCoverage coverage = was == null && is != null ? IndexCoverage.of(is, stillStanding()) : IndexCoverage.NONE;
        return new IndexFacts(
                shown.name(),
                shown.table(),
                shown.definition(),
                was != null,
                is != null,
                is == null ? null : is.valid(),
                is == null ? null : is.ready(),
                was == null ? null : was.valid(),
                shown.enforces(),
                is == null ? null : is.sizeBytes(),
                new IndexScans(
                        scans(Phase.BASELINE, Phase.MIGRATION, was, is),
                        scans(Phase.MIGRATION, Phase.RECOVERY, was, is),
                        scans(Phase.RECOVERY, Fact.IndexScansRead.END, was, is)),
                scannedBy(is),
                coverage.by(),
                coverage.words());
    }

    private @Nullable List<Recording.IndexUse> scannedBy(@Nullable CatalogueIndex is) {
        return operations == null || is == null || operations.stream().allMatch(each -> each.requests() == 0)
                ? null
                : operations.stream()
                        .filter(each -> each.scans().getOrDefault(is.oid(), 0L) > 0)
                        .map(each -> new Recording.IndexUse(
                                each.operation(), each.requests(), each.scans().getOrDefault(is.oid(), 0L)))
                        .toList();
    }

    /** What was there and valid before, and still is: an index that the migration drops serves nobody afterwards. */
    private List<CatalogueIndex> stillStanding() {
        if (before == null || after == null) {
            return List.of();
        }
        Set<Long> validBefore = new HashSet<>();
        before.stream().filter(CatalogueIndex::valid).forEach(index -> validBefore.add(index.oid()));
        return after.stream()
                .filter(index -> index.valid() && validBefore.contains(index.oid()))
                .toList();
    }

    /** The scans of a phase; null where they are not known, or there was no such index at its end. */
    private @Nullable Long scans(String phase, String next, @Nullable CatalogueIndex was, @Nullable CatalogueIndex is) {
        Map<Long, Long> begin = scans.get(phase);
        Map<Long, Long> end = scans.containsKey(next) ? scans.get(next) : scans.get(Fact.IndexScansRead.END);
        if (begin == null || end == null) {
            return null;
        }
        Long isAtEnd = is == null ? null : end.get(is.oid());
        if (is == null || isAtEnd == null) {
            return was == null ? null : difference(begin.get(was.oid()), end.get(was.oid()));
        }
        Long isAtBegin = begin.get(is.oid());
        if (isAtBegin != null) {
            return difference(isAtBegin, isAtEnd);
        }
        Long wasAtBegin = was == null ? null : begin.get(was.oid());
        // Replaced: CREATE begins to count at 0, REINDEX CONCURRENTLY goes on with the old one's count.
        boolean fromZero = wasAtBegin == null || wasAtBegin == 0 || isAtEnd < wasAtBegin;
        return fromZero ? isAtEnd : null;
    }

    /** Null also when the counter was reset meanwhile. */
    private static @Nullable Long difference(@Nullable Long from, @Nullable Long to) {
        return from == null || to == null || to < from ? null : Long.valueOf(to - from);
    }

    private static Set<String> changedTables(List<CatalogueIndex> before, List<CatalogueIndex> after) {
        Map<String, Set<List<Object>>> was = byTable(before);
        Map<String, Set<List<Object>>> is = byTable(after);
        Set<String> changed = new HashSet<>(was.keySet());
        changed.addAll(is.keySet());
        changed.removeIf(table -> Objects.equals(was.get(table), is.get(table)));
        return changed;
    }

    private static Map<String, Set<List<Object>>> byTable(List<CatalogueIndex> indexes) {
        Map<String, Set<List<Object>>> tables = new LinkedHashMap<>();
        for (CatalogueIndex index : indexes) {
            tables.computeIfAbsent(index.table(), table -> new HashSet<>())
                    .add(List.of(index.oid(), index.name(), index.valid()));
        }
        return tables;
    }
}
