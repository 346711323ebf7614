package dev.pgrehearse.migration;

import java.time.Duration;

/**
 * A stop that a scenario asked for, and that came in time.
 *
 * @param what what was stopped: {@code the migration}, or {@code step 2}
 * @param after how long after the start it was to come
 * @param askedNanos when it was asked for, on the rehearsal's clock
 * @param endedNanos when nothing of it ran any more: the end of the statement that was cancelled, or of its backend when
 *     the connection was cut; {@code askedNanos} when none was running
 * @param cut whether cancel requests were not heeded for 10 s, so that the connection was cut
 * @param terminated whether the backend did not end by that within a second, so that {@code pg_terminate_backend} was used
 */
public record StopSeen(
        String what, Duration after, long askedNanos, long endedNanos, boolean cut, boolean terminated) {}
