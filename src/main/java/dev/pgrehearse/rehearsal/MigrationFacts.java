package dev.pgrehearse.rehearsal;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.migration.Batches;
import dev.pgrehearse.migration.MigrationListener;
import dev.pgrehearse.migration.RunOutcome;
import dev.pgrehearse.migration.SqlStatement;
import dev.pgrehearse.migration.StatementRun;
import dev.pgrehearse.migration.StopSeen;
import dev.pgrehearse.observe.Observer;
import dev.pgrehearse.observe.Sent;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import dev.pgrehearse.recording.Recording;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Turns what the migration does into facts, and tells the observer which statement is under way. */
final class MigrationFacts implements MigrationListener {
    private final FactSink facts;
    private final Observer observer;
    private final RehearsalClock clock;
    private int pid;

    MigrationFacts(FactSink facts, Observer observer, RehearsalClock clock) {
        this.facts = facts;
        this.observer = observer;
        this.clock = clock;
    }

    @Override
    public void statementStarted(SqlStatement statement, int attempt, int backendPid) {
        pid = backendPid;
        observer.statementStarted(statement.index(), attempt, backendPid, statement.sql());
    }

    @Override
    public void statementEnded(StatementRun run) {
        Batches batches = run.batches();
        if (batches == null) {
            observer.statementEnded(run.statement().index(), run.attempt(), pid, run.outcome() != RunOutcome.OK);
        } else {
            observer.backfillEnded(
                    run.statement().index(),
                    run.attempt(),
                    pid,
                    new Sent(batches.sent(), batches.ended(), batches.failed()));
        }
        facts.add(new Fact.StatementRan(
                run.statement().index(),
                run.attempt(),
                run.transaction(),
                run.statement().file(),
                run.statement().line(),
                run.statement().sql(),
                run.startNanos(),
                run.endNanos(),
                run.outcome().key(),
                run.sqlState(),
                run.error(),
                run.wrapped(),
                run.locksKnown(),
                run.locks().stream()
                        .map(lock -> new Fact.HeldLock(
                                lock.relation(),
                                new Fact.LockModeName(lock.mode().sqlName())))
                        .toList(),
                run.rewrote(),
                run.scanned()));
        if (!run.notices().first().isEmpty()) {
            facts.add(new Fact.StatementTold(
                    run.statement().index(),
                    run.attempt(),
                    run.notices().first().stream()
                            .map(notice -> new Recording.Notice(notice.sqlState(), notice.message()))
                            .toList(),
                    run.notices().more()));
        }
        if (batches != null) {
            facts.add(new Fact.BatchesRan(
                    run.statement().index(),
                    run.attempt(),
                    new Recording.Batches(
                            batches.count(),
                            batches.rows(),
                            batches.medianMs(),
                            batches.longestMs(),
                            batches.retried())));
        }
    }

    @Override
    public void rowsChanged(SqlStatement statement, String table, long rows, @Nullable Long total) {
        observer.rowsChanged(statement.index(), 1, table, rows, total);
    }

    @Override
    public void pausing(Duration backoff, String why) {
        facts.add(new Fact.Happened(clock.nanos(), "retry", "waiting " + backoff.toMillis() + " ms: " + why));
    }

    @Override
    public void stopped(StopSeen stop) {
        double endedMs = (stop.endedNanos() - stop.askedNanos()) / 1e6;
        facts.add(new Fact.Happened(
                stop.askedNanos(),
                "stop",
                String.format(
                        Locale.ROOT,
                        "the scenario stopped %s %s after its start; %.1f ms later nothing of it ran any more%s",
                        stop.what(),
                        seconds(stop.after()),
                        endedMs,
                        stop.cut() ? ", because its connection was cut" : "")));
        if (stop.cut()) {
            facts.add(new Fact.Doubted(new Recording.Doubt(
                    "stop-not-heeded",
                    "The server did not heed the request to cancel " + stop.what()
                            + ", and its connection was cut"
                            + (stop.terminated()
                                    ? "; its backend ran on, until the superuser used pg_terminate_backend"
                                    : "")
                            + ": what became of the statement is not known.")));
        }
    }

    @Override
    public void stopCameTooLate(String what, Duration after, Duration took) {
        // Between the last statement's end and that of our own readings the stop still came
        String text = took.compareTo(after) < 0
                ? "the stop never came: " + what + " had ended after " + seconds(took) + ", before " + seconds(after)
                : "the stop came too late: " + what + " had run its last statement when it came, after "
                        + seconds(after);
        facts.add(new Fact.Happened(clock.nanos(), "stop-too-late", text));
        facts.add(new Fact.Doubted(
                new Recording.Doubt("stop-too-late", Character.toUpperCase(text.charAt(0)) + text.substring(1) + ".")));
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.3f s", duration.toNanos() / 1e9);
    }
}
