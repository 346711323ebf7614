package dev.pgrehearse.calibration;

import dev.pgrehearse.postgres.SqlState;
import dev.pgrehearse.profile.Calibration.Kind;
import dev.pgrehearse.profile.Calibration.Probe;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The repeats of one probe. One that failed once is not tried again: production has better things to do. Used by one thread. */
abstract sealed class Series permits Computing, Reading {
    /** So long one query may take. */
    static final Duration LONGEST_QUERY = Duration.ofSeconds(5);

    /** With fewer nobody knows how far apart they are. */
    static final int LEAST_REPEATS = 3;

    /** Of PostgreSQL: a temporary file exceeds {@code temp_file_limit}. */
    private static final String LIMIT_EXCEEDED = "53400";

    private static final String NO_PRIVILEGE = "42501";

    private final Kind kind;
    private final Map<String, String> settings;
    private @Nullable String failure;

    Series(Kind kind, Map<String, String> settings) {
        this.kind = kind;
        this.settings = settings;
    }

    final Kind kind() {
        return kind;
    }

    final Map<String, String> settings() {
        return settings;
    }

    final boolean failed() {
        return failure != null;
    }

    /** It cannot be measured, for this reason, a whole sentence. */
    final void fail(String reason) {
        failure = reason;
    }

    /**
     * One repeat.
     *
     * @param left of the time that all probes have together
     * @throws SQLException when the session is lost
     */
    final void repeat(ProbeSession session, Duration left) throws SQLException {
        attempt(left, timeout -> measure(session, timeout));
    }

    /** Queries that may take so long each. */
    interface Attempt {
        void within(Duration timeout) throws SQLException;
    }

    /** Makes it fail when the server refuses a query. */
    final void attempt(Duration left, Attempt attempt) throws SQLException {
        try {
            attempt.within(left.compareTo(LONGEST_QUERY) < 0 ? left : LONGEST_QUERY);
        } catch (SQLException refused) {
            if (SqlState.meansConnectionLost(refused.getSQLState())) {
                throw refused;
            }
            fail(inWords(refused));
        }
    }

    abstract void measure(ProbeSession session, Duration timeout) throws SQLException;

    /** What was measured so often. */
    abstract List<Double> values();

    abstract Probe measured();

    final Probe result() {
        if (failure != null) {
            return Probe.unknown(kind, settings, failure);
        }
        return values().size() < LEAST_REPEATS
                ? Probe.unknown(
                        kind,
                        settings,
                        "The time that all probes may take together was over before it had been repeated "
                                + LEAST_REPEATS + " times.")
                : measured();
    }

    /** The server's own words are not for a file that is given away: they name tables. */
    private static String inWords(SQLException failure) {
        String state = String.valueOf(failure.getSQLState());
        return switch (state) {
            case SqlState.QUERY_CANCELED ->
                "A repeat took longer than it may (" + LONGEST_QUERY.toSeconds()
                        + " s, or what was left of the time of all probes), or was cancelled.";
            case SqlState.LOCK_NOT_AVAILABLE -> "Its table was locked in ACCESS EXCLUSIVE mode by another session.";
            case SqlState.SERIALIZATION_FAILURE, SqlState.DEADLOCK_DETECTED ->
                "Replay on this standby cancelled it (SQLSTATE " + state + ").";
            case NO_PRIVILEGE -> "This role lacks a privilege for it.";
            case LIMIT_EXCEEDED -> "temp_file_limit forbids the temporary files that it needs.";
            case SqlState.DISK_FULL -> "There was no room for its temporary files.";
            case SqlState.OUT_OF_MEMORY -> "The server had not enough memory for it.";
            default -> "The server refused it (SQLSTATE " + state + ").";
        };
    }
}
