package dev.pgrehearse.migration;

import dev.pgrehearse.postgres.LockMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the statements of one transaction did to the relations that existed before it: each reading tells what is new since
 * the last one. Relations that the transaction itself made are nobody else's concern yet. Not thread-safe.
 */
final class TransactionReading {
    /** What one statement did. */
    record Effects(List<LockReading> locks, List<String> rewrote, List<String> scanned) {
        static final Effects NONE = new Effects(List.of(), List.of(), List.of());
    }

    private static final Comparator<LockReading> STRONGEST_FIRST =
            Comparator.comparing(LockReading::mode).reversed().thenComparing(LockReading::relation);

    private final Map<Long, Relation> existing;
    private final boolean scansKnown;
    private final Map<Long, Long> storage = new HashMap<>();
    private final Map<Long, Long> committedStorage = new HashMap<>();
    private final Map<Long, Long> scans = new HashMap<>();
    private final Map<Long, Long> rowsRead = new HashMap<>();
    private Map<Long, Set<LockMode>> modes = Map.of();

    /**
     * @param existing the relations before the transaction
     * @param scansKnown whether the counters of scans can be trusted
     */
    TransactionReading(Map<Long, Relation> existing, boolean scansKnown) {
        this.existing = existing;
        this.scansKnown = scansKnown;
    }

    /**
     * What is new in {@code held}.
     *
     * @param schemaChange whether the statement was one: those read a table to its end whenever they scan it, perhaps with
     *     the help of parallel workers, whose rows this session does not count
     */
    Effects effects(List<CatalogueReader.Held> held, boolean schemaChange) {
        Map<Long, Set<LockMode>> modesNow = new HashMap<>();
        Map<Long, String> catalogues = new HashMap<>();
        Set<String> rewrote = new TreeSet<>();
        Set<String> scanned = new TreeSet<>();
        for (CatalogueReader.Held lock : held) {
            Relation relation = existing.get(lock.relation());
            String catalogue = lock.catalogue();
            if (relation == null && catalogue != null && lock.mode().compareTo(LockMode.ROW_EXCLUSIVE) > 0) {
                // Every statement reads and changes catalogues; what is stronger forbids others something.
                catalogues.put(lock.relation(), catalogue);
                modesNow.computeIfAbsent(lock.relation(), oid -> EnumSet.noneOf(LockMode.class))
                        .add(lock.mode());
            }
            if (relation == null) {
                continue;
            }
            modesNow.computeIfAbsent(lock.relation(), oid -> EnumSet.noneOf(LockMode.class))
                    .add(lock.mode());
            if (lock.exists() && isRewritten(lock, relation)) {
                rewrote.add(relation.name());
            }
            if (lock.exists() && scansKnown && isScanned(lock, relation, schemaChange)) {
                scanned.add(relation.name());
            }
        }
        for (CatalogueReader.Held lock : held) {
            storage.put(lock.relation(), lock.storage());
            scans.put(lock.relation(), lock.scans());
            rowsRead.put(lock.relation(), lock.rowsRead());
        }
        List<LockReading> locks = newLocks(modesNow, catalogues);
        modes = modesNow;
        return new Effects(locks, List.copyOf(rewrote), List.copyOf(scanned));
    }

    /** The transaction was committed, and another one began at once: AND CHAIN. */
    void committedAndChained() {
        committedStorage.putAll(storage);
        modes = Map.of();
    }

    /** The transaction was rolled back, and another one began at once. The counters of scans go on. */
    void rolledBackAndChained() {
        storage.clear();
        storage.putAll(committedStorage);
        modes = Map.of();
    }

    private boolean isRewritten(CatalogueReader.Held lock, Relation relation) {
        return !relation.toast() && lock.storage() != storage.getOrDefault(lock.relation(), relation.storage());
    }

    /** A scan that a LIMIT stopped early is no scan from end to end. */
    private boolean isScanned(CatalogueReader.Held lock, Relation relation, boolean schemaChange) {
        if (lock.scans() <= scans.getOrDefault(lock.relation(), 0L)) {
            return false;
        }
        long rows = lock.rowsRead() - rowsRead.getOrDefault(lock.relation(), 0L);
        return schemaChange || rows * 2 >= relation.estimatedRows();
    }

    private List<LockReading> newLocks(Map<Long, Set<LockMode>> modesNow, Map<Long, String> catalogues) {
        List<LockReading> locks = new ArrayList<>();
        modesNow.forEach((oid, held) -> {
            Set<LockMode> before = modes.getOrDefault(oid, Set.of());
            for (LockMode mode : held) {
                if (!before.contains(mode)) {
                    locks.add(new LockReading(name(oid, catalogues), mode));
                }
            }
        });
        locks.sort(STRONGEST_FIRST);
        return List.copyOf(locks);
    }

    private String name(long oid, Map<Long, String> catalogues) {
        Relation relation = existing.get(oid);
        String name = relation == null ? catalogues.get(oid) : relation.name();
        if (name == null) {
            throw new IllegalStateException("relation " + oid + " did not exist before the transaction");
        }
        return name;
    }

    /** The relations whose storage is another one than before, by name. */
    static List<String> rewritten(Map<Long, Relation> before, Map<Long, Relation> after) {
        Set<String> rewrote = new TreeSet<>();
        before.forEach((oid, relation) -> {
            Relation now = after.get(oid);
            if (now != null && !relation.toast() && now.storage() != relation.storage()) {
                rewrote.add(relation.name());
            }
        });
        return List.copyOf(rewrote);
    }
}
