package dev.pgrehearse.app;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.recording.AppEvent;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;

/** Writes down what happens to the service, with its time. Thread-safe. */
final class Diary {
    private final RehearsalClock clock;
    private final FactSink facts;
    private volatile boolean closed;

    Diary(RehearsalClock clock, FactSink facts) {
        this.clock = clock;
        this.facts = facts;
    }

    void happened(AppEvent event, String text) {
        if (!closed) {
            facts.add(new Fact.Happened(clock.nanos(), event.kind(), text));
        }
    }

    void poolMade(String instance, int size) {
        facts.add(new Fact.PoolMade(instance, size));
    }

    /** What happens from now on is the end's doing, and not written. */
    void close() {
        closed = true;
    }
}
