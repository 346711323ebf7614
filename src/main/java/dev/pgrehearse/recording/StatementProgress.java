package dev.pgrehearse.recording;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one run of a statement went on, as far as the server told.
 *
 * @param statement its index
 * @param attempt which try
 * @param phases in order; a phase that comes again, as in VACUUM, is told again
 * @param phasesLeftOut how many more there were; 0 for nearly all
 */
public record StatementProgress(int statement, int attempt, List<Phase> phases, int phasesLeftOut) {
    /**
     * One phase.
     *
     * @param command such as {@code CREATE INDEX CONCURRENTLY}
     * @param name as PostgreSQL calls it, such as {@code waiting for old snapshots}; of what has no view, ours
     * @param relation what it works on; null when that is not told
     * @param source the view that told, such as {@code pg_stat_progress_create_index}; {@code files} when it is told by the
     *     size of new files in the data directory; {@code batches} of a back-fill
     * @param startMs when it was first seen: within a period of the probe, a tenth of a second
     * @param endMs when the next one was first seen; of the last one, when it was last seen
     * @param unit what is counted: {@code blocks}, {@code tuples}, {@code sessions}, {@code indexes}, {@code bytes},
     *     {@code rows}, {@code tables}; null when nothing is
     * @param total how much there is in all, as it was told last; of {@code files} and {@code batches} an estimate from the
     *     catalogue; null when nobody knows
     * @param points how much was done when; at most {@value ProgressFold#MOST_POINTS}, the first and the last among them
     */
    public record Phase(
            String command,
            String name,
            @Nullable String relation,
            String source,
            double startMs,
            double endMs,
            @Nullable String unit,
            @Nullable Long total,
            List<Point> points) {
        /** How long it took, in milliseconds. */
        public double lengthMs() {
            return endMs - startMs;
        }
    }

    /** So much was done at that time. */
    public record Point(double atMs, long done) {}
}
