package dev.pgrehearse.recording;

/**
 * The user's service at one moment.
 *
 * @param instances that there are to be, those among them that start or restart
 * @param running that run
 * @param ready that get traffic
 * @param workers of all that run
 * @param busy workers that do something
 * @param busyForNobody workers among them that serve a client that waits no more
 * @param queued requests and probes that wait for a worker
 * @param pending workers that wait for a connection
 */
public record AppState(
        int instances, int running, int ready, int workers, int busy, int busyForNobody, int queued, int pending) {}
