package dev.pgrehearse.migration;

import dev.pgrehearse.postgres.ConnectionDetails;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The run of a migration, step by step, and of the cleaning after a stop. Used once, by one thread. */
final class MigrationRun {
    private final Execution execution;
    private final ConnectionDetails superuser;
    private final Migration migration;
    private final Cleaning cleaning;
    private final DatabaseState state;
    private int stepsRun;
    private @Nullable String fault;
    private boolean halted;
    private @Nullable StopSeen stopSeen;
    private String cleaned = "";

    MigrationRun(Execution execution, ConnectionDetails superuser, Migration migration, Cleaning cleaning) {
        this.execution = execution;
        this.superuser = superuser;
        this.migration = migration;
        this.cleaning = cleaning;
        this.state = new DatabaseState(migration.statements());
    }

    MigrationResult run() {
        long start = execution.clock().nanos();
        runSteps();
        StopSeen stop = stopSeen;
        if (stop != null && fault == null) {
            clean(stop);
        }
        List<StatementRun> runs = execution.runs();
        return new MigrationResult(
                outcome(),
                execution.mostAttempts(),
                state.inWords() + cleaned,
                fault,
                runs.isEmpty() ? start : runs.get(0).startNanos(),
                runs.isEmpty() ? start : runs.get(runs.size() - 1).endNanos(),
                runs,
                stop);
    }

    private RunOutcome outcome() {
        if (fault != null) {
            return RunOutcome.FAILED;
        }
        return halted ? RunOutcome.INTERRUPTED : stopSeen == null ? RunOutcome.OK : RunOutcome.STOPPED;
    }

    private void runSteps() {
        Stop whole = stop(migration.stopAfter());
        int first = 0;
        boolean goesOn = true;
        while (goesOn && stepsRun < migration.steps().size()) {
            if (execution.isBraked()) {
                halted = true;
                break;
            }
            Step step = migration.steps().get(stepsRun);
            int count = step.statements().size();
            goesOn = runStep(step, ++stepsRun, whole, state.of(first, count));
            first += count;
        }
        whole.close();
        Stop pulled = execution.brake().stop();
        if (pulled == whole && halted && !execution.brake().isInterrupted()) {
            halted = false;
            stopSeen = seen("the migration", whole);
        } else {
            tellWhenTooLate("the migration", whole);
        }
        execution.brake().release();
    }

    /** Whether the next step follows. */
    private boolean runStep(Step step, int number, Stop whole, DatabaseState part) {
        Stop own = stop(step.stopAfter());
        execution.onStart(nanos -> {
            whole.started(nanos);
            own.started(nanos);
        });
        StepEnd end = perform(step, part);
        own.close();
        String told = end.fault();
        if (told != null) {
            fault = told;
        }
        boolean stoppedHere =
                execution.brake().stop() == own && !execution.brake().isInterrupted();
        if (!stoppedHere) {
            halted = end.halted();
            if (end.isDone()) {
                tellWhenTooLate("step " + number, own);
            }
            return end.isDone();
        }
        if (end.halted()) {
            execution.listener().stopped(seen("step " + number, own));
        } else {
            tellWhenTooLate("step " + number, own);
        }
        execution.brake().release();
        return fault == null && hasSession();
    }

    private StepEnd perform(Step step, DatabaseState part) {
        if (step instanceof Step.Script script) {
            return new ScriptRun(execution, script.statements(), part).run();
        }
        if (step instanceof Step.Backfill backfill) {
            return new BackfillRun(execution, backfill, part).run();
        }
        execution.restAsStep(((Step.Rest) step).length());
        return execution.isBraked() ? StepEnd.HALTED : StepEnd.DONE;
    }

    private void clean(StopSeen stop) {
        execution.onStart(nanos -> {});
        List<SqlStatement> statements =
                cleaning.after(stop, migration.clean(), migration.statements().size() + 1);
        execution.listener().stopped(stop);
        if (statements.isEmpty() || !hasSessionForCleaning()) {
            return;
        }
        DatabaseState after = new DatabaseState(statements);
        StepEnd end = new ScriptRun(execution, statements, after).run();
        cleaned = "; of the cleaning, " + after.inWords();
        String told = end.fault();
        fault = told == null ? null : "the cleaning after the stop failed: " + told;
        halted = end.halted();
    }

    /** Whether there is a session: a fresh one in place of one that was cut. */
    private boolean hasSession() {
        try {
            execution.reopenIfLost();
            return true;
        } catch (SQLException failure) {
            return noSession(failure);
        }
    }

    private boolean hasSessionForCleaning() {
        try {
            execution.openForCleaning();
            return true;
        } catch (SQLException failure) {
            return noSession(failure);
        }
    }

    private boolean noSession(SQLException failure) {
        fault = "after the stop no session could be opened: " + failure.getMessage();
        return false;
    }

    private Stop stop(@Nullable Duration after) {
        return new Stop(after, execution.brake(), execution.clock(), execution::session);
    }

    private StopSeen seen(String what, Stop stop) {
        List<StatementRun> runs = execution.runs();
        long lastEnd = runs.isEmpty() ? 0 : runs.get(runs.size() - 1).endNanos();
        Duration after = stop.after();
        boolean terminated = stop.isCut() && awaitBackendsEnd();
        return new StopSeen(
                what,
                after == null ? Duration.ZERO : after,
                stop.askedNanos(),
                stop.isCut() ? execution.clock().nanos() : Math.max(stop.askedNanos(), lastEnd),
                stop.isCut(),
                terminated);
    }

    /** Before anything else runs: whether the backend had to be terminated. What cannot be seen to is a fault. */
    private boolean awaitBackendsEnd() {
        try {
            return new CutBackend(execution.session().backendPid()).awaitEnd(superuser);
        } catch (SQLException failure) {
            fault = "after the stop the end of the backend whose connection was cut could not be seen: "
                    + failure.getMessage();
            return false;
        }
    }

    private void tellWhenTooLate(String what, Stop stop) {
        Duration after = stop.after();
        if (after != null && fault == null && !halted) {
            long took = execution.clock().nanos() - stop.startNanos();
            execution.listener().stopCameTooLate(what, after, Duration.ofNanos(took));
        }
    }
}
