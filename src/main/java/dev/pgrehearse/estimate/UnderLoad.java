package dev.pgrehearse.estimate;

import dev.pgrehearse.verdict.Ruling;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was seen at the rung that was rehearsed under load, beside what its quiet runs had said.
 *
 * @param rows by table
 * @param verdict of that rehearsal, by the scenario's limits
 * @param reasons for the verdict, in whole sentences
 * @param statements in the migration's order
 * @param checks of the curves against what was measured under load
 */
public record UnderLoad(
        Map<String, Long> rows, Ruling verdict, List<String> reasons, List<Waits> statements, List<Check> checks) {
    public UnderLoad {
        reasons = List.copyOf(reasons);
        statements = List.copyOf(statements);
        checks = List.copyOf(checks);
    }

    /**
     * A statement's time under load, with waits apart.
     *
     * @param statement its number in the migration, from 1
     * @param quietSeconds the median of its quiet runs at the same size; null when it was not run there
     * @param seconds without its waits for locks
     * @param waitedSeconds how long it waited for locks, in all
     * @param behind whom, in words; null when that was not seen, or it did not wait
     * @param requests how many waits of the workload's requests for it
     * @param longestSeconds the longest wait for it
     * @param operations whose requests those were
     */
    public record Waits(
            int statement,
            @Nullable Double quietSeconds,
            double seconds,
            double waitedSeconds,
            @Nullable String behind,
            long requests,
            double longestSeconds,
            List<String> operations) {
        public Waits {
            operations = List.copyOf(operations);
        }
    }

    /**
     * What the curves say at this size, held against what was measured.
     *
     * @param what was measured, in words
     * @param measuredSeconds under load
     * @param expectedSeconds by the quiet runs
     * @param atLeastSeconds less does not agree with the curves
     * @param atMostSeconds more does not agree with the curves
     */
    public record Check(
            String what, double measuredSeconds, double expectedSeconds, double atLeastSeconds, double atMostSeconds) {
        /** Whether it agrees. */
        public boolean agrees() {
            return measuredSeconds >= atLeastSeconds && measuredSeconds <= atMostSeconds;
        }
    }
}
