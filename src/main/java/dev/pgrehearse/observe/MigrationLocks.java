package dev.pgrehearse.observe;

import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The locks of the migration's backend on relations, and its advisory locks: from the first sample that shows one to the last. Used by one thread. */
final class MigrationLocks {
    /** So many looks after a statement was sent are kept: the very first may come before its own clock is read. */
    private static final int AFTER_START = 2;

    /** With its name: a table that is called something else from now on is held under that name from now on. */
    private record Key(int pid, String object, String name, LockMode mode, boolean granted) {}

    private static final class Span {
        private final long unseenNanos;
        private final long firstNanos;
        private long lastNanos;
        private final List<Long> againNanos = new ArrayList<>();

        private Span(long unseenNanos, long atNanos) {
            this.unseenNanos = unseenNanos;
            this.firstNanos = atNanos;
            this.lastNanos = atNanos;
        }
    }

    private final FactSink facts;
    private final RelationNames names;
    private final Map<Key, Span> spans = new HashMap<>();
    private long lookedNanos = Long.MAX_VALUE;
    /** When the last statement was sent. */
    private volatile long startedNanos = Long.MAX_VALUE;
    /** The statement that the looks to keep are of, by when it was sent. */
    private long keptNanos = Long.MAX_VALUE;
    /** So many of its looks are still to come. */
    private int toKeep;

    MigrationLocks(FactSink facts, RelationNames names) {
        this.facts = facts;
        this.names = names;
    }

    /** A statement of the migration is sent now. The migration's thread. */
    void statementStarted(long nowNanos) {
        startedNanos = nowNanos;
    }

    /**
     * Takes a look into account. Of one that shows a lock its middle counts; one that does not show it was sent before the lock
     * was had, and its answer came after the lock was gone.
     *
     * @param halfNanos half of what it took
     */
    void sampled(long atNanos, long halfNanos, LockTable table, int migrationPid) {
        // A session is known before its first statement: of one that nobody looked for then there was nothing to see.
        long unseenNanos = Math.min(lookedNanos, atNanos);
        lookedNanos = atNanos - halfNanos;
        boolean keep = isToBeKept(lookedNanos);
        Set<Key> now = new HashSet<>();
        for (LockRow row : table.rows()) {
            // 0 when there is no migration now; in the table it is a prepared transaction's.
            if (migrationPid != 0 && row.pid() == migrationPid && row.isOnRelationOrAdvisory()) {
                Key key = new Key(row.pid(), row.object(), names.describe(row), row.mode(), row.granted());
                now.add(key);
                Span span = spans.computeIfAbsent(key, absent -> new Span(unseenNanos, atNanos));
                span.lastNanos = atNanos;
                if (keep && span.firstNanos < atNanos) {
                    span.againNanos.add(atNanos);
                }
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

    /** Whether a look is one of the first that were sent after a statement was. */
    private boolean isToBeKept(long sentNanos) {
        long started = startedNanos;
        if (started != keptNanos && sentNanos >= started) {
            keptNanos = started;
            toKeep = AFTER_START;
        }
        if (toKeep == 0) {
            return false;
        }
        toKeep--;
        return true;
    }

    void finish() {
        spans.forEach((key, span) -> letOut(key, span, span.lastNanos));
        spans.clear();
    }

    private void letOut(Key key, Span span, long goneNanos) {
        facts.add(new Fact.LockSeen(
                key.pid(),
                key.name(),
                new Fact.LockModeName(key.mode().sqlName()),
                key.granted(),
                span.unseenNanos,
                span.firstNanos,
                span.lastNanos,
                goneNanos,
                List.copyOf(span.againNanos)));
    }
}
