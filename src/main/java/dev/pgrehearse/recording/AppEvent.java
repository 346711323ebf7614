package dev.pgrehearse.recording;

import java.util.Locale;

/** What happens to the user's service, as kinds of {@link Recording.Event}. */
public enum AppEvent {
    /** Half of an instance's pool is in use for the first time after the migration's start. */
    POOL_AT_50,
    /** Four fifths of it are. */
    POOL_AT_80,
    /** Nine tenths of it are. */
    POOL_AT_90,
    /** All of it is. */
    POOL_AT_100,
    /** All of it is in use, and somebody waits. */
    POOL_EXHAUSTED,
    /** The first request since the migration's start that ended in this way. */
    FIRST_FAILURE,
    /** A probe was not answered in time, or with an error. */
    PROBE_FAILED,
    /** An instance failed its readiness probe so often that it gets no traffic. */
    INSTANCE_REMOVED,
    /** An instance gets traffic, for the first time or again. */
    INSTANCE_READY,
    /** No instance gets traffic. */
    NO_INSTANCE_LEFT,
    /** An instance failed its liveness probe so often that it was killed. */
    INSTANCE_KILLED,
    /** An instance begins to start. */
    INSTANCE_STARTING,
    /** An instance runs, with its pool. */
    INSTANCE_STARTED,
    /** An instance could not open its pool. */
    INSTANCE_FAILED,
    /** The autoscaler took an instance away. */
    INSTANCE_STOPPED,
    /** The autoscaler wants more instances. */
    SCALED_UP,
    /** The autoscaler wants fewer. */
    SCALED_DOWN,
    /** The server had no slot for a pool's new connection: 53300. */
    CONNECTION_REFUSED,
    /** A breaker refuses calls. */
    BREAKER_OPENED,
    /** A breaker lets calls through to see. */
    BREAKER_HALF_OPEN,
    /** A breaker lets all calls through again. */
    BREAKER_CLOSED,
    /** The load is as it was in the baseline. */
    CALM_AGAIN;

    /** The kind in recordings: {@code pool-at-50}. */
    public String kind() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
