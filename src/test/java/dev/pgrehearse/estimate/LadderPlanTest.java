package dev.pgrehearse.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.estimate.LadderPlan.Climbed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
        List<Climbed> climbed = climb(plan, Duration.ofMinutes(5), List.of());
        assertThat(spent(climbed)).isBetween(100.0, 300.0);
        assertThat(top(climbed) * 50e6).isGreaterThan(3e6);
    }

    @Test
    void whatIsLeftIsNoMoreThanTheBudgetAllows() {
        LadderPlan plan = plan(50e6, 50e6);
        double first = plan.shares().get(0);
        List<Climbed> climbed =
                List.of(new Climbed(first, Duration.ofSeconds(10)), new Climbed(2 * first, Duration.ofSeconds(12)));
        assertThat(plan.left(climbed, Duration.ofSeconds(60), List.of()))
                .isBetween(Duration.ofSeconds(15), Duration.ofSeconds(38));
        assertThat(plan.left(climbed, Duration.ofSeconds(30), List.of())).isZero();
    }

    /** 8 s for a start, and 500 s for the target's rows. */
    private static List<Climbed> climb(LadderPlan plan, Duration budget, List<CliffAhead> ahead) {
        List<Climbed> climbed = new ArrayList<>();
        Optional<Double> next = plan.next(climbed, budget, ahead);
        while (next.isPresent()) {
            climbed.add(new Climbed(next.get(), Duration.ofMillis((long) (8000 + next.get() * 500_000))));
            next = plan.next(climbed, budget, ahead);
        }
        return climbed;
    }

    private static double spent(List<Climbed> climbed) {
        return climbed.stream()
                .mapToDouble(rung -> rung.took().toMillis() / 1e3)
                .sum();
    }

    private static double top(List<Climbed> climbed) {
        return climbed.get(climbed.size() - 1).share();
    }

    private static List<Double> above(List<Climbed> climbed, double share) {
        return climbed.stream().map(Climbed::share).filter(rung -> rung > share).toList();
    }

    private static List<CliffAhead> cliff(double share, int needed, boolean shrinks) {
        return List.of(new CliffAhead(1, share, needed, shrinks));
    }

    @Test
    void aCliffJustBelowTheTargetGetsARungBetween() {
        LadderPlan plan = plan(50e6, 50e6);
        Duration budget = Duration.ofHours(1);
        assertThat(above(climb(plan, budget, List.of()), 0.8)).containsExactly(1.0);
        assertThat(above(climb(plan, budget, cliff(0.8, 2, true)), 0.8)).containsExactly(0.8 * 1.1, 1.0);
        assertThat(above(climb(plan, budget, cliff(0.3, 2, true)), 0.3)).containsExactly(0.5, 1.0);
        // Nobody can be sure to be above a cliff that is nearer than that.
        assertThat(above(climb(plan, budget, cliff(0.95, 2, true)), 0.95)).hasSizeLessThan(2);
    }

    @Test
    void whereTheNextRungIsTooLargeSmallerOnesAboveTheCliffAreMeasured() {
        LadderPlan plan = plan(50e6, 50e6);
        Duration budget = Duration.ofMinutes(4);
        List<Climbed> without = climb(plan, budget, List.of());
        assertThat(top(without)).isLessThan(0.15);
        List<Climbed> with = climb(plan, budget, cliff(0.1, 2, false));
        assertThat(above(with, 0.1)).hasSize(2).allMatch(rung -> rung >= 0.11);
        assertThat(spent(with)).isLessThanOrEqualTo(240);
        assertThat(with).hasSizeGreaterThanOrEqualTo(4);
    }

    @Test
    void forASecondLadderHalfOfTheBudgetIsLeft() {
        LadderPlan plan = plan(50e6, 50e6);
        Duration budget = Duration.ofMinutes(5);
        assertThat(spent(climb(plan, budget, cliff(0.9, 2, false)))).isGreaterThan(150);
        assertThat(spent(climb(plan, budget, cliff(0.9, 2, true)))).isBetween(60.0, 150.0);
    }
}
