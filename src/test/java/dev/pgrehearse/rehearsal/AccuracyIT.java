package dev.pgrehearse.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.rehearsal.PlantedLocks.Length;
import dev.pgrehearse.server.TestServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Locks of all eight modes that are held for 10 ms to 3 s, under load: what the recording says, against the server's clock. A
 * short {@code AccuracyBenchmark}. What the machine did meanwhile is allowed on top of each bar: a round trip that has nothing to
 * wait for, at its worst for each figure, in the median for medians.
 */
@Tag("alone")
class AccuracyIT {
    private static final double LONG_WAIT_BAR_MS = 5;
    private static final double HOLD_BAR_MS = 5;
    private static final double DEADLOCK_TIMEOUT_MS = 1_000;

    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick();

    @TempDir
    static Path folder;

    private static PlantedLocks.Outcome outcome;

    @BeforeAll
    static void plant() throws Exception {
        try (PlantedLocks planted = new PlantedLocks(POSTGRES, folder)) {
            outcome = planted.plant(List.of(
                    new Length(Duration.ofMillis(10), 3, false),
                    new Length(Duration.ofMillis(50), 3, false),
                    new Length(Duration.ofMillis(500), 2, true),
                    new Length(Duration.ofSeconds(3), 1, true)));
        }
    }

    @Test
    void waitsLongerThanDeadlockTimeoutAreExact() {
        List<PlantedLocks.Wait> waits = outcome.waits().stream()
                .filter(wait -> wait.trueMs() > DEADLOCK_TIMEOUT_MS + outcome.noiseMs())
                .toList();

        assertThat(waits)
                .extracting(PlantedLocks.Wait::mode)
                .contains(LockMode.values())
                .hasSizeGreaterThan(LockMode.values().length);
        assertThat(waits).allSatisfy(wait -> {
            assertThat(wait.isRecorded()).isTrue();
            assertThat(wait.fromLog()).isTrue();
            assertThat(wait.paused() ? 0 : Math.abs(wait.errorMs())).isLessThan(LONG_WAIT_BAR_MS + outcome.noiseMs());
        });
        assertThat(median(waits.stream()
                        .mapToDouble(wait -> Math.abs(wait.errorMs()))
                        .toArray()))
                .isLessThan(LONG_WAIT_BAR_MS + outcome.usualNoiseMs());
    }

    @Test
    void shorterWaitsAreOnePeriodExact() {
        List<PlantedLocks.Wait> waits = outcome.waits().stream()
                .filter(wait -> wait.isRecorded() && wait.trueMs() <= DEADLOCK_TIMEOUT_MS)
                .toList();

        assertThat(waits).extracting(PlantedLocks.Wait::mode).contains(LockMode.values());
        assertThat(waits)
                .allSatisfy(wait ->
                        assertThat(Math.abs(wait.errorMs())).isLessThan(outcome.worstLookMs() + outcome.noiseMs()));
    }

    @Test
    void noneIsMissedThatIsLongerThanAPeriod() {
        List<PlantedLocks.Wait> promised = outcome.waits().stream()
                .filter(wait -> wait.trueMs() > outcome.worstLookMs() + outcome.noiseMs())
                .toList();

        assertThat(promised)
                .isNotEmpty()
                .allSatisfy(wait -> assertThat(wait.isRecorded()).isTrue());
    }

    @Test
    void noneIsInvented() {
        assertThat(outcome.invented()).isEmpty();
    }

    @Test
    void eachIsChargedToTheStatementThatTookTheLock() {
        assertThat(outcome.waits().stream().filter(PlantedLocks.Wait::isRecorded))
                .isNotEmpty()
                .allSatisfy(wait -> assertThat(wait.rightlyCharged()).isTrue());
    }

    @Test
    void holdsAreThoseOfTheServersClock() {
        List<PlantedLocks.Hold> holds = outcome.holds().stream()
                .filter(hold -> hold.mode() != LockMode.ACCESS_SHARE)
                .toList();

        assertThat(holds).hasSize((3 + 3 + 2 + 1) * 7);
        // Where neither somebody who waited nor the log tells, a hold ends when its client hears of it: now and then
        // late.
        List<PlantedLocks.Hold> off = holds.stream()
                .filter(hold -> !hold.paused())
                .filter(hold -> Math.abs(hold.errorMs())
                        > outcome.noiseMs() + (hold.source().equals("exact") ? HOLD_BAR_MS : outcome.worstLookMs()))
                .toList();
        assertThat(off).hasSizeLessThanOrEqualTo(holds.size() / 10);
        assertThat(off).as("heard of late, and never early").allSatisfy(hold -> {
            assertThat(hold.errorMs()).isPositive();
            assertThat(hold.source()).isEqualTo("exact");
        });
        // What a pause of the machine explains is no error of ours, and on a busy one all may be such.
        double[] errors = holds.stream()
                .filter(hold -> !hold.paused())
                .mapToDouble(hold -> Math.abs(hold.errorMs()))
                .toArray();
        if (errors.length > 0) {
            assertThat(median(errors)).isLessThan(HOLD_BAR_MS + outcome.usualNoiseMs());
        }
    }

    static double median(double[] values) {
        double[] sorted = Arrays.stream(values).sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
