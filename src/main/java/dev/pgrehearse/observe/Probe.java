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

    /** From one sample's start to the next one's; asked after each, since what was seen may be worth a closer look. */
    Duration period();

    /** A look that comes, or takes, longer than that is a hole in what was watched. */
    default Duration bearable() {
        return period().multipliedBy(5);
    }

    /** Reads what must be known before the first sample. */
    default void prepare() throws SQLException {}

    /**
     * Whether there may be anything to look at now. While there is not, it is not asked to look: waking up for nothing costs
     * more than most looks. Whoever gives it work wakes its loop by a task. Its loop's thread.
     */
    default boolean isAtWork() {
        return true;
    }

    void sample() throws SQLException;

    /** The last reading, and whatever was held back until now. */
    default void finish() throws SQLException {}
}
