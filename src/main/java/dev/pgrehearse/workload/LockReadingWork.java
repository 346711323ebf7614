package dev.pgrehearse.workload;

import dev.pgrehearse.app.Work;
import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.postgres.RelationName;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.OperationLocks;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An operation whose first requests also read which relation locks they have taken, on their own session just before
 * their commit; for that a single statement gets a transaction around it. What triggers, foreign keys and functions lock is
 * among it, which no plan tells. For the warm-up alone, whose requests nobody judges. Thread-safe.
 */
final class LockReadingWork implements Work {
    /** The driver prepares a statement on the server at its fifth run, and its plan may change then, and what it locks. */
    static final int MOST_READINGS = 20;

    private static final String LOCKS = "SELECT " + RelationName.NAME + ", l.mode" + RelationName.FROM
            + " JOIN pg_catalog.pg_locks l ON l.relation = c.oid"
            + " WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted"
            + " AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())"
            + " AND c.relpersistence <> 't' AND " + RelationName.SCHEMA
            + " NOT IN ('pg_catalog', 'information_schema', 'pg_toast')";

    private static final Comparator<OperationLocks.Taken> ORDER = Comparator.comparing(OperationLocks.Taken::relation)
            .thenComparing(taken -> LockMode.valueOf(taken.mode().replace(' ', '_')));

    private final Operation operation;
    private final boolean readable;
    private final AtomicInteger begun = new AtomicInteger();
    private final Set<OperationLocks.Taken> locks = new HashSet<>();
    private int readings;

    LockReadingWork(Operation operation) {
        this.operation = operation;
        this.readable = operation.mayRunInTransaction();
    }

    @Override
    public Sessions.Use use() {
        return operation.use();
    }

    @Override
    public void run(Connection connection, long number) throws SQLException {
        if (readable && begun.getAndIncrement() < MOST_READINGS) {
            operation.runInTransaction(connection, number, this::read);
        } else {
            operation.run(connection, number);
        }
    }

    /** What was read so far. */
    synchronized OperationLocks taken() {
        return new OperationLocks(
                operation.name(), readings, locks.stream().sorted(ORDER).toList());
    }

    private void read(Connection connection) throws SQLException {
        Set<OperationLocks.Taken> held = new HashSet<>();
        try (PreparedStatement query = connection.prepareStatement(LOCKS);
                ResultSet row = query.executeQuery()) {
            while (row.next()) {
                held.add(new OperationLocks.Taken(
                        row.getString(1),
                        LockMode.ofCatalogueName(row.getString(2)).sqlName()));
            }
        }
        synchronized (this) {
            locks.addAll(held);
            readings++;
        }
    }
}
