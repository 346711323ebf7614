package dev.pgrehearse.migration;

import dev.pgrehearse.migration.DatabaseState.Fate;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The run of a back-fill: one batch after the other, each in a transaction of its own, until one finds no row. To everybody
 * else it is one statement. Used once, by one thread.
 */
final class BackfillRun {
    private final Execution execution;
    private final MigrationSession session;
    private final Step.Backfill step;
    private final DatabaseState state;
    private final List<Long> nanosOfEach = new ArrayList<>();
    private Notices notices = Notices.NONE;
    private long rows;
    private long retried;
    /** Whether a batch has found no row any more. */
    private boolean complete;

    BackfillRun(Execution execution, Step.Backfill step, DatabaseState state) {
        this.execution = execution;
        this.session = execution.session();
        this.step = step;
        this.state = state;
    }

    StepEnd run() {
        if (execution.isBraked()) {
            return StepEnd.HALTED;
        }
        PrimaryKey key;
        try {
            Optional<PrimaryKey> found = session.primaryKey(step.sql().table());
            if (found.isEmpty() || found.get().columns().isEmpty()) {
                return StepEnd.failed("the back-fill at " + step.file() + ":"
                        + step.place().line() + " did not start: the table "
                        + step.sql().table()
                        + (found.isEmpty() ? " does not exist" : " has no primary key to find its rows by"));
            }
            key = found.get();
        } catch (SQLException failure) {
            return execution.isBraked()
                    ? StepEnd.HALTED
                    : StepEnd.failed("the primary key of " + step.sql().table()
                            + " could not be read, and the back-fill did not start: " + failure.getMessage());
        }
        SqlStatement statement = step.statement(step.sql().withPlaceholders(key));
        long start = execution.begin(statement, 1);
        return end(statement, start, batches(statement, key));
    }

    /** The failure that ended it; null when every row was found, or the brake was pulled between two batches. */
    private @Nullable ServerError batches(SqlStatement statement, PrimaryKey key) {
        String sql = step.sql().first(key);
        int attempt = 1;
        while (!execution.isBraked()) {
            long start = execution.clock().nanos();
            List<String> answer;
            try {
                answer = session.row(sql);
                notices = notices.and(session.notices());
            } catch (SQLException failure) {
                notices = notices.and(session.notices());
                ServerError error = ServerError.ofOurs(failure, statement);
                if (execution.isBraked() || !execution.mayRetry(error.sqlState(), attempt)) {
                    return error;
                }
                retried++;
                execution.tried(++attempt);
                execution.pauseBeforeRetry(error.of(statement));
                continue;
            }
            if (answer.isEmpty()) {
                complete = true;
                return null;
            }
            nanosOfEach.add(execution.clock().nanos() - start);
            rows += Long.parseLong(answer.get(0));
            sql = step.sql().behind(key, answer.subList(1, answer.size()));
            attempt = 1;
            if (!step.pause().isZero()) {
                execution.rest(step.pause());
            }
        }
        return null;
    }

    private StepEnd end(SqlStatement statement, long start, @Nullable ServerError error) {
        long end = execution.end();
        boolean halted = error == null ? !complete : execution.endedByBrake(error.sqlState());
        RunOutcome outcome = complete ? RunOutcome.OK : halted ? execution.brakedOutcome() : RunOutcome.FAILED;
        execution.heeded();
        execution.ended(new StatementRun(
                statement,
                1,
                0,
                start,
                end,
                outcome,
                error == null ? null : error.sqlState(),
                error == null ? null : error.message(),
                false,
                List.of(),
                false,
                List.of(),
                List.of(),
                notices,
                measured()));
        state.set(0, complete ? Fate.COMMITTED : halted ? Fate.CANCELLED_PARTLY : Fate.FAILED_PARTLY);
        return complete ? StepEnd.DONE : halted || error == null ? StepEnd.HALTED : StepEnd.failed(error.of(statement));
    }

    private Batches measured() {
        List<Long> sorted = new ArrayList<>(nanosOfEach);
        Collections.sort(sorted);
        int count = sorted.size();
        return new Batches(
                count,
                rows,
                count == 0 ? 0 : sorted.get((count - 1) / 2) / 1e6,
                count == 0 ? 0 : sorted.get(count - 1) / 1e6,
                retried);
    }
}
