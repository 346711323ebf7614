package dev.pgrehearse.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pgrehearse.scenario.TrafficSpec;
import dev.pgrehearse.scenario.TrafficSpec.Piece;
import dev.pgrehearse.scenario.WorkloadSpec.Arrivals;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {
    private static final int MANY = 100_000;
    private static final double[] WEIGHTS = {75, 25};
    private static final TrafficSpec CONSTANT = TrafficSpec.constant(500);
    /** 100/s for a second, none for two, then 400/s. */
    private static final TrafficSpec STEPS =
            new TrafficSpec(List.of(piece(1, 100, 100), piece(2, 0, 0), piece(1, 400, 400)), false);
    /** From 100/s up to 300/s and back again, in 20 s, over and over. */
    private static final TrafficSpec DAILY = new TrafficSpec(List.of(piece(10, 100, 300), piece(10, 300, 100)), true);

    private static Piece piece(double seconds, double from, double to) {
        return new Piece(Duration.ofNanos((long) (seconds * 1e9)), from, to);
    }

    @Test
    void theSameSeedGivesTheSameScheduleToTheNanosecond() {
        assertThat(times(poisson(CONSTANT, 7), MANY)).isEqualTo(times(poisson(CONSTANT, 7), MANY));
        assertThat(times(poisson(CONSTANT, 7), MANY)).isNotEqualTo(times(poisson(CONSTANT, 8), MANY));
    }

    @Test
    void distancesOfPoissonArrivalsAreExponential() {
        long[] times = times(poisson(CONSTANT, 1), MANY);
        double[] distances = new double[MANY];
        for (int i = 0; i < MANY; i++) {
            distances[i] = (times[i] - (i == 0 ? 0 : times[i - 1])) / 1e6;
        }

        // 500/s: mean 2 ms, whose standard error over n distances is 2/sqrt(n); 4 of them is a chance of 1 in 15 000.
        assertThat(times[MANY - 1] / 1e6 / MANY).isCloseTo(2, within(4 * 2 / Math.sqrt(MANY)));
        // P(distance > mean) = 1/e for an exponential distribution alone.
        double share = Arrays.stream(distances).filter(distance -> distance > 2).count() / (double) MANY;
        assertThat(share).isCloseTo(Math.exp(-1), within(4 * Math.sqrt(Math.exp(-1) * (1 - Math.exp(-1)) / MANY)));
    }

    @Test
    void uniformArrivalsAreEquallyFarApart() {
        long[] times = times(uniform(CONSTANT), 100);

        assertThat(times[0]).isEqualTo(2_000_000);
        assertThat(times[99]).isEqualTo(200_000_000);
    }

    @Test
    void stepsChangeTheDistancesAtTheirTimes() {
        Schedule schedule = uniform(STEPS);
        schedule.migrationStarted(0);
        long[] times = times(schedule, 500);

        assertThat(times[0]).isEqualTo(10_000_000);
        assertThat(times[98]).isEqualTo(990_000_000);
        // The 100th is due at the end of the first second; the next one after the pause.
        assertThat(times[99]).isEqualTo(1_000_000_000L);
        assertThat(times[100]).isEqualTo(3_002_500_000L);
        // The last rate goes on: 400 requests after the pause are a second.
        assertThat(times[499]).isEqualTo(4_000_000_000L);
    }

    @Test
    void poissonArrivalsFollowTheRate() {
        Schedule schedule = poisson(DAILY, 11);
        schedule.migrationStarted(0);
        long[] times = times(schedule, MANY);

        // A second of the cycle has a mean of 110, 130, … 290, 290, … 110 requests; summed over all whole cycles.
        int cycles = (int) (times[MANY - 1] / 20_000_000_000L);
        long[] counts = new long[20];
        for (long time : times) {
            if (time < cycles * 20_000_000_000L) {
                counts[(int) (time / 1_000_000_000L % 20)]++;
            }
        }
        for (int second = 0; second < 20; second++) {
            double mean = cycles * (second < 10 ? 110 + 20 * second : 290 - 20 * (second - 10));
            assertThat((double) counts[second]).as("second %d", second).isCloseTo(mean, within(4 * Math.sqrt(mean)));
        }
    }

    @Test
    void timesAndExpectedRequestsAreInversesOfEachOther() {
        CumulatedRate rate = new CumulatedRate(DAILY);

        // The integral of 100 + 20 t over 5 s is 100·5 + 10·25; a whole cycle has 20·200.
        assertThat(rate.requestsAt(5)).isCloseTo(750, within(1e-9));
        assertThat(rate.secondsAt(750)).isCloseTo(5, within(1e-12));
        assertThat(rate.secondsAt(4_000 * 1_000 + 750)).isCloseTo(20_005, within(1e-8));
        assertThat(rate.requestsAt(20_005)).isCloseTo(4_000_750, within(1e-5));
        // An hour's ramp that hardly rises: nothing cancels out.
        CumulatedRate flat = new CumulatedRate(new TrafficSpec(List.of(piece(3_600, 100, 100.000001)), false));
        assertThat(flat.secondsAt(1_000)).isCloseTo(10, within(1e-6));
        assertThat(flat.secondsAt(400_000)).isCloseTo(4_000, within(1e-4));
    }

    @Test
    void untilTheMigrationStartsTheRateIsTheOneItStartsWith() {
        long[] constant = times(uniform(TrafficSpec.constant(100)), 1_000);
        assertThat(times(uniform(STEPS), 1_000)).isEqualTo(constant);

        Schedule schedule = uniform(STEPS);
        schedule.migrationStarted(2_500_000_000L);
        long[] times = times(schedule, 700);

        // 250 before the start, 100 in the second after it, none for two seconds.
        assertThat(times[249]).isEqualTo(2_500_000_000L);
        assertThat(times[349]).isEqualTo(3_500_000_000L);
        assertThat(times[350]).isEqualTo(5_502_500_000L);
    }

    @Test
    void aConstantRateIsNotMovedByTheMigration() {
        Schedule schedule = poisson(CONSTANT, 5);
        schedule.migrationStarted(1_234_567_891L);

        assertThat(times(schedule, MANY)).isEqualTo(times(poisson(CONSTANT, 5), MANY));
    }

    @Test
    void anArrivalThatIsWaitedForMovesWhenTheMigrationStartsBeforeIt() {
        TrafficSpec jump = new TrafficSpec(List.of(piece(0.5, 1, 1), piece(1, 100, 100)), false);
        Schedule schedule = uniform(jump);
        Arrival second = skip(schedule, 1);
        assertThat(schedule.afterNanos(second)).isEqualTo(2_000_000_000L);

        schedule.migrationStarted(1_000_000_000L);

        // Half a request in the half second after the start, the other half at 100/s.
        assertThat(schedule.afterNanos(second)).isEqualTo(1_505_000_000L);
    }

    @Test
    void operationsComeByTheirWeights() {
        Schedule schedule = poisson(CONSTANT, 3);
        long reads = 0;
        for (int i = 0; i < MANY; i++) {
            reads += schedule.next().operation() == 0 ? 1 : 0;
        }

        assertThat(reads / (double) MANY).isCloseTo(0.75, within(4 * Math.sqrt(0.75 * 0.25 / MANY)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7})
    void shardsTogetherAreTheWhole(int shards) {
        List<String> whole = arrivals(new Schedule(WEIGHTS, DAILY, Arrivals.POISSON, 9, 0, 1), 4_200);
        List<List<String>> parts = new ArrayList<>();
        for (int shard = 0; shard < shards; shard++) {
            parts.add(arrivals(new Schedule(WEIGHTS, DAILY, Arrivals.POISSON, 9, shard, shards), 4_200 / shards));
        }

        assertThat(parts.stream().flatMap(List::stream)).containsExactlyInAnyOrderElementsOf(whole);
        assertThat(parts).allSatisfy(part -> assertThat(part).hasSize(4_200 / shards));
    }

    /** Numbers, times and operations as texts; the migration starts after 5 s, wherever the shard is. */
    private static List<String> arrivals(Schedule schedule, int count) {
        schedule.migrationStarted(5_000_000_000L);
        List<String> arrivals = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Arrival arrival = schedule.next();
            arrivals.add(arrival.number() + " " + schedule.afterNanos(arrival) + " " + arrival.operation());
        }
        return arrivals;
    }

    private static Arrival skip(Schedule schedule, int count) {
        for (int i = 0; i < count; i++) {
            schedule.next();
        }
        return schedule.next();
    }

    private static long[] times(Schedule schedule, int count) {
        long[] times = new long[count];
        for (int i = 0; i < count; i++) {
            times[i] = schedule.afterNanos(schedule.next());
        }
        return times;
    }

    private static Schedule poisson(TrafficSpec traffic, long seed) {
        return Schedule.whole(WEIGHTS, traffic, Arrivals.POISSON, seed);
    }

    private static Schedule uniform(TrafficSpec traffic) {
        return Schedule.whole(WEIGHTS, traffic, Arrivals.UNIFORM, 1);
    }
}
