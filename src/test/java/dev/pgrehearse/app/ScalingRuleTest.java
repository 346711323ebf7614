package dev.pgrehearse.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.scenario.AppSpec;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected figures are worked out by hand from the algorithm in Kubernetes' documentation. */
class ScalingRuleTest {
    private static ScalingRule.Look look(double seconds, int instances, int running, int ready, double ratio) {
        return new ScalingRule.Look((long) (seconds * 1e9), instances, running, ready, ratio);
    }

    private static AppSpec.Autoscaler busyWorkers(int max) {
        return new AppSpec.Autoscaler(1, max, 0.8, null, Duration.ofSeconds(15), 0.1, Duration.ofSeconds(300));
    }

    private static AppSpec.Autoscaler latency(int max) {
        return new AppSpec.Autoscaler(
                1, max, null, Duration.ofSeconds(1), Duration.ofSeconds(15), 0.1, Duration.ofSeconds(300));
    }

    @ParameterizedTest
    @CsvSource({
        // instances, ratio, wanted
        "2, 1.0, 2", // as aimed at
        "2, 1.1, 2", // at the tolerance
        "2, 1.11, 3", // beyond it: ceil(2.22)
        "3, 1.25, 4", // ceil(3.75)
        "4, 1.5, 6", // exactly 6, not 7
        "1, 9.0, 5", // 4 more is more than twice
        "4, 9.0, 8", // 4 more is as much as twice
        "10, 9.0, 20", // twice is more than 4 more
        "50, 9.0, 60", // the most there may be
        "0, 9.0, 1", // the fewest
    })
    void goesUpAtOnceButNotAtWill(int instances, double ratio, int wanted) {
        ScalingRule rule = new ScalingRule(busyWorkers(60));
        assertThat(rule.wanted(look(0, instances, instances, instances, ratio))).isEqualTo(wanted);
    }

    @Test
    void instancesThatStartCountAsUnusedOnTheWayUp() {
        // 2 of 6 run, all busy: 1.25 × 2 / 6 is below 1, so that the 4 that start are waited for.
        assertThat(new ScalingRule(busyWorkers(60)).wanted(look(0, 6, 2, 2, 1.25)))
                .isEqualTo(6);
        // 5 of 6 run: 1.25 × 5 / 6 = 1.04 is within the tolerance.
        assertThat(new ScalingRule(busyWorkers(60)).wanted(look(0, 6, 5, 5, 1.25)))
                .isEqualTo(6);
        // 5 of 6 run at 1.5: 1.25 of 6 are 7.5.
        assertThat(new ScalingRule(busyWorkers(60)).wanted(look(0, 6, 5, 5, 1.5)))
                .isEqualTo(8);
    }

    @Test
    void latencyLooksAtThoseThatAreReady() {
        assertThat(new ScalingRule(latency(60)).wanted(look(0, 4, 4, 2, 2.0))).isEqualTo(4);
        assertThat(new ScalingRule(latency(60)).wanted(look(0, 4, 4, 4, 2.0))).isEqualTo(8);
    }

    @Test
    void withoutAMeasurementNothingChanges() {
        assertThat(new ScalingRule(busyWorkers(60)).wanted(look(0, 3, 0, 0, Double.NaN)))
                .isEqualTo(3);
    }

    @Test
    void nothingIsStoppedBeforeTheStabilisationIsOver() {
        ScalingRule rule = new ScalingRule(busyWorkers(60));
        assertThat(rule.wanted(look(0, 6, 6, 6, 0.1))).isEqualTo(6);
        assertThat(rule.wanted(look(299, 6, 6, 6, 0.1))).isEqualTo(6);
        assertThat(rule.wanted(look(300, 6, 6, 6, 0.1))).isEqualTo(1);
    }

    @Test
    void looksWithinFifteenSecondsShareOneBound() {
        ScalingRule rule = new ScalingRule(busyWorkers(60));
        assertThat(rule.wanted(look(0, 2, 2, 2, 9))).isEqualTo(6);
        assertThat(rule.wanted(look(5, 6, 6, 6, 9))).isEqualTo(6);
        assertThat(rule.wanted(look(14.9, 6, 6, 6, 9))).isEqualTo(6);
        assertThat(rule.wanted(look(15, 6, 6, 6, 9))).isEqualTo(12);
    }

    @Test
    void goesDownToTheMostOfTheStabilisation() {
        ScalingRule rule = new ScalingRule(busyWorkers(60));
        assertThat(rule.wanted(look(0, 8, 8, 8, 1))).isEqualTo(8);
        assertThat(rule.wanted(look(100, 8, 8, 8, 0.5))).isEqualTo(8);
        assertThat(rule.wanted(look(299, 8, 8, 8, 0.25))).isEqualTo(8);
        // The look that wanted 8 is 300 s old, the most since is 4.
        assertThat(rule.wanted(look(300, 8, 8, 8, 0.25))).isEqualTo(4);
        assertThat(rule.wanted(look(400, 4, 4, 4, 0.25))).isEqualTo(2);
    }

    @Test
    void restartsPauseAsACrashLoopDoes() {
        assertThat(Deployment.restartPause(1)).isZero();
        assertThat(Deployment.restartPause(2)).isEqualTo(Duration.ofSeconds(10));
        assertThat(Deployment.restartPause(3)).isEqualTo(Duration.ofSeconds(20));
        assertThat(Deployment.restartPause(6)).isEqualTo(Duration.ofSeconds(160));
        assertThat(Deployment.restartPause(7)).isEqualTo(Duration.ofMinutes(5));
        assertThat(Deployment.restartPause(1000)).isEqualTo(Duration.ofMinutes(5));
    }
}
