package dev.pgrehearse.app;

import dev.pgrehearse.recording.AppEvent;
import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.scenario.AppSpec;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The clients' circuit breaker for one instance, or none. Thread-safe. */
final class Breaker {
    private final @Nullable CircuitBreaker breaker;

    /** A breaker counts failures; what they were stands in the request log. */
    private static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1;

        Failed() {
            super("the call failed", null, false, false);
        }
    }

    Breaker(AppSpec.@Nullable Breaker spec, String instance, Diary diary) {
        this.breaker = spec == null ? null : CircuitBreaker.of(instance, configuration(spec));
        if (breaker != null) {
            breaker.getEventPublisher()
                    .onStateTransition(event ->
                            tell(event.getStateTransition().getToState(), instance, breaker.getMetrics(), diary));
        }
    }

    private static CircuitBreakerConfig configuration(AppSpec.Breaker spec) {
        return CircuitBreakerConfig.custom()
                .failureRateThreshold((float) (spec.failureRate() * 100))
                .slowCallRateThreshold((float) (spec.slowCallRate() * 100))
                .slowCallDurationThreshold(spec.slowCall())
                .slidingWindowType(CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                .slidingWindowSize(spec.window())
                .minimumNumberOfCalls(spec.minimumCalls())
                .waitDurationInOpenState(spec.openFor())
                .permittedNumberOfCallsInHalfOpenState(spec.trialCalls())
                .writableStackTraceEnabled(false)
                .build();
    }

    private static void tell(CircuitBreaker.State to, String instance, CircuitBreaker.Metrics seen, Diary diary) {
        switch (to) {
            case OPEN ->
                diary.happened(
                        AppEvent.BREAKER_OPENED,
                        "the clients' breaker for " + instance + " opened: of the last "
                                + seen.getNumberOfBufferedCalls() + " calls " + seen.getNumberOfFailedCalls()
                                + " failed and " + seen.getNumberOfSlowCalls() + " were slow");
            case HALF_OPEN ->
                diary.happened(
                        AppEvent.BREAKER_HALF_OPEN,
                        "the clients' breaker for " + instance + " lets some calls through");
            default -> diary.happened(AppEvent.BREAKER_CLOSED, "the clients' breaker for " + instance + " closed");
        }
    }

    /** Whether a call may be made now; who is let through tells how it went. */
    boolean letsThrough() {
        return breaker == null || breaker.tryAcquirePermission();
    }

    /** Is told how a call went that was let through. */
    void saw(Outcome outcome, long nanos) {
        if (breaker == null) {
            return;
        }
        if (outcome == Outcome.OK) {
            breaker.onSuccess(nanos, TimeUnit.NANOSECONDS);
        } else {
            breaker.onError(nanos, TimeUnit.NANOSECONDS, new Failed());
        }
    }
}
