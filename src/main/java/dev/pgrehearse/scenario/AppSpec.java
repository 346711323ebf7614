package dev.pgrehearse.scenario;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The user's service: so many alike instances, and what stands before and around them.
 *
 * <p>Every default is the ecosystem's own; {@code scenario.schema.json} says whose.
 *
 * @param instances how many there are at first
 * @param workers request threads of each; Tomcat's default is 200
 * @param acceptQueue how many requests may wait for a worker at each; Tomcat's default is 100
 * @param startup how long a new instance takes from its start to opening its pool
 * @param requestTimeout after which the client gives up a try; the worker does not learn of it
 * @param pool HikariCP properties by name, times in milliseconds; user, password and address are not among them; what it
 *     hands to pgjdbc begins with {@link #DRIVER_PROPERTY}
 * @param pgbouncer what stands between the pools and the server; null for nothing
 * @param retries of the clients
 * @param breaker the circuit breaker that the clients hold for each instance; null for none
 * @param readiness decides which instances get traffic; null when all that run do
 * @param liveness decides which instances are killed and started again; null when none is
 * @param autoscaler starts and stops instances; null when their number stays
 */
public record AppSpec(
        int instances,
        int workers,
        int acceptQueue,
        Duration startup,
        Duration requestTimeout,
        Map<String, String> pool,
        @Nullable Bouncer pgbouncer,
        Retries retries,
        @Nullable Breaker breaker,
        @Nullable Probe readiness,
        @Nullable Probe liveness,
        @Nullable Autoscaler autoscaler) {
    /** What a Spring Boot service of some size takes; Kubernetes and Spring name no figure of their own. */
    public static final Duration DEFAULT_STARTUP = Duration.ofSeconds(10);

    /** How HikariCP writes what it hands to the driver. */
    public static final String DRIVER_PROPERTY = "dataSource.";

    /** What of {@link #pool} is pgjdbc's, by pgjdbc's own names. */
    public Map<String, String> driverProperties() {
        return pool.entrySet().stream()
                .filter(property -> property.getKey().startsWith(DRIVER_PROPERTY))
                .collect(Collectors.toUnmodifiableMap(
                        property -> property.getKey().substring(DRIVER_PROPERTY.length()), Map.Entry::getValue));
    }

    /** An application without anything around it: no retries, breaker, probes or autoscaler. */
    public static AppSpec plain(
            int instances, int workers, int acceptQueue, Duration requestTimeout, Map<String, String> pool) {
        return new AppSpec(
                instances,
                workers,
                acceptQueue,
                DEFAULT_STARTUP,
                requestTimeout,
                pool,
                null,
                Retries.NONE,
                null,
                null,
                null,
                null);
    }

    /**
     * PgBouncer before the server.
     *
     * @param poolSize its connections to the server: {@code default_pool_size}
     * @param maxClients the most connections of clients that it takes: {@code max_client_conn}
     * @param mode {@code transaction} or {@code session}: {@code pool_mode}
     * @param settings further ones by name, as in its configuration file
     */
    public record Bouncer(int poolSize, int maxClients, String mode, Map<String, String> settings) {}

    /**
     * When and how often a client tries again.
     *
     * @param max how often after the first try; 0 for never
     * @param backoff the pause before the second try
     * @param multiplier from one pause to the next; 1 for fixed pauses
     * @param maxBackoff the longest pause
     * @param jitter the share by which a pause is drawn shorter or longer, each as likely; 0 to 1
     * @param budget retries in the last 10 s per first try in the same time, in all clients together; null for no budget
     * @param on outcomes after which a client tries again, as recordings name them
     */
    public record Retries(
            int max,
            Duration backoff,
            double multiplier,
            Duration maxBackoff,
            double jitter,
            @Nullable Double budget,
            Set<String> on) {
        public static final Retries NONE = new Retries(0, Duration.ZERO, 1, Duration.ZERO, 0, null, Set.of());
    }

    /**
     * A resilience4j circuit breaker over the last calls of one instance; the names are resilience4j's.
     *
     * @param failureRate opens at this share of failures, 0 to 1
     * @param slowCallRate opens at this share of slow calls, 0 to 1
     * @param slowCall calls longer than this are slow
     * @param window how many calls the shares are taken of
     * @param minimumCalls none opens with fewer
     * @param openFor how long an open one refuses calls
     * @param trialCalls how many are let through after that
     */
    public record Breaker(
            double failureRate,
            double slowCallRate,
            Duration slowCall,
            int window,
            int minimumCalls,
            Duration openFor,
            int trialCalls) {}

    /** What a probe needs to be answered. */
    public enum Check {
        /** A worker. */
        WORKER,
        /** A worker and a connection of the pool, on which {@code SELECT 1} is run. */
        POOL
    }

    /**
     * A Kubernetes probe; the names are Kubernetes'.
     *
     * @param initialDelay from an instance's start to its first probe
     * @param period from one probe to the next
     * @param timeout after which one has failed
     * @param failures so many in a row are believed
     * @param successes so many in a row are believed
     * @param check what it asks for
     */
    public record Probe(
            Duration initialDelay, Duration period, Duration timeout, int failures, int successes, Check check) {}

    /**
     * A Kubernetes HorizontalPodAutoscaler.
     *
     * @param min the fewest instances
     * @param max the most
     * @param busyWorkers the share of workers that are to be busy, 0 to 1; null when {@code latency} is looked at
     * @param latency the mean response time that is aimed at; null when {@code busyWorkers} are looked at
     * @param period from one look to the next
     * @param tolerance by how much, as a share, the measured value may differ without any change
     * @param stabilisation scaling down waits until no look of so long asked for more
     */
    public record Autoscaler(
            int min,
            int max,
            @Nullable Double busyWorkers,
            @Nullable Duration latency,
            Duration period,
            double tolerance,
            Duration stabilisation) {}
}
