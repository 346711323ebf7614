package dev.pgrehearse.workload;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.scenario.AdversarySpec;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Something planted beside the load, on a session and a thread of its own. Whether it stands is for the observer to prove.
 *
 * <p>{@link #plant} returns at once; the adversary leaves by itself after its time, or when it is closed.
 */
public final class Adversary implements AutoCloseable {
    private final AdversarySpec spec;
    private final RehearsalClock clock;
    private final Connection connection;
    private final int pid;
    private final Sessions sessions;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final CompletableFuture<Long> planted = new CompletableFuture<>();
    private volatile boolean closed;

    private Adversary(AdversarySpec spec, RehearsalClock clock, Connection connection, Sessions sessions)
            throws SQLException {
        this.spec = spec;
        this.clock = clock;
        this.connection = connection;
        this.sessions = sessions;
        this.pid = connection.unwrap(PGConnection.class).getBackendPID();
    }

    /**
     * Plants it.
     *
     * @param gone is told when it left, on the rehearsal's clock
     */
    public static Adversary plant(
            AdversarySpec spec, ConnectionDetails database, RehearsalClock clock, Sessions sessions, LongConsumer gone)
            throws SQLException {
        // The simple protocol: a long read must run as one statement, without a plan that was prepared before.
        Connection connection = database.open("pgrehearse adversary", Map.of("preferQueryMode", "simple"));
        Adversary adversary = new Adversary(spec, clock, connection, sessions);
        sessions.begin(
                adversary.pid,
                new Sessions.Use(Sessions.Role.ADVERSARY, spec.kind().key()));
        Thread thread = new Thread(
                () -> adversary.stand(gone), "adversary " + spec.kind().key());
        thread.setDaemon(true);
        thread.start();
        return adversary;
    }

    public int pid() {
        return pid;
    }

    public AdversarySpec spec() {
        return spec;
    }

    /** When it was planted, on the rehearsal's clock; null when that failed, or has not happened yet. */
    public @Nullable Long plantedNanos() {
        return planted.isCompletedExceptionally() ? null : planted.getNow(null);
    }

    private void stand(LongConsumer gone) {
        try (connection;
                Statement statement = connection.createStatement()) {
            if (spec.kind() == AdversarySpec.Kind.LONG_READ) {
                planted.complete(clock.nanos());
                statement.execute(longRead());
            } else {
                connection.setTransactionIsolation(
                        spec.kind() == AdversarySpec.Kind.OLD_SNAPSHOT
                                ? Connection.TRANSACTION_REPEATABLE_READ
                                : Connection.TRANSACTION_READ_COMMITTED);
                connection.setAutoCommit(false);
                String sql = spec.sql();
                statement.execute(sql != null ? sql : "SELECT 1 FROM " + Quoted.table(spec.table()) + " LIMIT 1");
                planted.complete(clock.nanos());
                boolean closedEarly = closing.await(spec.lasts().toNanos(), TimeUnit.NANOSECONDS);
                if (!closedEarly) {
                    connection.rollback();
                }
            }
        } catch (SQLException failure) {
            // A statement cut off by close() is how a long read ends early; any other failure shows in the proof.
            planted.completeExceptionally(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            sessions.end(pid);
            gone.accept(clock.nanos());
        }
    }

    /** Holds ACCESS SHARE on the table and a snapshot for exactly its time, whatever the table holds. */
    private String longRead() {
        return "SELECT pg_sleep(" + spec.lasts().toNanos() / 1e9 + ") FROM (SELECT count(*) FROM (SELECT 1 FROM "
                + Quoted.table(spec.table()) + " LIMIT 1) AS some_row) AS long_read";
    }

    /** Makes it leave now. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        closing.countDown();
        try {
            connection.unwrap(PGConnection.class).cancelQuery();
        } catch (SQLException alreadyGone) {
            planted.completeExceptionally(alreadyGone);
        }
    }
}
