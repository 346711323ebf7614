package dev.pgrehearse.scenario;

import dev.pgrehearse.scenario.AppSpec.Autoscaler;
import dev.pgrehearse.scenario.AppSpec.Bouncer;
import dev.pgrehearse.scenario.AppSpec.Breaker;
import dev.pgrehearse.scenario.AppSpec.Check;
import dev.pgrehearse.scenario.AppSpec.Probe;
import dev.pgrehearse.scenario.AppSpec.Retries;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the user's service, and checks that its parts go together. */
final class AppReader {
    /** PostgreSQL's own default. */
    private static final int DEFAULT_MAX_CONNECTIONS = 100;

    private static final int DEFAULT_RESERVED = 3;

    /** HikariCP's own default. */
    private static final int DEFAULT_POOL_SIZE = 10;

    /** PgBouncer's {@code default_pool_size}. */
    private static final String DEFAULT_BOUNCER_SIZE = "20";

    /** What a client may take for a passing trouble; an error in the SQL stays one. */
    private static final List<String> RETRIED = List.of(
            "pool_timeout",
            "queue_rejected",
            "request_timeout",
            "too_many_connections",
            "lock_timeout",
            "statement_timeout",
            "deadlock",
            "serialization_failure",
            "recovery_conflict",
            "connection_lost",
            "breaker_open",
            "no_instance");

    private final Cursor app;
    private final PoolReader pools;
    private final ServerSpec server;

    AppReader(Cursor app, PoolReader pools, ServerSpec server) {
        this.app = app;
        this.pools = pools;
        this.server = server;
    }

    AppSpec read() {
        int instances = app.at("instances").whole("1", 1, 1_000);
        Map<String, String> pool = pools.read(app.at("pool"));
        Bouncer bouncer = bouncer(app.at("pgbouncer"));
        requireRoom(bouncer, pool);
        if (bouncer != null) {
            requireClients(bouncer, pool);
        }
        return new AppSpec(
                instances,
                app.at("workers").whole("200", 1, 10_000),
                app.at("acceptQueue").whole("100", 0, 1_000_000),
                app.at("startup").duration(Quantities.print(AppSpec.DEFAULT_STARTUP)),
                app.at("requestTimeout").positive("30s"),
                pool,
                bouncer,
                retries(app.at("retries")),
                breaker(app.at("breaker")),
                probe(app.at("probes").at("readiness"), "0s", "pool"),
                probe(app.at("probes").at("liveness"), "0s", "worker"),
                autoscaler(app.at("autoscaler"), instances));
    }

    /** A pool that the server could never fill is a slip, not a plan; several that it cannot fill together are one. */
    private void requireRoom(@Nullable Bouncer bouncer, Map<String, String> pool) {
        Integer most = wholeSetting("max_connections", DEFAULT_MAX_CONNECTIONS);
        Integer reserved = wholeSetting("superuser_reserved_connections", DEFAULT_RESERVED);
        Integer alsoReserved = wholeSetting("reserved_connections", 0);
        if (most == null || reserved == null || alsoReserved == null) {
            return;
        }
        int room = most - reserved - alsoReserved;
        boolean bounced = bouncer != null;
        int size = bouncer != null
                ? bouncer.poolSize()
                : Integer.parseInt(pool.getOrDefault("maximumPoolSize", String.valueOf(DEFAULT_POOL_SIZE)));
        if (size > room) {
            Cursor at = bounced
                    ? app.at("pgbouncer").at("poolSize")
                    : app.at("pool").at("maximumPoolSize");
            at.mistakeOfKey(
                    "a pool of " + size + " connections",
                    "at most " + room + ": the server's max_connections is " + most + ", " + (most - room)
                            + " of which are reserved",
                    null);
        }
    }

    private void requireClients(Bouncer bouncer, Map<String, String> pool) {
        int size = Integer.parseInt(pool.getOrDefault("maximumPoolSize", String.valueOf(DEFAULT_POOL_SIZE)));
        if (size > bouncer.maxClients()) {
            app.at("pgbouncer")
                    .at("maxClients")
                    .mistakeOfKey(
                            "`maxClients` of " + bouncer.maxClients() + " before a pool of " + size,
                            "at least as many as one pool has connections",
                            null);
        }
    }

    private @Nullable Integer wholeSetting(String name, int fallback) {
        String value = server.settings().getOrDefault(name, String.valueOf(fallback));
        return value.matches("[0-9]{1,7}") ? Integer.valueOf(value) : null;
    }

