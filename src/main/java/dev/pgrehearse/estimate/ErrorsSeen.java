package dev.pgrehearse.estimate;

import dev.pgrehearse.verdict.Figures;
import org.jspecify.annotations.Nullable;

/**
 * How far estimates of one operation were from what was then measured.
 *
 * @param checked statements whose estimate was held against a measurement
 * @param negligible those of them that neither were to take nor took longer than {@link
 *     StatementEstimate#NEGLIGIBLE_SECONDS}: their milliseconds are the machine's, and no error is told of them
 * @param highest the error of the estimate that was most too high, as a share of what was measured; negative when all were
 *     too low, null when all are negligible
 * @param lowest likewise of the one that was most too low
 * @param aboveUpper those that took longer than their upper value, negligible ones not counted
 * @param underLoad those that were measured beside a load, while estimates are made without
 * @param largestRatio the furthest of their targets, as a multiple of the top rung
 */
public record ErrorsSeen(
        int checked,
        int negligible,
        @Nullable Double highest,
        @Nullable Double lowest,
        int aboveUpper,
        int underLoad,
        double largestRatio) {
    private static final String NEGLIGIBLE =
            "at most " + Figures.duration(StatementEstimate.NEGLIGIBLE_SECONDS * 1e3) + ", as estimated";

    /** Such as {@code 4 checked, +3.0 % to −11.0 % of what was measured, all below their upper value}. */
    public String inWords() {
        StringBuilder words = new StringBuilder(Figures.count(checked)).append(" checked");
        if (checked == negligible) {
            return words.append(", ")
                    .append(checked == 1 ? "" : "all ")
                    .append(NEGLIGIBLE)
                    .toString();
        }
        words.append(" at up to ").append(Figures.times(largestRatio)).append(" the top rung, ");
        if (highest != null && lowest != null) {
            words.append(Figures.error(highest));
            if (checked - negligible > 1) {
                words.append(" to ").append(Figures.error(lowest));
            }
            words.append(" of what was measured, ");
        }
        words.append(againstUpper());
        if (negligible > 0) {
            words.append(", ")
                    .append(Figures.count(negligible))
                    .append(" of them ")
                    .append(NEGLIGIBLE);
        }
        if (underLoad > 0) {
            words.append(", ").append(Figures.count(underLoad)).append(" of them under load");
        }
        return words.toString();
    }

    private String againstUpper() {
        if (aboveUpper > 0) {
            return Figures.count(aboveUpper) + " above " + (aboveUpper == 1 ? "its" : "their") + " upper value";
        }
        return checked - negligible == 1 ? "below its upper value" : "all below their upper value";
    }
}
