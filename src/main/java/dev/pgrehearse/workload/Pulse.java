package dev.pgrehearse.workload;

import org.HdrHistogram.Histogram;

/**
 * How the load fared in about one second.
 *
 * @param fromNanos its start, on the rehearsal's clock
 * @param toNanos its end
 * @param response response times, in microseconds, of the requests that ended in it, censored ones with their age
 * @param ok how many of them succeeded
 * @param errors how many did not
 * @param pending requests that waited for a connection at its end, over all instances
 */
public record Pulse(long fromNanos, long toNanos, Histogram response, long ok, long errors, int pending) {}
