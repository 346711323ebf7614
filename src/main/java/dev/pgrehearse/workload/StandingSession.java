package dev.pgrehearse.workload;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.scenario.AdversarySpec;
import dev.pgrehearse.scenario.AdversarySpec.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** An adversary that is one session on a thread of its own, and holds on to something for its time. */
final class StandingSession implements Adversary {
    private final AdversarySpec spec;
    private final AdversaryGround ground;
    private final RehearsalClock clock;
    private final Connection connection;
    private final int pid;
    private final Sessions sessions;
    private final AdversaryEvents events;
    private final String remark;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final CompletableFuture<Long> planted = new CompletableFuture<>();
    private volatile boolean closed;

    private StandingSession(
            AdversarySpec spec, AdversaryGround ground, Connection connection, AdversaryEvents events, String remark)
            throws SQLException {
        this.spec = spec;
        this.ground = ground;
        this.clock = ground.clock();
        this.connection = connection;
        this.sessions = ground.sessions();
        this.events = events;
        this.remark = remark;
        this.pid = connection.unwrap(PGConnection.class).getBackendPID();
    }

    static StandingSession plant(AdversarySpec spec, AdversaryGround ground, AdversaryEvents events)
            throws SQLException {
        // The simple protocol: a long read must run as one statement, without a plan that was prepared before.
        Connection connection = ground.app().open("pgrehearse adversary", Map.of("preferQueryMode", "simple"));
        StandingSession adversary = new StandingSession(spec, ground, connection, events, remark(spec));
        ground.sessions()
                .begin(
                        adversary.pid,
                        new Sessions.Use(Sessions.Role.ADVERSARY, spec.kind().key()));
        Thread thread = new Thread(adversary::stand, "adversary " + spec.kind().key());
        thread.setDaemon(true);
        thread.start();
        return adversary;
    }

    private static String remark(AdversarySpec spec) {
        if (spec.kind() != Kind.DUMP) {
            return "";
        }
        return "the locks and the snapshot of a dump, without pg_dump"
                + (spec.program() ? ", since no pg_dump that can dump this server was found" : "");
    }

    @Override
    public Integer pid() {
        return pid;
    }

    @Override
    public AdversarySpec spec() {
        return spec;
    }

    @Override
    public @Nullable Long plantedNanos() {
        return planted.isCompletedExceptionally() ? null : planted.getNow(null);
    }

    @Override
    public String remark() {
        return remark;
    }

    private void stand() {
        try (connection;
                Statement statement = connection.createStatement()) {
            if (spec.kind() == Kind.LONG_READ) {
                planted.complete(clock.nanos());
                statement.execute(longRead());
            } else {
                hold(statement);
            }
        } catch (SQLException failure) {
            planted.completeExceptionally(failure);
            // A statement cut off by close() is how a long read ends early.
            if (!closed) {
                events.told(
                        AdversaryEvents.FAILED,
                        spec.kind().key() + " on " + spec.table() + " did not stay its time: " + failure.getMessage());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            sessions.end(pid);
            events.gone(clock.nanos());
        }
    }

    private void hold(Statement statement) throws SQLException, InterruptedException {
        connection.setTransactionIsolation(
                spec.kind() == Kind.IDLE_IN_TRANSACTION
                        ? Connection.TRANSACTION_READ_COMMITTED
                        : Connection.TRANSACTION_REPEATABLE_READ);
        long end = clock.nanos() + spec.lasts().toNanos();
        connection.setAutoCommit(false);
        if (spec.kind() == Kind.DUMP) {
            DumpedTables tables = DumpedTables.lock(connection);
            planted.complete(clock.nanos());
            tables.read(() -> !closed && clock.nanos() < end);
        } else {
            String sql = spec.sql();
            statement.execute(sql != null ? sql : "SELECT 1 FROM " + Quoted.table(spec.table()) + " LIMIT 1");
            planted.complete(clock.nanos());
        }
        stay(end);
    }

    private void stay(long end) throws SQLException, InterruptedException {
        try (BackendWatch watch = BackendWatch.of(pid, ground, closing)) {
            BackendWatch.End how = watch.await(end);
            if (how != BackendWatch.End.CLOSING) {
                // Of a session that was ended this brings the server's own words.
                connection.rollback();
            }
            if (how == BackendWatch.End.BACKEND_GONE) {
                throw new SQLException("its session was ended");
            }
        }
    }

    /** Holds ACCESS SHARE on the table and a snapshot for exactly its time, whatever the table holds. */
    private String longRead() {
        return "SELECT pg_sleep(" + spec.lasts().toNanos() / 1e9 + ") FROM (SELECT count(*) FROM (SELECT 1 FROM "
                + Quoted.table(spec.table()) + " LIMIT 1) AS some_row) AS long_read";
    }

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
