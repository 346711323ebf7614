package dev.pgrehearse.observe;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.recording.AppState;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads the user's service, in-process, and writes what changed. */
final class AppProbe implements Probe {
    private final Supplier<AppState> app;
    private final LongSupplier tries;
    private final RehearsalClock clock;
    private final FactSink facts;
    private @Nullable AppState last;
    private long lastTries;

    AppProbe(Watched.App app, RehearsalClock clock, FactSink facts) {
        this.app = app.state();
        this.tries = app.tries();
        this.clock = clock;
        this.facts = facts;
    }

    @Override
    public String name() {
        return "service";
    }

    @Override
    public Duration period() {
        return Duration.ofMillis(100);
    }

    @Override
    public void sample() {
        AppState now = app.get();
        long nowTries = tries.getAsLong();
        if (!now.equals(last) || nowTries != lastTries) {
            facts.add(new Fact.AppSampled(clock.nanos(), now, nowTries));
        }
        last = now;
        lastTries = nowTries;
    }

    @Override
    public void finish() {
        sample();
    }
}
