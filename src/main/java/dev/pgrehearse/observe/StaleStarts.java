package dev.pgrehearse.observe;

import dev.pgrehearse.postgres.LockMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds the starts of waits that are an earlier wait's. A backend that was woken keeps the start of the wait that is over
 * ({@code ProcWakeup} in {@code src/backend/storage/lmgr/proc.c} of 14 to 18 clears the waker's own), and for a moment shows
 * it as that of its next wait, which would then have begun long before. What no look before has shown began after that
 * look, so such a start counts as not told yet: the next look has the right one. Used by one thread.
 */
final class StaleStarts {
    /** How far the two clocks may be apart without a doubt. */
    private static final long CLOCKS_MICROS = Duration.ofMillis(5).toNanos() / 1_000;

    private record Wait(int pid, String object, LockMode mode) {}

    private Set<Wait> shown = Set.of();
    private long notBeforeMicros = Long.MIN_VALUE;

    /**
     * The same rows; those that wait with a start that cannot be their own have none.
     *
     * @param askedMicros the server's time before which this look was not taken
     */
    List<LockRow> checked(List<LockRow> rows, long askedMicros) {
        Set<Wait> now = new HashSet<>();
        List<LockRow> checked = new ArrayList<>(rows.size());
        for (LockRow row : rows) {
            if (row.granted()) {
                checked.add(row);
                continue;
            }
            Wait wait = new Wait(row.pid(), row.object(), row.mode());
            now.add(wait);
            boolean stale = row.waitStartMicros() < notBeforeMicros && !shown.contains(wait);
            checked.add(stale ? row.started(0) : row);
        }
        shown = now;
        notBeforeMicros = askedMicros - CLOCKS_MICROS;
        return checked;
    }
}
