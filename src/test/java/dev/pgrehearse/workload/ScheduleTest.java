package dev.pgrehearse.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pgrehearse.scenario.WorkloadSpec;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    private static final int MANY = 100_000;

    @Test
    void theSameSeedGivesTheSameScheduleToTheNanosecond() {
        assertThat(arrivals(WorkloadSpec.Arrivals.POISSON, 7)).isEqualTo(arrivals(WorkloadSpec.Arrivals.POISSON, 7));
        assertThat(arrivals(WorkloadSpec.Arrivals.POISSON, 7)).isNotEqualTo(arrivals(WorkloadSpec.Arrivals.POISSON, 8));
    }

    @Test
    void distancesOfPoissonArrivalsAreExponential() {
        List<Arrival> arrivals = arrivals(WorkloadSpec.Arrivals.POISSON, 1);
        double[] distances = new double[MANY];
        long before = 0;
        for (int i = 0; i < MANY; i++) {
            distances[i] = (arrivals.get(i).afterNanos() - before) / 1e6;
            before = arrivals.get(i).afterNanos();
        }

        // 500/s: mean 2 ms, whose standard error over n distances is 2/sqrt(n); 4 of them is a chance of 1 in 15 000.
        double mean =
                Stream.of(arrivals.get(MANY - 1)).mapToLong(Arrival::afterNanos).sum() / 1e6 / MANY;
        assertThat(mean).isCloseTo(2, within(4 * 2 / Math.sqrt(MANY)));
        // P(distance > mean) = 1/e for an exponential distribution alone.
        double share = Arrays.stream(distances).filter(distance -> distance > 2).count() / (double) MANY;
        assertThat(share).isCloseTo(Math.exp(-1), within(4 * Math.sqrt(Math.exp(-1) * (1 - Math.exp(-1)) / MANY)));
    }

    @Test
    void uniformArrivalsAreEquallyFarApart() {
        List<Arrival> arrivals = arrivals(WorkloadSpec.Arrivals.UNIFORM, 1);

        assertThat(arrivals.get(0).afterNanos()).isEqualTo(2_000_000);
        assertThat(arrivals.get(99).afterNanos()).isEqualTo(200_000_000);
    }

    @Test
    void operationsComeByTheirWeights() {
        long reads = arrivals(WorkloadSpec.Arrivals.POISSON, 3).stream()
                .filter(arrival -> arrival.operation() == 0)
                .count();

        assertThat(reads / (double) MANY).isCloseTo(0.75, within(4 * Math.sqrt(0.75 * 0.25 / MANY)));
    }

    private static List<Arrival> arrivals(WorkloadSpec.Arrivals kind, long seed) {
        Schedule schedule = new Schedule(500, kind, new double[] {75, 25}, seed);
        return Stream.generate(schedule::next).limit(MANY).toList();
    }
}
