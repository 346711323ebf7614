package dev.pgrehearse.workload;

/**
 * One request that the schedule offers.
 *
 * @param number from 0; its parameters are a function of it
 * @param afterNanos when it is to arrive, in nanoseconds after the schedule's start
 * @param operation which operation it is, by its place in the scenario
 */
record Arrival(long number, long afterNanos, int operation) {}
