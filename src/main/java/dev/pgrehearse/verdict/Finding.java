package dev.pgrehearse.verdict;

import org.jspecify.annotations.Nullable;

/**
 * A rule that matched a recording.
 *
 * @param rule the rule's id
 * @param severity its weight
 * @param statement the index of the statement it is about, from 1; null when it is about the whole rehearsal
 * @param measured the figure, in {@code unit}
 * @param limit what it was held against, in {@code unit}; NaN where nobody has set one
 * @param unit {@code ms}, {@code share} (0 to 1) or {@code count}
 * @param title the danger, in one sentence without a full stop at its end
 * @param effect what it means for users of the system
 * @param safer what to do instead: numbered steps, one a line
 */
public record Finding(
        String rule,
        Severity severity,
        @Nullable Integer statement,
        double measured,
        double limit,
        String unit,
        String title,
        String effect,
        String safer) {
    public static final String MILLISECONDS = "ms";
    public static final String SHARE = "share";
    public static final String COUNT = "count";
}
