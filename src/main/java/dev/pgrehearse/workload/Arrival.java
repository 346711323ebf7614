package dev.pgrehearse.workload;

/**
 * One request that the schedule offers.
 *
 * @param number from 0; its parameters are a function of it
 * @param expected how many requests are expected until it comes, which {@link Schedule#afterNanos} turns into a time
 * @param operation which operation it is, by its place in the scenario
 */
record Arrival(long number, double expected, int operation) {}
