package dev.pgrehearse.workload;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.scenario.AdversarySpec;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An autovacuum worker on a table: brought about by {@link VacuumDue}, then watched, since the server starts it, cancels it
 * and starts it again by itself.
 */
final class AutovacuumWorker implements Adversary {
    private static final String WORKER = """
            SELECT a.pid, a.query
              FROM pg_catalog.pg_stat_activity a JOIN pg_catalog.pg_locks l ON l.pid = a.pid
             WHERE a.backend_type = 'autovacuum worker' AND l.locktype = 'relation' AND l.granted
               AND l.relation = to_regclass(?) AND l.mode = 'ShareUpdateExclusiveLock'
             LIMIT 1
            """;
    private static final long LOOK_MILLIS = 50;
    private static final long END_BOUND_SECONDS = 20;

    private final AdversarySpec spec;
    private final AdversaryGround ground;
    private final RehearsalClock clock;
    private final AdversaryEvents events;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final CompletableFuture<Long> planted = new CompletableFuture<>();
    private volatile @Nullable Integer pid;
    private volatile String remark = "";

    private AutovacuumWorker(AdversarySpec spec, AdversaryGround ground, AdversaryEvents events) {
        this.spec = spec;
        this.ground = ground;
        this.clock = ground.clock();
        this.events = events;
    }

    static AutovacuumWorker plant(AdversarySpec spec, AdversaryGround ground, AdversaryEvents events) {
        AutovacuumWorker adversary = new AutovacuumWorker(spec, ground, events);
        Thread thread = new Thread(adversary::stand, "adversary autovacuum");
        thread.setDaemon(true);
        thread.start();
        return adversary;
    }

    private void stand() {
        long end = clock.nanos() + spec.lasts().toNanos();
        try (Connection connection = ground.superuser().open("pgrehearse adversary")) {
            VacuumDue due = new VacuumDue(connection, ground.superuser(), spec.table(), spec.toPreventWraparound());
            try {
                bringAboutAndWatch(due, connection, end);
                // Until it is closed, nothing of this may queue for a lock on the table: the migration may.
                closing.await();
            } finally {
                due.putBack().forEach(words -> events.told(AdversaryEvents.FAILED, words));
                left(pid);
            }
        } catch (SQLException failure) {
            failed(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            events.gone(clock.nanos());
            ended.countDown();
        }
    }

    private void bringAboutAndWatch(VacuumDue due, Connection connection, long end) throws InterruptedException {
        try {
            due.bringAbout();
            planted.complete(clock.nanos());
            watch(due, connection, end);
        } catch (SQLException failure) {
            failed(failure);
        }
    }

    private void failed(SQLException failure) {
        if (planted.isDone()) {
            remark = "it is not watched any more: " + failure.getMessage();
        } else {
            planted.completeExceptionally(failure);
            remark = "it could not be brought about: " + failure.getMessage();
            events.gone(clock.nanos());
        }
        events.told(AdversaryEvents.FAILED, "An autovacuum of " + spec.table() + ": " + failure.getMessage());
    }

    /** When its time is over a worker is ended, and so is each that comes after it: the parameters are still set. */
    private void watch(VacuumDue due, Connection connection, long end) throws SQLException, InterruptedException {
        boolean over = false;
        try (PreparedStatement worker = connection.prepareStatement(WORKER)) {
            worker.setString(1, Quoted.table(spec.table()));
            while (!closing.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                try (ResultSet rows = worker.executeQuery()) {
                    seen(rows.next() ? rows.getInt(1) : null);
                }
                if (!over && clock.nanos() >= end) {
                    over = true;
                    due.putNaptimeBack();
                    if (pid == null) {
                        events.gone(clock.nanos());
                    }
                }
                if (over) {
                    due.endWorkers();
                }
            }
        }
    }

    private void seen(@Nullable Integer now) {
        Integer before = pid;
        if (now != null && !now.equals(before)) {
            left(before);
            pid = now;
            ground.sessions()
                    .begin(
                            now,
                            new Sessions.Use(
                                    Sessions.Role.ADVERSARY, spec.kind().key()));
            events.told(
                    AdversaryEvents.AUTOVACUUM, "Autovacuum worker " + now + " is at work on " + spec.table() + ".");
        } else if (now == null) {
            left(before);
        }
    }

    private void left(@Nullable Integer worker) {
        if (worker != null && worker.equals(pid)) {
            pid = null;
            ground.sessions().end(worker);
            events.gone(clock.nanos());
            events.told(AdversaryEvents.AUTOVACUUM, "Autovacuum worker " + worker + " has left " + spec.table() + ".");
        }
    }

    @Override
    public AdversarySpec spec() {
        return spec;
    }

    @Override
    public @Nullable Integer pid() {
        return pid;
    }

    @Override
    public @Nullable Long plantedNanos() {
        return planted.isCompletedExceptionally() ? null : planted.getNow(null);
    }

    @Override
    public String remark() {
        return remark;
    }

    @Override
    public void close() {
        closing.countDown();
        try {
            if (!ended.await(END_BOUND_SECONDS, TimeUnit.SECONDS)) {
                events.told(
                        AdversaryEvents.FAILED,
                        "What was set for an autovacuum of " + spec.table() + " is not put back within "
                                + END_BOUND_SECONDS + " s.");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
