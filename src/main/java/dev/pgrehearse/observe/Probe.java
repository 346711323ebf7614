package dev.pgrehearse.observe;

import java.sql.SQLException;
import java.time.Duration;

/**
 * One thing that is looked at again and again: {@code prepare} once before the load, {@code sample} every period,
 * {@code finish} once after the load. All three are called by one thread at a time.
 */
interface Probe {
    /** What it looks at, in a user's words: {@code lock waits}. */
    String name();

    /** From one sample's start to the next one's. */
    Duration period();

    /** Reads what must be known before the first sample. */
    default void prepare() throws SQLException {}

    void sample() throws SQLException;

    /** The last reading, and whatever was held back until now. */
    default void finish() throws SQLException {}
}
