package dev.pgrehearse.observe;

import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How far the migration's statement has come, for whoever waits for it. Immutable.
 *
 * @param statement its index
 * @param command such as {@code CREATE INDEX}
 * @param phase as PostgreSQL calls it
 * @param relation what it works on; null when that is not told
 * @param sinceNanos when the phase was first seen, on the rehearsal's clock
 * @param atNanos when this was seen
 * @param doneAtFirst what was done when the phase was first seen
 * @param done what is done now; 0 when nothing is counted
 * @param total null when nobody knows
 * @param unit null when nothing is counted
 * @param foreseeable whether the phase's own work decides how long it takes: waiting for others does not, and files and
 *     rows are set against an estimate
 */
public record StatementAdvance(
        int statement,
        String command,
        String phase,
        @Nullable String relation,
        long sinceNanos,
        long atNanos,
        long doneAtFirst,
        long done,
        @Nullable Long total,
        @Nullable String unit,
        boolean foreseeable) {
    /** Before so much of a phase is done, nothing is foretold. */
    static final double LEAST_SHARE = 0.05;

    /** Nor before it has lasted so long. */
    static final long LEAST_NANOS = 2_000_000_000;

    /**
     * How many milliseconds the phase will still take, when it goes on as it has gone since it was first seen: an estimate.
     * Empty when that would be a guess: little is done yet, nobody knows how much there is, or it depends on others.
     */
    public OptionalLong remainingMs() {
        long elapsed = atNanos - sinceNanos;
        if (!foreseeable || total == null || total <= 0 || done > total || elapsed < LEAST_NANOS) {
            return OptionalLong.empty();
        }
        long progressed = done - doneAtFirst;
        if (progressed < total * LEAST_SHARE) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(Math.round(elapsed / 1e6 * (total - done) / progressed));
    }
}
