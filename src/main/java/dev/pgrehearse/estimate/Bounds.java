package dev.pgrehearse.estimate;

import dev.pgrehearse.recording.Cost;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.StatementCounters;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a statement was bound by at the top rung, the median of its runs there.
 *
 * @param seconds that it took, without waits for locks
 * @param cpuSeconds of its backend and parallel workers; null when the machine does not tell
 * @param blocks of tables that it went through from end to end, in 8 kB: each has to come from the disk, unless it is in
 *     memory
 * @param looseBlocks that it read besides, of indexes as a rule
 * @param temporary whether it wrote temporary files
 */
record Bounds(double seconds, @Nullable Double cpuSeconds, double blocks, double looseBlocks, boolean temporary) {
    private static final double BLOCK = 8192;

    /** More processor time than that, by its duration, and several processes worked. */
    private static final double SEVERAL = 1.1;

    static Bounds of(StatementEstimate statement, List<Statement> runs, Recording recording) {
        double seconds = median(runs.stream().map(StatementEstimator::seconds).toList());
        boolean told = runs.stream().allMatch(run -> run.cpuMs() != null);
        double blocks = heapBlocks(statement, runs, recording);
        double read = largest(runs, StatementCounters::blocksRead);
        boolean bulk = statement.operation() == Operation.BULK_UPDATE;
        return new Bounds(
                seconds,
                told && !runs.isEmpty()
                        ? (Double) (median(runs.stream()
                                        .map(run -> Objects.requireNonNull(run.cpuMs()))
                                        .toList())
                                / 1e3)
                        : null,
                bulk ? blocks : Math.max(blocks, read),
                bulk ? Math.max(0, read - blocks) : 0,
                largest(runs, StatementCounters::temporaryBlocksWritten) > 0);
    }

    /** How many processes worked at once, on average; 1 for a single one. */
    double processes() {
        return cpuSeconds == null || seconds <= 0 || cpuSeconds < SEVERAL * seconds ? 1 : cpuSeconds / seconds;
    }

    private static double heapBlocks(StatementEstimate statement, List<Statement> runs, Recording recording) {
        if (statement.operation() == Operation.CATALOGUE || recording.dataset() == null) {
            return 0;
        }
        Set<String> tables = new HashSet<>();
        for (Statement run : runs) {
            tables.addAll(run.scanned());
            tables.addAll(run.rewrote());
        }
        if (statement.table() != null) {
            tables.add(statement.table());
        }
        double bytes = recording.dataset().tables().stream()
                .filter(table -> tables.contains(table.name()))
                .collect(Collectors.summingDouble(table -> (double) table.heapBytes()));
        // CONCURRENTLY goes through the table twice.
        return bytes / BLOCK * (statement.operation() == Operation.CONCURRENT_BUILD ? 2 : 1);
    }

    private static double largest(List<Statement> runs, ToLongFunction<StatementCounters> counter) {
        return runs.stream()
                .map(Statement::cost)
                .filter(Objects::nonNull)
                .map(Cost::counters)
                .filter(Objects::nonNull)
                .mapToLong(counter)
                .max()
                .orElse(0);
    }

    private static double median(List<Double> values) {
        return values.isEmpty() ? 0 : new Measurement(1, values).central();
    }
}
