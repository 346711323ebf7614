package dev.pgrehearse.estimate;

import dev.pgrehearse.verdict.Figures;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How far estimates of one operation were from what was then measured. A load takes its share of the machine, which no
 * estimate knows of: what was measured beside one is told apart.
 *
 * @param quiet measured on a server that did nothing else, as it was estimated; null when nothing was
 * @param underLoad measured beside a load; null when nothing was
 */
public record ErrorsSeen(@Nullable Group quiet, @Nullable Group underLoad) {
    private static final String NEGLIGIBLE =
            "at most " + Figures.duration(StatementEstimate.NEGLIGIBLE_SECONDS * 1e3) + ", as estimated";

    /**
     * Errors that may be told together.
     *
     * @param checked statements whose estimate was held against a measurement, at least 1
     * @param negligible those of them that neither were to take nor took longer than {@link
     *     StatementEstimate#NEGLIGIBLE_SECONDS}: their milliseconds are the machine's, and no error is told of them
     * @param highest the error of the estimate that was most too high, as a share of what was measured; negative when all
     *     were too low, null when all are negligible
     * @param lowest likewise of the one that was most too low
     * @param aboveUpper those that took longer than their upper value, negligible ones not counted
     * @param largestRatio the furthest of their targets, as a multiple of the top rung
     */
    public record Group(
            int checked,
            int negligible,
            @Nullable Double highest,
            @Nullable Double lowest,
            int aboveUpper,
            double largestRatio) {
        /** Such as {@code 4 checked at up to 12 × the top rung, +3.0 % to −11.0 %, all below their upper value}. */
        String inWords() {
            StringBuilder words = new StringBuilder(Figures.count(checked)).append(" checked");
            if (checked == negligible || highest == null || lowest == null) {
                return words.append(checked == 1 ? ", " : ", all ")
                        .append(NEGLIGIBLE)
                        .toString();
            }
            words.append(" at up to ").append(Figures.times(largestRatio)).append(" the top rung, ");
            words.append(Figures.error(highest));
            if (checked - negligible > 1) {
                words.append(" to ").append(Figures.error(lowest));
            }
            words.append(" of what was measured, ").append(againstUpper());
            if (negligible > 0) {
                words.append(", ")
                        .append(Figures.count(negligible))
                        .append(" of them ")
                        .append(NEGLIGIBLE);
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

    /** In words, those that were measured beside a load after the others. */
    public String inWords() {
        return Stream.of(
                        quiet == null ? "" : quiet.inWords(),
                        underLoad == null ? "" : "under load " + underLoad.inWords())
                .filter(words -> !words.isEmpty())
                .collect(Collectors.joining("; "));
    }
}
