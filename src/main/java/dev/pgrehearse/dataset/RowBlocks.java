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
 * A table's rows as blocks of COPY's text format, made by many threads and handed over in order.
 *
 * <p>At most {@code ahead} blocks exist at a time, so memory does not grow with the rows. The bytes, one block after
 * another, are the same for every number of threads and every block size.
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
         * @param rowsDone rows up to this block's end
         */
        void accept(byte[] bytes, int length, long rowsDone) throws SQLException;
    }

    private final TablePlan table;
    private final ExecutorService makers;
    private final int ahead;
    private final int rowsPerBlock;

    /** Blocks of a usual size. */
    RowBlocks(TablePlan table, ExecutorService makers, int ahead) {
        this(table, makers, ahead, usualRows(table));
    }

    RowBlocks(TablePlan table, ExecutorService makers, int ahead, int rowsPerBlock) {
        this.table = table;
        this.makers = makers;
        this.ahead = ahead;
        this.rowsPerBlock = rowsPerBlock;
    }

    private static int usualRows(TablePlan table) {
        CopyBuffer sample = new CopyBuffer(SAMPLED_ROWS * 64);
        int rows = (int) Math.min(SAMPLED_ROWS, table.rows());
        for (int row = 0; row < rows; row++) {
            table.copyRow(sample, row);
        }
        long perRow = Math.max(1, sample.length() / Math.max(1, rows));
        return (int) Math.max(1, Math.min(MOST_ROWS, TARGET_BYTES / perRow));
    }

    /** Hands all blocks to the sink, in this thread. */
    void forEach(Sink sink) throws SQLException, InterruptedException {
        forEach(0, table.rows(), sink);
    }

    /** The same of rows {@code first} to before {@code end} only. */
    void forEach(long first, long end, Sink sink) throws SQLException, InterruptedException {
        Deque<Future<CopyBuffer>> coming = new ArrayDeque<>();
        Deque<CopyBuffer> spare = new ArrayDeque<>();
        long asked = first;
        long done = first;
        try {
            while (done < end) {
                while (coming.size() < ahead && asked < end) {
                    long from = asked;
                    long to = Math.min(end, from + rowsPerBlock);
                    CopyBuffer buffer = spare.isEmpty() ? new CopyBuffer(TARGET_BYTES + TARGET_BYTES / 4) : spare.pop();
                    coming.add(makers.submit(() -> make(buffer, from, to)));
                    asked = to;
                }
                CopyBuffer block = coming.remove().get();
                done = Math.min(end, done + rowsPerBlock);
                sink.accept(block.bytes(), block.length(), done);
                spare.push(block);
            }
        } catch (ExecutionException failed) {
            Throwable cause = Objects.requireNonNullElse(failed.getCause(), failed);
            throw new SQLException("making rows of " + table.name() + ": " + cause.getMessage(), cause);
        } finally {
            coming.forEach(block -> block.cancel(true));
        }
    }

    private CopyBuffer make(CopyBuffer buffer, long from, long to) {
        buffer.clear();
        for (long row = from; row < to; row++) {
            table.copyRow(buffer, row);
        }
        return buffer;
    }
}
