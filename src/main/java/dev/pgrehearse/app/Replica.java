package dev.pgrehearse.app;

import dev.pgrehearse.recording.Outcome;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One place for an instance: it stays while the instance in it is killed and started again. Thread-safe; its state is
 * changed by the {@link Deployment} alone.
 */
final class Replica {
    private final int number;
    private final String name;
    private final Breaker breaker;
    private volatile @Nullable Instance instance;
    private volatile boolean ready;
    private volatile boolean leaving;
    private int ended;

    /**
     * A place without an instance.
     *
     * @param number from 0, never used again
     */
    Replica(int number, Breaker breaker) {
        this.number = number;
        this.name = nameOf(number);
        this.breaker = breaker;
    }

    /** The name of the instance at a place. */
    static String nameOf(int number) {
        return "app-" + (number + 1);
    }

    int number() {
        return number;
    }

    String name() {
        return name;
    }

    Breaker breaker() {
        return breaker;
    }

    /** The instance that runs here; empty while none does. */
    Optional<Instance> instance() {
        return Optional.ofNullable(instance);
    }

    void put(@Nullable Instance other) {
        instance = other;
    }

    /** Whether it gets traffic. */
    boolean isReady() {
        return ready;
    }

    void ready(boolean now) {
        ready = now;
    }

    /** Whether the autoscaler has taken it away. */
    boolean isLeaving() {
        return leaving;
    }

    void leave() {
        leaving = true;
    }

    /** How often its instance has been killed or could not be started, counting this time. */
    synchronized int endedAgain() {
        return ++ended;
    }

    /** Sends a try here; the outcome when it is not taken. Never blocks. */
    @Nullable
    Outcome offer(Try attempt) {
        Instance now = instance;
        return now == null ? Outcome.CONNECTION_LOST : now.offer(attempt);
    }
}
