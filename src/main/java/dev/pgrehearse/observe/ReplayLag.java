package dev.pgrehearse.observe;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How far replay is behind, in time: since when the primary has had WAL that is not replayed yet.
 *
 * <p>Nothing that was committed need come for that, and where no WAL is written nothing is behind: so an idle primary, whose
 * last commit grows old, shows no lag. The moment at which WAL was written is known to one reading, so a lag is told
 * at most the distance of two readings too short, never too long. Used by one thread.
 */
final class ReplayLag {
    /** Readings that are kept: at ten a second, those of nine hours; then every second one is dropped. */
    private static final int MOST_READINGS = 320_000;

    private record Reading(long atNanos, long written) {}

    /** Where the primary's WAL grew, oldest first; only what is not known to be replayed. */
    private final Deque<Reading> readings = new ArrayDeque<>();

    private long last = Long.MIN_VALUE;

    /** The primary had written so many bytes of WAL at that time. */
    void written(long atNanos, long bytes) {
        if (bytes > last) {
            last = bytes;
            readings.addLast(new Reading(atNanos, bytes));
            if (readings.size() > MOST_READINGS) {
                thin();
            }
        }
    }

    /** The lag at a time, when so many bytes have been replayed; 0 when all that was written has been. */
    long nanosAt(long atNanos, long replayed) {
        while (!readings.isEmpty() && readings.getFirst().written() <= replayed) {
            readings.removeFirst();
        }
        return readings.isEmpty()
                ? 0
                : Math.max(0, atNanos - readings.getFirst().atNanos());
    }

    /** The oldest stays: it is what the lag counts from now. */
    private void thin() {
        boolean keep = true;
        int size = readings.size();
        for (int i = 0; i < size; i++) {
            Reading reading = readings.removeFirst();
            if (keep) {
                readings.addLast(reading);
            }
            keep = !keep;
        }
    }
}
