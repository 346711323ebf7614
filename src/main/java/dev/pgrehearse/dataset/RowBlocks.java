package dev.pgrehearse.dataset;

import dev.pgrehearse.values.CopyBuffer;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * A table's rows, or a shard of them, as blocks of one of COPY's formats, made by many threads and handed over in order.
 *
 * <p>At most {@code ahead} blocks exist at a time, so memory does not grow with the rows. The bytes, one block after
 * another, are the same for every number of threads and every block size; those of a table's shards, one shard after
 * another, are those of the table.
 */
final class RowBlocks {
    /** About as much as a block holds: large beside a task's cost, small beside a heap. */
    private static final int TARGET_BYTES = 256 * 1024;

    private static final int MOST_ROWS = 64 * 1024;
    private static final int SAMPLED_ROWS = 100;

    /** Where blocks go. */
    @FunctionalInterface
    interface Sink {
        /**
         * Takes the next block; the bytes are valid during the call only.
         *
         * @param rowsDone rows from the first one up to this block's end
         */
        void accept(byte[] bytes, int length, long rowsDone) throws SQLException;
    }

    private final RowFormat format;
    private final long from;
    private final long to;
    private final String name;
    private final ExecutorService makers;
    private final int ahead;
    private final int rowsPerBlock;

    /** Blocks of a usual size, of all rows. */
    RowBlocks(TablePlan table, RowFormat format, ExecutorService makers, int ahead) {
        this(table, format, Shard.WHOLE, makers, ahead, 0);
    }

    /** @param rowsPerBlock 0 for the usual size */
    RowBlocks(TablePlan table, RowFormat format, Shard shard, ExecutorService makers, int ahead, int rowsPerBlock) {
        this(table, format, shard.from(table.rows()), shard.to(table.rows()), makers, ahead, rowsPerBlock);
    }

    /**
     * Blocks of some of the rows.
     *
     * @param from the first row
     * @param to the row after the last
     * @param rowsPerBlock 0 for the usual size
     */
    RowBlocks(
            TablePlan table,
            RowFormat format,
            long from,
            long to,
            ExecutorService makers,
            int ahead,
            int rowsPerBlock) {
        this.format = format;
        this.name = table.name();
        this.from = from;
        this.to = to;
        this.makers = makers;
        this.ahead = ahead;
        this.rowsPerBlock = rowsPerBlock == 0 ? usualRows() : rowsPerBlock;
    }

    private int usualRows() {
        CopyBuffer sample = new CopyBuffer(SAMPLED_ROWS * 64);
        int rows = (int) Math.min(SAMPLED_ROWS, to - from);
        for (int row = 0; row < rows; row++) {
            format.copyRow(sample, from + row);
        }
        long perRow = Math.max(1, sample.length() / Math.max(1, rows));
        return (int) Math.max(1, Math.min(MOST_ROWS, TARGET_BYTES / perRow));
    }

    /** Hands all blocks to the sink, in this thread. */
    void forEach(Sink sink) throws SQLException, InterruptedException {
        Deque<Future<CopyBuffer>> coming = new ArrayDeque<>();
        Deque<CopyBuffer> spare = new ArrayDeque<>();
        long asked = from;
        long done = from;
        try {
            while (done < to) {
                while (coming.size() < ahead && asked < to) {
                    long first = asked;
                    long end = Math.min(to, first + rowsPerBlock);
                    CopyBuffer buffer = spare.isEmpty() ? new CopyBuffer(TARGET_BYTES + TARGET_BYTES / 4) : spare.pop();
                    coming.add(makers.submit(() -> make(buffer, first, end)));
                    asked = end;
                }
                CopyBuffer block = coming.remove().get();
                done = Math.min(to, done + rowsPerBlock);
                sink.accept(block.bytes(), block.length(), done - from);
                spare.push(block);
            }
        } catch (ExecutionException failed) {
            Throwable cause = Objects.requireNonNullElse(failed.getCause(), failed);
            if (cause instanceof NotBinary unknown) {
                throw unknown;
            }
            throw new SQLException("making rows of " + name + ": " + cause.getMessage(), cause);
        } finally {
            coming.forEach(block -> block.cancel(true));
        }
    }

    private CopyBuffer make(CopyBuffer buffer, long first, long end) {
        buffer.clear();
        for (long row = first; row < end; row++) {
            format.copyRow(buffer, row);
        }
        return buffer;
    }
}