    private static @Nullable Bouncer bouncer(Cursor at) {
        if (!at.isPresent()) {
            return null;
        }
        Map<String, String> settings = new LinkedHashMap<>();
        at.at("settings").entries().forEach((name, value) -> {
            BouncerSetting.refusal(name, value.text())
                    .ifPresent(why -> value.mistakeOfKey(Mistakes.quoted(name), "another setting: " + why, null));
            settings.put(name, value.text());
        });
        return new Bouncer(
                at.at("poolSize").whole(DEFAULT_BOUNCER_SIZE, 1, 100_000),
                at.at("maxClients").whole("100", 1, 1_000_000),
                at.at("mode").text("transaction"),
                Collections.unmodifiableMap(settings));
    }

    private static Retries retries(Cursor at) {
        if (!at.isPresent()) {
            return Retries.NONE;
        }
        Duration backoff = at.at("backoff").duration("100ms");
        Duration longest = at.at("maxBackoff").duration("10s");
        if (backoff.compareTo(longest) > 0) {
            at.at("backoff")
                    .mistakeOfKey(
                            "a backoff of " + Quantities.print(backoff),
                            "at most `maxBackoff`, which is " + Quantities.print(longest),
                            null);
        }
        Cursor multiplier = at.at("multiplier");
        BigDecimal factor = multiplier.number("2");
        if (factor.compareTo(BigDecimal.ONE) < 0 || factor.compareTo(BigDecimal.TEN) > 0) {
            multiplier.mistake("a factor from 1 (fixed pauses) to 10", null);
        }
        Set<String> on = new LinkedHashSet<>();
        at.at("on").items().forEach(item -> on.add(item.text()));
        return new Retries(
                at.at("max").whole("2", 0, 100),
                backoff,
                factor.doubleValue(),
                longest,
                at.at("jitter").share("50%"),
                at.at("budget").isPresent() ? (Double) at.at("budget").share("20%") : null,
                Collections.unmodifiableSet(at.at("on").isPresent() ? on : new LinkedHashSet<>(RETRIED)));
    }

    private static @Nullable Breaker breaker(Cursor at) {
        if (!at.isPresent()) {
            return null;
        }
        int window = at.at("slidingWindowSize").whole("100", 1, 100_000);
        Cursor minimum = at.at("minimumNumberOfCalls");
        int least = minimum.whole("100", 1, 100_000);
        if (minimum.isPresent() && least > window) {
            minimum.mistake("at most `slidingWindowSize`, which is " + window, null);
        }
        return new Breaker(
                aboveZero(at.at("failureRateThreshold"), "50%"),
                aboveZero(at.at("slowCallRateThreshold"), "100%"),
                at.at("slowCallDurationThreshold").positive("60s"),
                window,
                Math.min(least, window),
                at.at("waitDurationInOpenState").positive("60s"),
                at.at("permittedNumberOfCallsInHalfOpenState").whole("10", 1, 10_000));
    }

    private static double aboveZero(Cursor at, String fallback) {
        double share = at.share(fallback);
        if (share == 0) {
            at.mistake("a share above 0%", null);
        }
        return share;
    }

    private static @Nullable Probe probe(Cursor at, String initialDelay, String check) {
        if (!at.isPresent()) {
            return null;
        }
        Cursor timeout = at.at("timeout");
        if (!timeout.isPresent()) {
            at.mistakeOfKey("a probe without a timeout", "`timeout` below it; Kubernetes' default is 1s", null);
        }
        return new Probe(
                at.at("initialDelay").duration(initialDelay),
                at.at("period").positive("10s"),
                timeout.positive("1s"),
                at.at("failures").whole("3", 1, 1_000),
                at.at("successes").whole("1", 1, 1_000),
                at.at("check").text(check).equals("pool") ? Check.POOL : Check.WORKER);
    }

    private static @Nullable Autoscaler autoscaler(Cursor at, int instances) {
        if (!at.isPresent()) {
            return null;
        }
        int min = at.at("min").whole(String.valueOf(instances), 1, 1_000);
        int max = at.at("max").whole("10", 1, 1_000);
        if (min > instances || instances > max) {
            at.mistakeOfKey(
                    "from " + min + " to " + max + " instances",
                    "`min` and `max` around `instances`, of which there are " + instances + " at first",
                    null);
        }
        Cursor busy = at.at("busyWorkers");
        Cursor latency = at.at("latency");
        if (busy.isPresent() && latency.isPresent()) {
            latency.mistakeOfKey("two things to aim at", "either `busyWorkers` or `latency`", null);
        }
        return new Autoscaler(
                min,
                max,
                latency.isPresent() ? null : (Double) aboveZero(busy, "80%"),
                latency.isPresent() ? latency.positive("1s") : null,
                at.at("period").positive("15s"),
                at.at("tolerance").share("10%"),
                at.at("stabilisation").duration("300s"));
    }
}
