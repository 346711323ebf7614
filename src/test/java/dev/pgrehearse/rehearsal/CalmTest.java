package dev.pgrehearse.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.workload.Pulse;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class CalmTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void comesWithTheFirstWindowThatIsLikeTheBaseline() {
        Calm calm = Calm.asIn(pulses(0, 20, 5_000, 0, 0));
        List<Pulse> after = new ArrayList<>(pulses(30, 3, 900_000, 0, 0));
        after.addAll(pulses(33, 9, 5_000, 0, 0));

        assertThat(calm.since(after, 30 * SECOND, 30 * SECOND))
                .as("only nine calm seconds yet")
                .isEmpty();

        after.addAll(pulses(42, 1, 5_000, 0, 0));
        assertThat(calm.since(after, 30 * SECOND, 30 * SECOND)).contains(33 * SECOND);
    }

    @Test
    void isSinceTheStopWhenTheCleaningDisturbsNobody() {
        Calm calm = Calm.asIn(pulses(0, 20, 5_000, 0, 0));
        // Stopped at 30, calm from 33 on; cleaned until 60
        List<Pulse> pulses = new ArrayList<>(pulses(30, 3, 900_000, 0, 0));
        pulses.addAll(pulses(33, 36, 5_000, 0, 0));

        assertThat(calm.since(pulses, 30 * SECOND, 60 * SECOND))
                .as("not watched long enough after the cleaning")
                .isEmpty();

        pulses.addAll(pulses(69, 1, 5_000, 0, 0));
        assertThat(calm.since(pulses, 30 * SECOND, 60 * SECOND)).contains(33 * SECOND);
    }

    @Test
    void isAfterACleaningThatDisturbs() {
        Calm calm = Calm.asIn(pulses(0, 20, 5_000, 0, 0));
        List<Pulse> pulses = new ArrayList<>(pulses(30, 25, 5_000, 0, 0));
        pulses.addAll(pulses(55, 2, 900_000, 0, 0));
        pulses.addAll(pulses(57, 20, 5_000, 0, 0));

        assertThat(calm.since(pulses, 30 * SECOND, 60 * SECOND)).contains(57 * SECOND);
    }

    @Test
    void isAtOnceWhenNothingWasDisturbedWhereverInAPulseItIsLookedFor() {
        Calm calm = Calm.asIn(pulses(0, 20, 5_000, 0, 0));
        long sought = 30 * SECOND + 131_000_000;

        assertThat(calm.since(pulses(20, 20, 5_000, 0, 0), sought, sought))
                .as("the window that begins after it is not whole yet")
                .isEmpty();
        assertThat(calm.since(pulses(20, 21, 5_000, 0, 0), sought, sought)).contains(sought);
    }

    @Test
    void isNotInThePulseInWhichTheDisturbanceEnds() {
        Calm calm = Calm.asIn(pulses(0, 20, 5_000, 0, 0));
        List<Pulse> pulses = new ArrayList<>(pulses(30, 1, 900_000, 0, 0));
        pulses.addAll(pulses(31, 10, 5_000, 0, 0));
        long sought = 30 * SECOND + 131_000_000;

        assertThat(calm.since(pulses, sought, sought)).contains(31 * SECOND);
    }

    @Test
    void isNotWhileRequestsFail() {
        Calm calm = Calm.asIn(pulses(0, 20, 5_000, 0, 0));

        assertThat(calm.since(pulses(30, 20, 5_000, 1, 0), 30 * SECOND, 30 * SECOND))
                .isEmpty();
    }

    @Test
    void isNotWhileRequestsWaitForAConnection() {
        Calm calm = Calm.asIn(pulses(0, 20, 5_000, 0, 0));

        assertThat(calm.since(pulses(30, 20, 5_000, 0, 1), 30 * SECOND, 30 * SECOND))
                .isEmpty();
    }

    @Test
    void toleratesTheNoiseOfASharedMachineAndNoMore() {
        Calm calm = Calm.asIn(pulses(0, 20, 5_000, 0, 0));

        assertThat(calm.since(pulses(30, 20, 14_900, 0, 0), 30 * SECOND, 30 * SECOND))
                .isPresent();
        assertThat(calm.since(pulses(30, 20, 15_100, 0, 0), 30 * SECOND, 30 * SECOND))
                .isEmpty();
    }

    @Test
    void isNotWhenNothingIsAnswered() {
        Calm calm = Calm.asIn(pulses(0, 20, 5_000, 0, 0));
        List<Pulse> silent = new ArrayList<>();
        for (int i = 30; i < 50; i++) {
            silent.add(new Pulse(i * SECOND, (i + 1) * SECOND, new Histogram(3), 0, 0, 0));
        }

        assertThat(calm.since(silent, 30 * SECOND, 30 * SECOND)).isEmpty();
    }

    @Test
    void warmingUpEndsWhenTheMedianStaysWhereItIs() {
        List<Pulse> pulses = new ArrayList<>(pulses(0, 4, 9_000, 0, 0));
        pulses.addAll(pulses(4, 4, 6_000, 0, 0));
        assertThat(Steadiness.reached(pulses)).isFalse();

        pulses.addAll(pulses(8, 4, 6_000, 0, 0));
        assertThat(Steadiness.reached(pulses)).isTrue();
    }

    private static List<Pulse> pulses(int fromSecond, int count, long micros, int errors, int pending) {
        List<Pulse> pulses = new ArrayList<>();
        for (int i = fromSecond; i < fromSecond + count; i++) {
            Histogram response = new Histogram(3);
            response.recordValueWithCount(micros, 100);
            pulses.add(new Pulse(i * SECOND, (i + 1) * SECOND, response, 100 - errors, errors, pending));
        }
        return pulses;
    }
}
