package dev.pgrehearse.rehearsal;

import dev.pgrehearse.app.AppDatabase;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Password;
import dev.pgrehearse.process.Account;
import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.scenario.AppSpec;
import dev.pgrehearse.server.ServerAccount;
import dev.pgrehearse.workload.PgBouncer;
import dev.pgrehearse.workload.PgBouncerSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What the application's pools connect to: the server, or a PgBouncer before it that lives as long as this. */
final class Entrance implements AutoCloseable {
    /** No server: PgBouncer connects to one only when a client wants it to. */
    static final ConnectionDetails NOWHERE =
            new ConnectionDetails("127.0.0.1", 1, "rehearsal", "app", Password.random());

    private final AppDatabase database;
    private final @Nullable PgBouncer bouncer;
    private boolean closed;

    private Entrance(AppDatabase database, @Nullable PgBouncer bouncer) {
        this.database = database;
        this.bouncer = bouncer;
    }

    /**
     * Opens it.
     *
     * @param scratch a directory of this run that nobody else may enter
     */
    static Entrance open(AppSpec app, ConnectionDetails server, Supervisor supervisor, Path scratch)
            throws IOException, InterruptedException {
        AppSpec.Bouncer wanted = app.pgbouncer();
        if (wanted == null) {
            return new Entrance(new AppDatabase(server), null);
        }
        Account account = ServerAccount.choose();
        account.take(scratch);
        PgBouncer bouncer = PgBouncer.start(supervisor, account, scratch, server, settings(wanted));
        return new Entrance(new AppDatabase(bouncer.clients(), bouncer.driverProperties(), false, null), bouncer);
    }

    private static PgBouncerSettings settings(AppSpec.Bouncer wanted) {
        return new PgBouncerSettings(
                PgBouncerSettings.Mode.valueOf(wanted.mode().toUpperCase(Locale.ROOT)),
                wanted.poolSize(),
                wanted.maxClients(),
                wanted.settings());
    }

    AppDatabase database() {
        return database;
    }

    /** Completes with words when it ended by itself; never where there is none. */
    CompletableFuture<String> died() {
        return bouncer == null
                ? new CompletableFuture<>()
                : bouncer.exit().thenApply(status -> "PgBouncer ended by itself, with status " + status);
    }

    /** Ends the sessions behind it, too. Does nothing the second time. */
    @Override
    public void close() {
        if (bouncer != null && !closed) {
            closed = true;
            bouncer.close();
        }
    }
}
