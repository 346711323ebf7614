package dev.pgrehearse.app;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.SqlState;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import dev.pgrehearse.recording.SqlErrors;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Counts what the server answered to tries that ended as {@code sql_error}: which operation, which SQLSTATE, which words.
 * Each kind is written once a second at most, so that a million errors are a few facts. Thread-safe.
 */
final class SqlErrorLedger {
    /** Kinds that are told apart; whatever comes beyond is counted together, so that memory is bounded. */
    static final int MOST_KINDS = 200;

    private static final long SPAN_NANOS = Duration.ofSeconds(1).toNanos();
    private static final List<String> REST = List.of("");

    /** The server's function that finds that a prepared statement returns other columns than before; the words are translated. */
    private static final String CACHED_PLAN_ROUTINE = "RevalidateCachedQuery";

    private final RehearsalClock clock;
    private final FactSink facts;
    private final Map<List<String>, Count> counts = new HashMap<>();
    private boolean closed;

    SqlErrorLedger(RehearsalClock clock, FactSink facts) {
        this.clock = clock;
        this.facts = facts;
    }

    /** Errors of one kind since the last were written. */
    private static final class Count {
        private final Fact.SqlErrorsSeen first;
        private long count;
        private long last;

        Count(Fact.SqlErrorsSeen first) {
            this.first = first;
            this.count = 1;
            this.last = first.lastNanos();
        }

        Fact.SqlErrorsSeen fact() {
            return new Fact.SqlErrorsSeen(
                    first.operation(),
                    first.sqlState(),
                    first.kind(),
                    first.message(),
                    count,
                    first.firstNanos(),
                    last);
        }
    }

    /** A try of the operation ended with this error. */
    synchronized void met(String operation, SQLException error) {
        if (closed) {
            return;
        }
        long now = clock.nanos();
        String state = error.getSQLState();
        String message = message(error);
        List<String> kind = List.of(operation, SqlErrors.messageClass(state, message));
        boolean rest = !counts.containsKey(kind) && counts.size() >= MOST_KINDS;
        List<String> key = rest ? REST : kind;
        Count counted = counts.get(key);
        if (counted != null && now - counted.first.firstNanos() < SPAN_NANOS) {
            counted.count++;
            counted.last = now;
            return;
        }
        if (counted != null) {
            facts.add(counted.fact());
        }
        counts.put(
                key,
                new Count(
                        rest
                                ? new Fact.SqlErrorsSeen(
                                        "", null, SqlErrors.OTHER, "errors of further kinds", 1, now, now)
                                : new Fact.SqlErrorsSeen(operation, state, kindOf(error), message, 1, now, now)));
    }

    /** Writes what was not written yet; what comes from now on is the end's doing. */
    synchronized void close() {
        if (!closed) {
            closed = true;
            counts.values().forEach(counted -> facts.add(counted.fact()));
        }
    }

    /** The server's words without detail and hint, in which values may be; the driver's where the server said nothing. */
    private static String message(SQLException error) {
        ServerErrorMessage server = serverMessage(error);
        String words = server == null ? null : server.getMessage();
        if (words == null) {
            words = String.valueOf(error.getMessage()).lines().findFirst().orElse("");
        }
        return words;
    }

    static String kindOf(SQLException error) {
        ServerErrorMessage server = serverMessage(error);
        boolean cachedPlan = SqlState.FEATURE_NOT_SUPPORTED.equals(error.getSQLState())
                && server != null
                && CACHED_PLAN_ROUTINE.equals(server.getRoutine());
        return cachedPlan ? SqlErrors.CACHED_PLAN : SqlErrors.OTHER;
    }

    private static @Nullable ServerErrorMessage serverMessage(SQLException error) {
        return error instanceof PSQLException ours ? ours.getServerErrorMessage() : null;
    }
}
