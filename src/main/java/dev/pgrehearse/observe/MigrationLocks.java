package dev.pgrehearse.observe;

import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/** The locks of the migration's backend on relations, and its advisory locks: from the first sample that shows one to the last. Used by one thread. */
final class MigrationLocks {
    private record Key(int pid, String object, LockMode mode, boolean granted) {}

    private static final class Span {
        private final String name;
        private final long unseenNanos;
        private final long firstNanos;
        private long lastNanos;

        private Span(String name, long unseenNanos, long atNanos) {
            this.name = name;
            this.unseenNanos = unseenNanos;
            this.firstNanos = atNanos;
            this.lastNanos = atNanos;
        }
    }

    private final FactSink facts;
    private final RelationNames names;
    private final Map<Key, Span> spans = new HashMap<>();
    private long lookedNanos;
    private int lookedPid;

    MigrationLocks(FactSink facts, RelationNames names) {
        this.facts = facts;
        this.names = names;
    }

    /**
     * Takes a look into account. Of one that shows a lock its middle counts; one that does not show it was sent before the lock
     * was had, and its answer came after the lock was gone.
     *
     * @param halfNanos half of what it took
     */
    void sampled(long atNanos, long halfNanos, LockTable table, int migrationPid) {
        // A look for another session, or for none, showed nothing of this one.
        long unseenNanos = lookedPid == migrationPid ? lookedNanos : atNanos;
        lookedNanos = atNanos - halfNanos;
        lookedPid = migrationPid;
        Set<Key> now = new HashSet<>();
        for (LockRow row : table.rows()) {
            // 0 when there is no migration now; in the table it is a prepared transaction's.
            if (migrationPid != 0 && row.pid() == migrationPid && row.isOnRelationOrAdvisory()) {
                Key key = new Key(row.pid(), row.object(), row.mode(), row.granted());
                now.add(key);
                spans.computeIfAbsent(key, absent -> new Span(names.describe(row), unseenNanos, atNanos)).lastNanos =
                        atNanos;
            }
        }
        Iterator<Map.Entry<Key, Span>> known = spans.entrySet().iterator();
        while (known.hasNext()) {
            Map.Entry<Key, Span> entry = known.next();
            if (!now.contains(entry.getKey())) {
                letOut(entry.getKey(), entry.getValue(), atNanos + halfNanos);
                known.remove();
            }
        }
    }

    void finish() {
        spans.forEach((key, span) -> letOut(key, span, span.lastNanos));
        spans.clear();
    }

    private void letOut(Key key, Span span, long goneNanos) {
        facts.add(new Fact.LockSeen(
                key.pid(),
                span.name,
                new Fact.LockModeName(key.mode().sqlName()),
                key.granted(),
                span.unseenNanos,
                span.firstNanos,
                span.lastNanos,
                goneNanos));
    }
}
