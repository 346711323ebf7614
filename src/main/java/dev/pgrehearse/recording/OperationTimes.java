package dev.pgrehearse.recording;

/**
 * How long an operation's requests took in a span of time, in milliseconds; of those that the server answered without an
 * error.
 *
 * @param count how many
 * @param p95Ms of the response time, from the intended arrival
 * @param serviceP50Ms of the service time, from connection acquired to SQL done
 * @param serviceP95Ms likewise
 * @param worstP50Ms the longest median service time of the span's fifths that hold enough requests: how far it moves by
 *     itself
 */
public record OperationTimes(long count, double p95Ms, double serviceP50Ms, double serviceP95Ms, double worstP50Ms) {}
