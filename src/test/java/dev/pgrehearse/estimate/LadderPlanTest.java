package dev.pgrehearse.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LadderPlanTest {
    private static LadderPlan plan(double target, double largest) {
        return LadderPlan.of(target, largest).orElseThrow();
    }

    @Test
    void eachRungIsTwiceTheOneBeforeAndTheLastIsTheLargest() {
        LadderPlan plan = plan(50e6, 1e6);
        assertThat(plan.shares()).hasSize(7);
        assertThat(plan.shares().get(6)).isEqualTo(0.02);
        for (int i = 1; i < 7; i++) {
            assertThat(plan.shares().get(i)).isEqualTo(2 * plan.shares().get(i - 1));
        }
        assertThat(plan.shares().get(0) * 50e6).isGreaterThanOrEqualTo(10_000);
    }

    @Test
    void aSmallTargetStillGetsFiveRungsAndATinyOneNone() {
        assertThat(plan(16_000, 16_000).shares()).hasSize(LadderPlan.LEAST_RUNGS);
        assertThat(LadderPlan.of(15_999, 15_999)).isEmpty();
    }

    @Test
    void rungsEndWhereTheNextWouldLeaveTheBudget() {
        LadderPlan plan = plan(50e6, 50e6);
        // 8 s for a start, and 10 s for every million rows.
        List<Duration> took = new ArrayList<>();
        double spent = 0;
        while (plan.next(took, Duration.ofMinutes(5)).isPresent()) {
            double seconds = 8 + plan.shares().get(took.size()) * 500;
            spent += seconds;
            took.add(Duration.ofMillis((long) (seconds * 1e3)));
        }
        assertThat(spent).isBetween(100.0, 300.0);
        assertThat(plan.shares().get(took.size() - 1) * 50e6).isGreaterThan(3e6);
    }

    /** 70 s on a busy machine, all of it for starting: a second rung, of 84 s by that, is within 3 min 45 s. */
    @Test
    void aFirstRungIsThoughtToBeAllStart() {
        LadderPlan plan = plan(400_000, 400_000);
        assertThat(plan.expected(List.of(Duration.ofSeconds(70)))).isEqualTo(Duration.ofSeconds(84));
        assertThat(plan.next(List.of(Duration.ofSeconds(70)), Duration.ofSeconds(225)))
                .isPresent();
        assertThat(plan.next(List.of(Duration.ofSeconds(70)), Duration.ofSeconds(153)))
                .isEmpty();
        assertThat(plan.expected(List.of(Duration.ofSeconds(70), Duration.ofSeconds(75))))
                .as("with what grew doubled")
                .isEqualTo(Duration.ofSeconds(102));
    }

    @Test
    void whatIsLeftIsNoMoreThanTheBudgetAllows() {
        LadderPlan plan = plan(50e6, 50e6);
        List<Duration> took = List.of(Duration.ofSeconds(10), Duration.ofSeconds(12));
        assertThat(plan.left(took, Duration.ofSeconds(60))).isBetween(Duration.ofSeconds(15), Duration.ofSeconds(38));
        assertThat(plan.left(took, Duration.ofSeconds(30))).isZero();
    }
}
