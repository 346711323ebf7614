package dev.pgrehearse.app;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.recording.AppEvent;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import dev.pgrehearse.recording.Recording;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Writes down what happens to the service, with its time. Thread-safe. */
final class Diary {
    private final RehearsalClock clock;
    private final FactSink facts;
    private final SqlErrorLedger errors;
    private final Set<String> doubted = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    Diary(RehearsalClock clock, FactSink facts) {
        this.clock = clock;
        this.facts = facts;
        this.errors = new SqlErrorLedger(clock, facts);
    }

    void happened(AppEvent event, String text) {
        if (!closed) {
            facts.add(new Fact.Happened(clock.nanos(), event.kind(), text));
        }
    }

    /** A try of an operation ended as {@code sql_error}. */
    void sqlError(String operation, SQLException error) {
        errors.met(operation, error);
    }

    /** A reason not to trust the measurement; told once, however often it comes. */
    void doubt(String id, String text) {
        if (doubted.add(id)) {
            facts.add(new Fact.Doubted(new Recording.Doubt(id, text)));
        }
    }

    void poolMade(String instance, int size) {
        facts.add(new Fact.PoolMade(instance, size));
    }

    /** What happens from now on is the end's doing, and not written. */
    void close() {
        closed = true;
        errors.close();
    }
}
