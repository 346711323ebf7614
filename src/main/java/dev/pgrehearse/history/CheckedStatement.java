package dev.pgrehearse.history;

import dev.pgrehearse.estimate.Operation;
import dev.pgrehearse.estimate.StatementEstimate;
import org.jspecify.annotations.Nullable;

/**
 * One statement's estimate held against one measurement: a line of the history, which {@code docs/history.schema.json}
 * describes. Durations are seconds without waits for locks.
 *
 * @param format {@link #FORMAT}
 * @param checkedAt when they were held against each other, ISO 8601 in UTC
 * @param recordedAt when the measured rehearsal started; with scenario and variant it names the recording
 * @param estimatedAt when the estimate's ladder was begun
 * @param index the statement's number in the migration, from 1
 * @param digest SHA-256 of its text, in hexadecimal
 * @param operation what it did when it was estimated
 * @param table whose rows its duration goes by; null when it touched none: then the rows are those of the largest table
 * @param estimatedRows of that table, that it was estimated for
 * @param measuredRows that the table had when it was measured
 * @param ratio of the rows it was estimated for to those of the estimate's top rung
 * @param underLoad whether it was measured beside a load
 * @param machine both were made on, in words
 */
public record CheckedStatement(
        String format,
        String checkedAt,
        String scenario,
        String variant,
        String recordedAt,
        String estimatedAt,
        int index,
        String digest,
        Operation operation,
        @Nullable String table,
        long estimatedRows,
        long measuredRows,
        double ratio,
        double centralSeconds,
        double upperSeconds,
        double measuredSeconds,
        boolean underLoad,
        String machine) {
    /** The format's name and version. */
    public static final String FORMAT = "pgrehearse-history/1";

    /**
     * Checks what is read from a file that anybody may edit.
     *
     * @throws IllegalArgumentException when a figure or a name is missing, or cannot be
     */
    public CheckedStatement {
        named("format", format);
        if (!format.equals(FORMAT)) {
            throw new IllegalArgumentException(
                    "its format is " + format + ", and this pgrehearse reads " + FORMAT + " alone");
        }
        named("checkedAt", checkedAt);
        named("scenario", scenario);
        named("variant", variant);
        named("recordedAt", recordedAt);
        named("estimatedAt", estimatedAt);
        named("digest", digest);
        named("operation", operation);
        named("machine", machine);
        atLeastZero("index", index - 1.0);
        atLeastZero("estimatedRows", (double) estimatedRows);
        atLeastZero("measuredRows", (double) measuredRows);
        atLeastZero("ratio", ratio);
        atLeastZero("centralSeconds", centralSeconds);
        atLeastZero("upperSeconds", upperSeconds);
        atLeastZero("measuredSeconds", measuredSeconds);
    }

    private static void named(String name, @Nullable Object value) {
        if (value == null) {
            throw new IllegalArgumentException("its " + name + " is missing");
        }
    }

    private static void atLeastZero(String name, double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException("its " + name + " is no such figure");
        }
    }

    /** Whether neither was long enough to be anybody's outage: then milliseconds of the machine decide the error. */
    public boolean negligible() {
        return centralSeconds <= StatementEstimate.NEGLIGIBLE_SECONDS
                && measuredSeconds <= StatementEstimate.NEGLIGIBLE_SECONDS;
    }

    /**
     * How far the central value was above what was measured, as a share of that; negative: below. What was negligible counts
     * as {@link StatementEstimate#NEGLIGIBLE_SECONDS} there, so that it makes no error of thousands of per cent.
     */
    public double error() {
        return (centralSeconds - measuredSeconds) / Math.max(measuredSeconds, StatementEstimate.NEGLIGIBLE_SECONDS);
    }

    /** Whether it took longer than its upper value, and long enough for that to matter. */
    public boolean aboveUpper() {
        return !negligible() && measuredSeconds > upperSeconds;
    }

    /** Whether both are of the same statement in the same recording. */
    boolean measuredAs(CheckedStatement other) {
        return scenario.equals(other.scenario)
                && variant.equals(other.variant)
                && recordedAt.equals(other.recordedAt)
                && index == other.index;
    }
}
