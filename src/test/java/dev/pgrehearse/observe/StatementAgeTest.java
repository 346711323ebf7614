package dev.pgrehearse.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.clock.RehearsalClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** From the time that a statement has taken follows how often it is looked at: a hundredth of it, 500 ms at most. */
class StatementAgeTest {
    private static final Duration YOUNG = Duration.ofMillis(50);

    private final RehearsalClock clock = RehearsalClock.start();
    private final StatementAge age = new StatementAge(clock);

    @Test
    void withoutAStatementThePeriodIsThatOfAYoungOne() {
        assertThat(age.period(YOUNG)).isEqualTo(YOUNG);

        age.began(clock.nanos() - Duration.ofHours(1).toNanos());
        age.ended();
        assertThat(age.period(YOUNG)).isEqualTo(YOUNG);
    }

    @Test
    void untilAHundredthOfItIsLongerItIsYoung() {
        age.began(clock.nanos() - Duration.ofMillis(1).toNanos());
        assertThat(age.period(YOUNG)).isEqualTo(YOUNG);

        age.began(clock.nanos() - Duration.ofSeconds(6).toNanos());
        assertThat(age.period(YOUNG)).isBetween(Duration.ofMillis(60), Duration.ofMillis(499));
    }

    @Test
    void anHourOldOneIsLookedAtTwiceASecond() {
        age.began(clock.nanos() - Duration.ofHours(1).toNanos());

        assertThat(age.period(YOUNG)).isEqualTo(Duration.ofMillis(500));
        assertThat(age.period(Duration.ofSeconds(1))).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void theNextOneIsYoungAgain() {
        age.began(clock.nanos() - Duration.ofHours(1).toNanos());
        age.ended();
        age.began(clock.nanos());

        assertThat(age.period(YOUNG)).isEqualTo(YOUNG);
    }
}
