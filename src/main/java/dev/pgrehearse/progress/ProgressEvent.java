package dev.pgrehearse.progress;

import org.jspecify.annotations.Nullable;

/**
 * One thing that the program tells about its work.
 *
 * @param kind what sort of event it is
 * @param task what is being done, in a user's words: {@code loading orders}
 * @param done how much of it is done, in {@code unit}; 0 when there is nothing to count
 * @param total how much there is in all; 0 when nobody knows
 * @param unit what is counted, such as {@code rows} or {@code ms}; null when there is nothing to count
 * @param remainingMs an estimate of the milliseconds that the task will still take, if it goes on as it has gone; null when
 *     that would be a guess
 */
public record ProgressEvent(
        Kind kind,
        String task,
        long done,
        long total,
        @Nullable String unit,
        @Nullable Long remainingMs) {
    /** Sorts of events. */
    public enum Kind {
        /** A task has begun. */
        STARTED,
        /** A task goes on. */
        ADVANCED,
        /** A task has ended. */
        FINISHED,
        /** Something worth a line by itself. */
        NOTICE
    }

    public static ProgressEvent started(String task, long total, @Nullable String unit) {
        return new ProgressEvent(Kind.STARTED, task, 0, total, unit, null);
    }

    public static ProgressEvent advanced(String task, long done, long total, @Nullable String unit) {
        return advanced(task, done, total, unit, null);
    }

    /** The same, with an estimate of what is left; null when there is none. */
    public static ProgressEvent advanced(
            String task, long done, long total, @Nullable String unit, @Nullable Long remainingMs) {
        return new ProgressEvent(Kind.ADVANCED, task, done, total, unit, remainingMs);
    }

    public static ProgressEvent finished(String task) {
        return new ProgressEvent(Kind.FINISHED, task, 0, 0, null, null);
    }

    public static ProgressEvent notice(String text) {
        return new ProgressEvent(Kind.NOTICE, text, 0, 0, null, null);
    }
}
