package dev.pgrehearse.rehearsal;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.dataset.DatasetException;
import dev.pgrehearse.dataset.DatasetLoader;
import dev.pgrehearse.dataset.PreparedDataset;
import dev.pgrehearse.migration.Cleaning;
import dev.pgrehearse.migration.Migration;
import dev.pgrehearse.migration.MigrationResult;
import dev.pgrehearse.migration.MigrationRunner;
import dev.pgrehearse.migration.SqlStatement;
import dev.pgrehearse.observe.ObservedDatabase;
import dev.pgrehearse.observe.Observer;
import dev.pgrehearse.observe.Watched;
import dev.pgrehearse.plan.Rehearsal;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.postgres.SqlState;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.Journal;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.SizeFacts;
import dev.pgrehearse.server.RunningServer;
import dev.pgrehearse.server.ServerHost;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The migration on a running server that nobody else uses: what is measured is the table's doing, and nothing the
 * workload's. Used once, by one thread.
 */
final class QuietRun {
    private final Rehearsal rehearsal;
    private final Map<String, Integer> workers;
    private final Journal journal;
    private final RehearsalClock clock;
    private final Progress progress;
    private SizeFacts facts = SizeFacts.NONE;
    private long endNanos = -1;

    /**
     * @param workers that index builds get by the table's {@code parallel_workers}, by table; others get what PostgreSQL gives
     */
    QuietRun(
            Rehearsal rehearsal,
            Map<String, Integer> workers,
            Journal journal,
            RehearsalClock clock,
            Progress progress) {
        this.rehearsal = rehearsal;
        this.workers = Map.copyOf(workers);
        this.journal = journal;
        this.clock = clock;
        this.progress = progress;
    }

    /** When the measurement ended, on the rehearsal's clock; now, when it never began. */
    long endNanos() {
        return endNanos < 0 ? clock.nanos() : endNanos;
    }

    /** What decides about cliffs at this size; {@link SizeFacts#NONE} when the run did not come to its end. */
    SizeFacts facts() {
        return facts;
    }

    /**
     * Runs it.
     *
     * @param host that the server was started by
     * @throws IOException also when the server died, or the journal could not be written, meanwhile
     */
    void on(ServerHost host, RunningServer server, PreparedDataset dataset, Migration migration)
            throws SQLException, DatasetException, IOException, InterruptedException {
        Watch watch = new Watch(server.died(), new CompletableFuture<>(), new CompletableFuture<>(), journal);
        Provenance.of(server, server.facts()).forEach(journal::add);
        ObservedDatabase.equip(
                server.superuser(),
                migration.scripted().stream().map(SqlStatement::sql).toList());
        giveWorkers(server.superuser());
        CacheDoubt.of(new DatasetLoader(progress)
                        .warm(
                                server.superuser(),
                                dataset,
                                rehearsal.variant().conditions().dataset().cache()))
                .ifPresent(doubt -> journal.add(new Fact.Doubted(doubt)));
        MigrationRunner.prepare(server.app(), server.superuser());
        checkpoint(server.superuser());
        Sessions sessions = new Sessions();
        try (Observer observer = Observer.open(
                new Watched(server.superuser(), server.postmasterPid(), List::of, Watched.App.NONE),
                clock,
                journal,
                sessions)) {
            observer.start();
            if (RehearsalCopy.usesThisMachine(host)) {
                UsedMemory.ofThisMachine()
                        .takeAndGiveBack(host.scratch())
                        .ifPresent(doubt -> journal.add(new Fact.Doubted(doubt)));
            }
            migrate(server, migration, observer, sessions, watch);
            endNanos = clock.nanos();
            observer.finish();
            observer.readIndexes();
        } catch (SQLException failure) {
            watch.lookAfter(SqlState.meansConnectionLost(failure.getSQLState()));
            throw failure;
        }
        facts = SizeFactsReader.read(server.superuser());
    }

    /** Every run writes the same full-page images: those of a checkpoint that was just there. */
    private static void checkpoint(ConnectionDetails superuser) throws SQLException {
        try (Connection connection = superuser.open("pgrehearse checkpoint");
                Statement statement = connection.createStatement()) {
            statement.execute("CHECKPOINT");
        }
    }

    /** With a table's own number PostgreSQL looks at nothing else, also not whether there is memory for so many. */
    private void giveWorkers(ConnectionDetails superuser) throws SQLException {
        if (workers.isEmpty()) {
            return;
        }
        try (Connection connection = superuser.open("pgrehearse workers");
                PreparedStatement named = connection.prepareStatement(SizeFactsReader.TABLE_BY_NAME);
                Statement statement = connection.createStatement()) {
            for (Map.Entry<String, Integer> table : workers.entrySet()) {
                named.setString(1, table.getKey());
                try (ResultSet row = named.executeQuery()) {
                    if (!row.next()) {
                        throw new SQLException("there is no table " + table.getKey() + " to give workers to");
                    }
                    statement.execute(
                            "ALTER TABLE " + row.getString(1) + " SET (parallel_workers = " + table.getValue() + ")");
                }
            }
        }
    }

    private void migrate(RunningServer server, Migration migration, Observer observer, Sessions sessions, Watch watch)
            throws IOException, SQLException, InterruptedException {
        MigrationRunner runner = MigrationThread.runner(
                server, rehearsal.variant().migration(), clock, sessions, new MigrationFacts(journal, observer, clock));
        long start = clock.nanos();
        journal.add(new Fact.PhaseBegan(Recording.Phase.MIGRATION, start));
        observer.phaseBegan(Recording.Phase.MIGRATION);
        String task = rehearsal.id() + ": migration";
        progress.report(ProgressEvent.started(task, 0, null));
        journal.add(new Fact.MigrationBegan("sql", null, start));
        MigrationResult result = MigrationThread.run(runner, migration, Cleaning.NONE, watch::look);
        journal.add(new Fact.MigrationEnded(
                result.outcome().key(), result.attempts(), 1, result.state(), result.endNanos()));
        progress.report(ProgressEvent.finished(task));
        MigrationThread.requireOwnFailure(result, journal);
    }
}
