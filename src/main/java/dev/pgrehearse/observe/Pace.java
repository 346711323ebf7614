package dev.pgrehearse.observe;

/**
 * How often a probe really looked.
 *
 * @param probe its name
 * @param samples how many looks
 * @param wantedPeriodMs the period asked for while there is nothing to see
 * @param meanPeriodMs the mean distance of two looks; NaN below two
 * @param worstPeriodMs the longest distance of two looks; 0 below two
 */
public record Pace(String probe, long samples, double wantedPeriodMs, double meanPeriodMs, double worstPeriodMs) {}
