package dev.pgrehearse.observe;

import dev.pgrehearse.postgres.ConnectionDetails;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * What the observer watches.
 *
 * @param superuser the rehearsal's database, as a superuser: only that sees every session, reads the server's log, and
 *     may connect when all other slots are taken
 * @param postmasterPid the server's first process as our machine numbers it; empty when it runs elsewhere, and then no
 *     CPU of the server is measured
 * @param pools the pools that exist now; asked every time, since pools come and go
 * @param lockPeriod from one look at the lock table to the next
 */
public record Watched(
        ConnectionDetails superuser, OptionalLong postmasterPid, Supplier<List<PoolGauge>> pools, Duration lockPeriod) {
    /** A wait's end is known to one period without the log; at 20 ms the load does not notice the sampler. */
    public static final Duration DEFAULT_LOCK_PERIOD = Duration.ofMillis(20);

    public Watched(ConnectionDetails superuser, OptionalLong postmasterPid, Supplier<List<PoolGauge>> pools) {
        this(superuser, postmasterPid, pools, DEFAULT_LOCK_PERIOD);
    }
}
