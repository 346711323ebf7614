package dev.pgrehearse.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.scenario.AppSpec;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RetriesTest {
    private static AppSpec.Retries retries(double multiplier, double jitter) {
        return new AppSpec.Retries(
                9, Duration.ofMillis(100), multiplier, Duration.ofSeconds(1), jitter, null, Set.of());
    }

    private static long taken(RetryBudget budget, long nanos) {
        return LongStream.range(0, 10_000).filter(i -> budget.takeRetry(nanos)).count();
    }

    @Test
    void withoutJitterPausesAreExact() {
        Backoff doubling = new Backoff(retries(2, 0), 1);
        assertThat(LongStream.rangeClosed(1, 6).map(failed -> doubling.nanosAfter(7, (int) failed) / 1_000_000))
                .containsExactly(100L, 200L, 400L, 800L, 1000L, 1000L);
        Backoff fixed = new Backoff(retries(1, 0), 1);
        assertThat(LongStream.rangeClosed(1, 3).map(failed -> fixed.nanosAfter(7, (int) failed) / 1_000_000))
                .containsExactly(100L, 100L, 100L);
    }

    @Test
    void jitterSpreadsEvenlyOnBothSidesAndIsTheSameForTheSameSeed() {
        Backoff backoff = new Backoff(retries(1, 0.5), 1);
        long[] pauses = LongStream.range(0, 20_000)
                .map(request -> backoff.nanosAfter(request, 1))
                .toArray();
        assertThat(LongStream.of(pauses).min().orElseThrow()).isBetween(50_000_000L, 51_000_000L);
        assertThat(LongStream.of(pauses).max().orElseThrow()).isBetween(149_000_000L, 150_000_000L);
        // The mean of 20 000 even draws of 100 ms ± 50 ms has a standard error of 0.2 ms.
        assertThat(LongStream.of(pauses).average().orElseThrow()).isBetween(99e6, 101e6);
        Backoff again = new Backoff(retries(1, 0.5), 1);
        assertThat(LongStream.range(0, 20_000).map(request -> again.nanosAfter(request, 1)))
                .containsExactly(LongStream.of(pauses).boxed().toArray(Long[]::new));
    }

    @Test
    void aBudgetIsAShareOfTheFirstTriesAndAReserve() {
        RetryBudget budget = new RetryBudget(0.2);
        for (int i = 0; i < 1000; i++) {
            budget.firstTry(0);
        }
        // 20 % of 1000, and 10 a second for 10 s.
        assertThat(taken(budget, 0)).isEqualTo(300);
        assertThat(taken(budget, TimeUnit.SECONDS.toNanos(9))).isZero();
        // All of it is forgotten after 10 s: the reserve is left.
        assertThat(taken(budget, TimeUnit.SECONDS.toNanos(10))).isEqualTo(100);
    }

    @Test
    void aBudgetForgetsBySeconds() {
        RetryBudget budget = new RetryBudget(1);
        for (int second = 0; second < 20; second++) {
            for (int i = 0; i < 10; i++) {
                budget.firstTry(TimeUnit.SECONDS.toNanos(second));
            }
        }
        assertThat(taken(budget, TimeUnit.SECONDS.toNanos(19))).isEqualTo(200);
        // One second of ten first tries left the window; the retries are all of second 19.
        assertThat(taken(budget, TimeUnit.SECONDS.toNanos(20))).isZero();
        // Ten seconds later nothing is left but the reserve, and the clock never runs backwards here.
        assertThat(taken(budget, TimeUnit.SECONDS.toNanos(29))).isEqualTo(100);
    }
}
