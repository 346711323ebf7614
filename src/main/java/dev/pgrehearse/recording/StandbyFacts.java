package dev.pgrehearse.recording;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a streaming standby of the server went through. Lags are those since the migration's start, unless said otherwise.
 *
 * @param settings of the standby, by name, as SHOW prints them: those that differ from the primary's, and always those that say
 *     how long reads may hold replay up
 * @param preparedSeconds what it took to make and start it
 * @param operations those that ran on it
 * @param baselineLagPeakMs the longest that replay was behind in the baseline; null when it was not measured then
 * @param lagPeakMs the longest that replay was behind the primary, at most one reading (100 ms) too short; null when it was
 *     not measured
 * @param lagPeakBytes the most WAL that the primary had written and the standby not replayed; null likewise
 * @param lagPeakAtMs when it was longest behind; null likewise
 * @param behind the times in which it was behind by more than {@value #BEHIND_MS} ms, in order, also those before the
 *     migration
 * @param heldUp the longest times in which replay waited for reads, at most {@value #MOST_TOLD}, in order
 * @param heldUpMs all such times together
 * @param waits the longest waits of reads on the standby, at most {@value #MOST_TOLD}, in order of their start
 * @param waitsInAll how many there were
 * @param blocked the waits of reads behind replay, by whose lock it was
 * @param conflicts how many sessions or statements replay cancelled, by cause, as {@code pg_stat_database_conflicts} counts;
 *     null when it could not be read
 */
public record StandbyFacts(
        Map<String, String> settings,
        double preparedSeconds,
        List<String> operations,
        @Nullable Double baselineLagPeakMs,
        @Nullable Double lagPeakMs,
        @Nullable Long lagPeakBytes,
        @Nullable Double lagPeakAtMs,
        List<Behind> behind,
        List<HeldUp> heldUp,
        double heldUpMs,
        List<Wait> waits,
        int waitsInAll,
        List<Blocked> blocked,
        @Nullable Map<String, Long> conflicts) {
    /** Replay that is less behind than this is called up to date: a second is what a reader hardly notices. */
    public static final int BEHIND_MS = 1_000;

    /** Whom a read on a standby waits behind. */
    public static final String REPLAY = "replay";

    /** The series of lags, and of reads that wait, in the timeline. */
    public static final String LAG_MS = "standbyLagMs";

    public static final String LAG_BYTES = "standbyLagBytes";
    public static final String BLOCKED = "standbyBlocked";

    /** Kinds of events. */
    public static final String EVENT_BEHIND = "standby-behind";

    public static final String EVENT_CAUGHT_UP = "standby-caught-up";

    static final int MOST_TOLD = 1_000;

    private static final String POOL_SUFFIX = " standby";

    /** What the pool of an instance for the standby is called. */
    public static String poolOf(String instance) {
        return instance + POOL_SUFFIX;
    }

    /** Whether a pool of that name is one for the standby. */
    public static boolean isPool(String name) {
        return name.endsWith(POOL_SUFFIX);
    }

    /**
     * A time in which replay was behind.
     *
     * @param caughtUpMs when it was no more; null when the recording ended before
     */
    public record Behind(double startMs, @Nullable Double caughtUpMs, double lagPeakMs, long lagPeakBytes) {}

    /**
     * A time in which replay waited for reads; known to one period of the sampler at each end.
     *
     * @param by what the reads had: a relation's name, or words
     */
    public record HeldUp(String by, double startMs, double durationMs) {}

    /**
     * A wait of a read for a lock.
     *
     * @param mode what it wanted
     * @param behind {@value #REPLAY}, or {@code other}
     * @param statement the migration's statement whose lock on the primary replay had or wanted; null when it is none's
     */
    public record Wait(
            double startMs,
            double durationMs,
            String relation,
            String mode,
            String operation,
            String behind,
            @Nullable Integer statement) {}

    /**
     * Reads that waited behind replay for one relation.
     *
     * @param statement the migration's whose lock it was; null when it is none's
     * @param waits how many
     * @param inAllMs all of them together
     */
    public record Blocked(
            @Nullable Integer statement,
            String relation,
            int waits,
            double longestMs,
            double inAllMs,
            List<String> operations) {}
}
