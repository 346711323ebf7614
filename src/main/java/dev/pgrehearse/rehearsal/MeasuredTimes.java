package dev.pgrehearse.rehearsal;

import dev.pgrehearse.migration.StopTimes;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.scenario.StopSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** What the stops of a run come down to, by the durations of the migrations that it has rehearsed so far. Not thread-safe. */
final class MeasuredTimes implements StopTimes {
    private final Map<String, Duration> durations = new HashMap<>();
    private final Map<String, String> failures = new HashMap<>();

    /** A rehearsal has ended; of several of one variant the last one that ran to its end counts. */
    void add(String variant, Recording recording) {
        Recording.MigrationFacts migration = recording.migration();
        if (recording.complete() && migration != null && migration.outcome().equals("ok")) {
            durations.put(variant, Duration.ofNanos(Math.round(migration.durationMs() * 1e6)));
        } else {
            failures.put(
                    variant,
                    migration == null
                            ? "its migration never started"
                            : recording.complete()
                                    ? "its migration ended as " + migration.outcome()
                                    : "it did not run to its end");
        }
    }

    @Override
    public Duration of(StopSpec stop) throws IOException {
        if (stop instanceof StopSpec.After plain) {
            return plain.after();
        }
        if (stop instanceof StopSpec.OfExpected share) {
            return share.after();
        }
        StopSpec.OfVariant share = (StopSpec.OfVariant) stop;
        Duration measured = durations.get(share.variant());
        if (measured == null) {
            throw new IOException("nothing was started: it is to be stopped " + share.inWords()
                    + "'s duration, which is not known: "
                    + failures.getOrDefault(share.variant(), "it was not rehearsed in this run")
                    + "; correct that one, or write `expected:` in place of `of:`");
        }
        return share.after(measured);
    }
}
