package dev.pgrehearse.observe;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Reads the instances' pools, in-process, and writes what changed. */
final class PoolProbe implements Probe {
    private record State(int active, int idle, int pending) {}

    private final Supplier<List<PoolGauge>> pools;
    private final RehearsalClock clock;
    private final FactSink facts;
    private final Map<String, State> states = new HashMap<>();

    PoolProbe(Supplier<List<PoolGauge>> pools, RehearsalClock clock, FactSink facts) {
        this.pools = pools;
        this.clock = clock;
        this.facts = facts;
    }

    @Override
    public String name() {
        return "pools";
    }

    /** How long requests waited for a connection each of them tells itself. */
    @Override
    public Duration period() {
        return Duration.ofMillis(40);
    }

    @Override
    public Duration bearable() {
        return Duration.ofMillis(100);
    }

    @Override
    public void sample() {
        for (PoolGauge pool : pools.get()) {
            long atNanos = clock.nanos();
            State state = new State(pool.active(), pool.idle(), pool.pending());
            if (!state.equals(states.put(pool.instance(), state))) {
                facts.add(
                        new Fact.PoolSampled(pool.instance(), atNanos, state.active(), state.idle(), state.pending()));
            }
        }
    }

    @Override
    public void finish() {
        sample();
    }
}
