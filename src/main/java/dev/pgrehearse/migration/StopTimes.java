package dev.pgrehearse.migration;

import dev.pgrehearse.scenario.StopSpec;
import java.io.IOException;
import java.time.Duration;

/** Knows what a stop's time comes down to. */
@FunctionalInterface
public interface StopTimes {
    /**
     * How long after the start.
     *
     * @throws IOException when the duration that is meant was not measured
     */
    Duration of(StopSpec stop) throws IOException;
}
