package dev.pgrehearse.observe;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import dev.pgrehearse.recording.Recording;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Where probes leave their doubts: each id once. Thread-safe. */
final class Doubts {
    private final FactSink facts;
    private final RehearsalClock clock;
    private final Set<String> raised = ConcurrentHashMap.newKeySet();
    private volatile OptionalLong baselineNanos = OptionalLong.empty();

    Doubts(FactSink facts, RehearsalClock clock) {
        this.facts = facts;
        this.clock = clock;
    }

    void raise(String id, String text) {
        if (raised.add(id)) {
            facts.add(new Fact.Doubted(new Recording.Doubt(id, text)));
        }
    }

    void happened(long atNanos, String kind, String text) {
        facts.add(new Fact.Happened(atNanos, kind, text));
    }

    void happened(String kind, String text) {
        happened(clock.nanos(), kind, text);
    }

    void baselineBegan(long nanos) {
        baselineNanos = OptionalLong.of(nanos);
    }

    /** A moment in words, on the axis that the report uses: seconds since the start of the baseline. */
    String when(long nanos) {
        OptionalLong baseline = baselineNanos;
        return baseline.isPresent()
                ? String.format(Locale.ROOT, "%.1f s", (nanos - baseline.getAsLong()) / 1e9)
                : String.format(Locale.ROOT, "%.1f s after the start, before the baseline", nanos / 1e9);
    }
}
