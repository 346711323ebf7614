package dev.pgrehearse.observe;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.recording.AppState;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the observer watches.
 *
 * @param superuser the rehearsal's database, as a superuser: only that sees every session, reads the server's log, and
 *     may connect when all other slots are taken
 * @param postmasterPid the server's first process as our machine numbers it; empty when it runs elsewhere, and then no
 *     CPU of the server is measured
 * @param pools the pools that exist now; asked every time, since pools come and go
 * @param app the user's service as a whole
 * @param standby the same database on a streaming standby, as a superuser; null when there is none
 * @param lockPeriod from one look at the lock table to the next while nobody waits; half of it while somebody does
 */
public record Watched(
        ConnectionDetails superuser,
        OptionalLong postmasterPid,
        Supplier<List<PoolGauge>> pools,
        App app,
        @Nullable ConnectionDetails standby,
        Duration lockPeriod) {
    /**
     * A wait that is longer is seen as long as looks come in time (later by more than 60 ms is told as a hole); its end is known to
     * half of it, without the log or a client's clock. Looks at the lock table are what the observer asks of the server most often: at
     * 20 ms they were half of its cost.
     */
    public static final Duration DEFAULT_LOCK_PERIOD = Duration.ofMillis(40);

    public Watched(ConnectionDetails superuser, OptionalLong postmasterPid, Supplier<List<PoolGauge>> pools, App app) {
        this(superuser, postmasterPid, pools, app, null, DEFAULT_LOCK_PERIOD);
    }

    /** The same with a standby; itself when there is none. */
    public Watched with(@Nullable ConnectionDetails otherStandby) {
        return new Watched(superuser, postmasterPid, pools, app, otherStandby, lockPeriod);
    }

    /**
     * The user's service as a whole. Both are thread-safe and cheap.
     *
     * @param state how it is now
     * @param tries how often requests have been tried until now
     */
    public record App(Supplier<AppState> state, LongSupplier tries) {
        /** No service at all. */
        public static final App NONE = new App(() -> new AppState(0, 0, 0, 0, 0, 0, 0, 0), () -> 0);
    }
}
