package dev.pgrehearse.estimate;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is to be expected of a variant's migration at the target's size without load: on this machine, or, with {@code
 * otherMachine}, on that one. Statements' own durations are always this machine's.
 *
 * @param scenario the scenario's name
 * @param target rows by table
 * @param rungs rows by table of each rung, the smallest first
 * @param statements in the migration's order
 * @param centralSeconds of all statements together, with the pauses between them; null when one is UNKNOWN
 * @param upperSeconds the sum of the upper values, as if all came together; null when one is UNKNOWN
 * @param windowSeconds that it is to fit; null when none was asked for
 * @param answer whether it fits; without a window whether there is a figure
 * @param reasons for the answer, in whole sentences
 * @param machine which one it was measured on, in words
 * @param space that it needs
 * @param settings of the server that it was measured with, of those that durations hang on ({@link DecidingSettings}); null in
 *     files of earlier versions
 * @param breakEven the size from which on it is NO-GO under load, always on this machine
 * @param otherMachine how it was scaled to the machine that it is for; null when it is for this one
 */
public record Estimate(
        String scenario,
        String variant,
        Map<String, Long> target,
        List<Map<String, Long>> rungs,
        List<StatementEstimate> statements,
        @Nullable Double centralSeconds,
        @Nullable Double upperSeconds,
        @Nullable Double windowSeconds,
        Answer answer,
        List<String> reasons,
        String machine,
        Space space,
        @Nullable Map<String, String> settings,
        BreakEven breakEven,
        @Nullable OtherMachine otherMachine) {
    public Estimate {
        // Files of earlier versions have none.
        space = Objects.requireNonNullElse(space, Space.NONE);
        breakEven = Objects.requireNonNullElse(breakEven, BreakEven.NOT_ASKED);
    }

    /** Of which nobody asked where it turns. */
    public Estimate(
            String scenario,
            String variant,
            Map<String, Long> target,
            List<Map<String, Long>> rungs,
            List<StatementEstimate> statements,
            @Nullable Double centralSeconds,
            @Nullable Double upperSeconds,
            @Nullable Double windowSeconds,
            Answer answer,
            List<String> reasons,
            String machine,
            Space space) {
        this(
                scenario,
                variant,
                target,
                rungs,
                statements,
                centralSeconds,
                upperSeconds,
                windowSeconds,
                answer,
                reasons,
                machine,
                space,
                null,
                BreakEven.NOT_ASKED,
                null);
    }

    /** The same, with where it turns. */
    public Estimate with(BreakEven found) {
        return but(answer, reasons, settings, found, otherMachine);
    }

    /** The same, as scaled to another machine. */
    public Estimate with(OtherMachine scaled) {
        return but(answer, reasons, settings, breakEven, scaled);
    }

    /** The same, measured with these settings. */
    public Estimate with(Map<String, String> measuredWith) {
        return but(answer, reasons, measuredWith, breakEven, otherMachine);
    }

    /** The same, with another answer for other reasons. */
    Estimate answered(Answer other, List<String> why) {
        return but(other, why, settings, breakEven, otherMachine);
    }

    private Estimate but(
            Answer nowAnswer,
            List<String> nowReasons,
            @Nullable Map<String, String> nowSettings,
            BreakEven nowBreakEven,
            @Nullable OtherMachine nowOtherMachine) {
        return new Estimate(
                scenario,
                variant,
                target,
                rungs,
                statements,
                centralSeconds,
                upperSeconds,
                windowSeconds,
                nowAnswer,
                nowReasons,
                machine,
                space,
                nowSettings,
                nowBreakEven,
                nowOtherMachine);
    }

    /** Whether it fits the window. */
    public enum Answer {
        /** The upper value does; without a window: there is a figure for every statement. */
        FITS,
        /** The central value does not. */
        DOES_NOT_FIT,
        /** Nobody can tell. */
        UNKNOWN
    }
}
