package dev.pgrehearse.estimate;

import dev.pgrehearse.verdict.Ruling;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The size from which on a migration is NO-GO under the scenario's own load and limits. Sizes are rows of one table; all
 * tables grow by one factor.
 *
 * @param answer in one word
 * @param atTarget the verdict to be expected at the target's size
 * @param limit of the scenario's limits the one that decides, as the file calls it; null when none does
 * @param limitSeconds the longest time that does not break it: of pools, with the time in which they fill under this load;
 *     null likewise
 * @param statement the one that breaks it, by its number from 1; null when it is all of them, or none
 * @param table whose rows are told; null without {@code rows}
 * @param rows from which on it is NO-GO, as likely too high as too low; null when no such size was found
 * @param fromRows below it is GO in nine of ten cases; null when no size was found at which that ends
 * @param toRows from here on it is NO-GO in nine of ten cases; null likewise
 * @param orFewer whether the smallest rung is too large already: then the three are its rows
 * @param targetRows of the table; null without {@code table}
 * @param reachRows of the table, beyond which nothing is said; null without {@code table}
 * @param reachEnds what ends there, in words, such as {@code 100 × the top rung}, or the cliff that too few rungs were
 *     above; null when it is neither, and without {@code table}
 * @param reasons in whole sentences
 * @param underLoad what was seen under load; null when nothing was
 */
public record BreakEven(
        Answer answer,
        Ruling atTarget,
        @Nullable String limit,
        @Nullable Double limitSeconds,
        @Nullable Integer statement,
        @Nullable String table,
        @Nullable Double rows,
        @Nullable Double fromRows,
        @Nullable Double toRows,
        boolean orFewer,
        @Nullable Double targetRows,
        @Nullable Double reachRows,
        @Nullable String reachEnds,
        List<String> reasons,
        @Nullable UnderLoad underLoad) {
    /** What can be said. */
    public enum Answer {
        /** GO at the target; {@code rows}, when there are any, are beyond it. */
        GO,
        /** NO-GO from {@code rows} on, which the target has. */
        NO_GO_FROM,
        /** The verdict is the same at any size. */
        SIZE_DECIDES_NOTHING,
        /** Nobody can tell; {@code rows}, when there are any, are the likeliest size. */
        UNKNOWN,
        /** Nobody looked. */
        NOT_MEASURED
    }

    public BreakEven {
        reasons = List.copyOf(reasons);
    }

    /** Nobody asked for it. */
    public static final BreakEven NOT_ASKED = notMeasured(
            "From which size on it is NO-GO was not looked for: --under-load rehearses the top rung once under the scenario's"
                    + " own load, and tells.");

    /** Nothing was rehearsed under load, for this reason, a whole sentence. */
    public static BreakEven notMeasured(String reason) {
        return without(Answer.NOT_MEASURED, Ruling.UNKNOWN, List.of(reason), null);
    }

    /** Without any size. */
    static BreakEven without(Answer answer, Ruling atTarget, List<String> reasons, @Nullable UnderLoad underLoad) {
        return new BreakEven(
                answer, atTarget, null, null, null, null, null, null, null, false, null, null, null, reasons,
                underLoad);
    }
}
