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
 *
 * <p>A pass along the key does not find what appears behind it: a random key, or a lower number that is committed later. With
 * a condition it therefore begins again from the smallest key, until a pass changes nothing. Without one, a single pass is
 * right by definition: the rows that are there when it comes by. So it is when the condition still finds what was changed
 * and cannot tell what is left, which then is a notice. A row that is committed after the last pass is nobody's but the
 * application's.
 */
final class BackfillRun {
    /** After so many passes that each changed rows, more are added than a back-fill can catch up with. */
    static final int MOST_PASSES = 10;

    private final Execution execution;
    private final MigrationSession session;
    private final Step.Backfill step;
    private final DatabaseState state;
    private final List<Long> nanosOfEach = new ArrayList<>();
    private Notices notices = Notices.NONE;
    /** One of those that begin a pass, and one of the others. */
    private final List<String> sent = new ArrayList<>();

    private long rows;
    private long ended;
    private long failed;
    private long retried;
    /** The one that runs, from 1. */
    private int pass = 1;
    /** Rows that it has changed so far. */
    private long rowsOfPass;
    /** Rows that were changed and that the condition still found, in the first batch of a pass. */
    private long stillFound;
    /** Whether the last pass has found its last row. */
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
        @Nullable Long total;
        try {
            Optional<PrimaryKey> found = session.primaryKey(step.sql().table());
            if (found.isEmpty() || found.get().columns().isEmpty()) {
                return StepEnd.failed("the back-fill at " + step.file() + ":"
                        + step.place().line() + " did not start: the table "
                        + step.sql().table()
                        + (found.isEmpty() ? " does not exist" : " has no primary key to find its rows by"));
            }
            key = found.get();
            total = step.sql().where() == null
                    ? session.estimatedRows(step.sql().table())
                    : null;
        } catch (SQLException failure) {
            return execution.isBraked()
                    ? StepEnd.HALTED
                    : StepEnd.failed("the primary key of " + step.sql().table()
                            + " could not be read, and the back-fill did not start: " + failure.getMessage());
        }
        SqlStatement statement = step.statement(step.sql().withPlaceholders(key));
        long start = execution.begin(statement, 1);
        return end(statement, start, batches(statement, key, total));
    }

    /**
     * The failure that ended it; null when every row was found, or the brake was pulled between two batches.
     *
     * @param total how many rows there are to change, about; null when nobody knows
     */
    private @Nullable ServerError batches(SqlStatement statement, PrimaryKey key, @Nullable Long total) {
        String sql = step.sql().first(key);
        sent.add(sql);
        int attempt = 1;
        while (!execution.isBraked()) {
            long start = execution.clock().nanos();
            List<String> answer;
            try {
                answer = session.row(sql);
                ended++;
                notices = notices.and(session.notices());
            } catch (SQLException failure) {
                failed++;
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
            attempt = 1;
            if (answer.isEmpty()) {
                if (isLastPass()) {
                    complete = true;
                    return null;
                }
                if (pass == MOST_PASSES) {
                    return new ServerError(null, neverComplete());
                }
                pass++;
                rowsOfPass = 0;
                sql = step.sql().first(key);
                continue;
            }
            nanosOfEach.add(execution.clock().nanos() - start);
            count(Long.parseLong(answer.get(0)), Long.parseLong(answer.get(1)));
            execution.listener().rowsChanged(statement, step.sql().table(), rows, total);
            sql = step.sql().behind(key, answer.subList(2, answer.size()));
            if (sent.size() == 1) {
                sent.add(sql);
            }
            if (!step.pause().isZero()) {
                execution.rest(step.pause());
            }
        }
        return null;
    }

    private boolean isLastPass() {
        return step.sql().where() == null || rowsOfPass == 0 || stillFound > 0;
    }

    private String neverComplete() {
        return "rows keep appearing that the condition finds: each of " + MOST_PASSES
                + " passes along the key changed some, the last one " + rowsOfPass
                + "; what the batches changed is committed. Have the application, or a default, write what the back-fill"
                + " writes before it begins";
    }

    private void count(long changed, long found) {
        rows += changed;
        rowsOfPass += changed;
        if (found > 0 && stillFound == 0) {
            notices = notices.and(Notices.of("the condition still finds rows that were changed (" + found + " of "
                    + changed
                    + " in a batch), so it cannot find those that are left: this pass is the last one, and rows"
                    + " that appear behind it are not changed"));
        }
        stillFound += found;
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
                retried,
                sent,
                ended,
                failed);
    }
}
