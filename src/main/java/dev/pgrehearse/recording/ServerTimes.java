package dev.pgrehearse.recording;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/**
 * When the server began with statements of the migration's session, and ended its transactions, as far as its log tells. The
 * client's clock has these times in between: it sends a statement before the server begins with it, and learns of the end later, by
 * some milliseconds where processors are busy. Immutable.
 */
final class ServerTimes {
    /** The log has milliseconds, and the server's clock is known to less than half of one. */
    private static final long RESOLUTION_NANOS = Duration.ofMillis(1).toNanos();

    private static final String OK = "ok";

    private final List<Fact.ServerDone> done;

    ServerTimes(List<Fact.ServerDone> done) {
        this.done = done.stream()
                .sorted(Comparator.comparingLong(Fact.ServerDone::endNanos))
                .toList();
    }

    /**
     * When the server began with a statement: its start where the log tells no other, to its own resolution. Of one in a transaction
     * of ours that start: more than one line lies between its ends, and which is its own the log does not tell.
     */
    long began(Fact.StatementRan run) {
        long start = run.startNanos();
        // What ended about when this one was sent is what was sent before; what began about when it ended comes after.
        int first = endedBy(start + RESOLUTION_NANOS);
        if (run.wrapped() || first == done.size()) {
            return start;
        }
        Fact.ServerDone own = done.get(first);
        boolean late = own.startNanos() > start + RESOLUTION_NANOS;
        boolean within = own.startNanos() < run.endNanos() - RESOLUTION_NANOS
                && own.endNanos() <= run.endNanos() + RESOLUTION_NANOS;
        return late && within ? own.startNanos() : start;
    }

    /**
     * When a transaction was over: its last statement's end where the log tells no other, to its own resolution.
     *
     * @param last that ended it, or the one that a transaction was made for
     */
    long transactionEnded(Fact.StatementRan last) {
        long start = last.startNanos();
        long end = last.endNanos();
        if (!last.outcome().equals(OK)) {
            return end;
        }
        // A COMMIT may be the whole statement, and over at once; one that was put behind the statement was not.
        long after = start + (last.wrapped() ? RESOLUTION_NANOS : -RESOLUTION_NANOS);
        long ended = done.subList(endedBy(after), endedBy(end + RESOLUTION_NANOS)).stream()
                .filter(one -> one.endsTransaction() && one.startNanos() >= start - RESOLUTION_NANOS)
                .mapToLong(Fact.ServerDone::endNanos)
                .max()
                .orElse(end);
        return ended < end - RESOLUTION_NANOS ? Math.max(start, ended) : end;
    }

    /** How many ended by then. */
    private int endedBy(long nanos) {
        int low = 0;
        int high = done.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (done.get(middle).endNanos() <= nanos) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
