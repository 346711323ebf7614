package dev.pgrehearse.rehearsal;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.migration.MigrationListener;
import dev.pgrehearse.migration.SqlStatement;
import dev.pgrehearse.migration.StatementRun;
import dev.pgrehearse.observe.Observer;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import java.time.Duration;

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
    public void statementStarted(SqlStatement statement, int attempt, int backendPid, long atNanos) {
        pid = backendPid;
        observer.statementStarted(statement.index(), attempt, backendPid, statement.sql());
    }

    @Override
    public void statementEnded(StatementRun run) {
        observer.statementEnded(run.statement().index(), run.attempt(), pid);
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
    }

    @Override
    public void pausing(Duration backoff, String why) {
        facts.add(new Fact.Happened(clock.nanos(), "retry", "waiting " + backoff.toMillis() + " ms: " + why));
    }
}
