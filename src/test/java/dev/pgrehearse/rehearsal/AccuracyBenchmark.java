package dev.pgrehearse.rehearsal;

import static dev.pgrehearse.postgres.Queries.value;

import dev.pgrehearse.observe.Watched;
import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.rehearsal.PlantedLocks.Hold;
import dev.pgrehearse.rehearsal.PlantedLocks.Length;
import dev.pgrehearse.rehearsal.PlantedLocks.Wait;
import dev.pgrehearse.server.BenchmarkPage;
import dev.pgrehearse.server.TestServer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * How exact waits and holds are: locks of all eight modes, held for 10 ms to 30 s under load, against the server's clock.
 * {@code mvn verify -Pbench -Dit.test=AccuracyBenchmark -Dpgrehearse.write.docs=true} writes the part of
 * {@code docs/accuracy.md}. Nothing is asserted: a bar that is not met is printed as not met; {@code AccuracyIT} asserts.
 *
 * <p>{@code -Dpgrehearse.bench.shrink=10} plants a tenth, to try the benchmark itself.
 */
@Tag("alone")
class AccuracyBenchmark {
    private static final String TITLE = "Planted locks";
    private static final int SHRINK = Integer.getInteger("pgrehearse.bench.shrink", 1);
    private static final double DEADLOCK_TIMEOUT_MS = 1_000;
    private static final double LONG_WAIT_BAR_MS = 5;
    private static final double HOLD_BAR_MS = 5;
    private static final double PERIOD_MS = Watched.DEFAULT_LOCK_PERIOD.toNanos() / 1e6;

    private static final List<Length> LENGTHS = List.of(
            new Length(Duration.ofMillis(10), times(20), true),
            new Length(Duration.ofMillis(50), times(20), true),
            new Length(Duration.ofMillis(500), times(10), true),
            new Length(Duration.ofSeconds(3), times(5), true),
            new Length(Duration.ofSeconds(30), times(2), true),
            // Last: so many statements may use up the observer's closer looks, of which there are 5 000 in a rehearsal.
            new Length(Duration.ofMillis(10), times(20), false),
            new Length(Duration.ofMillis(50), times(20), false));

    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick();

    @TempDir
    static Path folder;

    private static int times(int whole) {
        return Math.max(1, whole / SHRINK);
    }

    @Test
    void plantedLocks() throws Exception {
        PlantedLocks.Outcome outcome;
        try (PlantedLocks planted = new PlantedLocks(POSTGRES, folder)) {
            outcome = planted.plant(LENGTHS);
        }
        List<Wait> recorded = outcome.waits().stream().filter(Wait::isRecorded).toList();
        StringBuilder page = new StringBuilder(String.format(
                Locale.ROOT,
                "Written by `mvn verify -Pbench -Dit.test=AccuracyBenchmark -Dpgrehearse.write.docs=true` on %s: %d"
                        + " processors, shared by server, load and tool, PostgreSQL %s, a look at the lock table each %.0f ms,"
                        + " each %.0f ms while somebody waits, each 5 ms in the first 40 ms of a statement of the migration, 5,000 times at most.%n%n"
                        + "A migration locks eight tables in the eight modes, %s; meanwhile sessions ask for these tables"
                        + " every 30 ms or so, and four others read and write: %.0f %% of the processors were busy. Truth is the server's"
                        + " clock: read in the locking statement once the lock is had, by a deferred trigger as the last thing"
                        + " before the COMMIT lets go, and by each session that asks, before and after. An error is what the"
                        + " recording says minus the truth; given are the medians of their sizes, and the largest.%n%n"
                        + "What the machine adds by itself: asking for a table that nobody locks took a client %.2f ms in the"
                        + " median and %.1f ms at worst in the same minutes; the two looks at the lock table that lay furthest apart"
                        + " were %.1f ms apart. Two threads that only wake each millisecond saw it stand still: %s. What is"
                        + " outside of its bar is told beside what of it lies within 25 ms of such a pause that is at least as long as"
                        + " what is beyond the bar; of all waits and holds %.0f %% lie so near one of 2 ms or more.%n%n",
                LocalDate.now(ZoneOffset.UTC),
                Runtime.getRuntime().availableProcessors(),
                value(POSTGRES.superuser(), "SHOW server_version"),
                PERIOD_MS,
                PERIOD_MS / 2,
                inWords(),
                100 * outcome.busy(),
                outcome.usualNoiseMs(),
                outcome.noiseMs(),
                outcome.worstLookMs(),
                outcome.pauses(),
                100 * paused(outcome)));
        bars(page, outcome, recorded);
        outliers(page, outcome, recorded);
        table(page, outcome);
        BenchmarkPage.ACCURACY.put(TITLE, page.toString(), SHRINK == 1);
    }

    private static double paused(PlantedLocks.Outcome outcome) {
        long all = outcome.waits().size() + (long) outcome.holds().size();
        return (double) (count(outcome.waits(), Wait::paused) + count(outcome.holds(), Hold::paused)) / all;
    }

    private static String inWords() {
        return String.join(
                ", ",
                LENGTHS.stream()
                        .map(length -> length.name() + " " + length.times() + " times"
                                + (length.sideBySide() ? " side by side" : " one after another"))
                        .toList());
    }

    private static void bars(StringBuilder page, PlantedLocks.Outcome outcome, List<Wait> recorded) {
        List<Wait> promised = outcome.waits().stream()
                .filter(wait -> wait.trueMs() > PERIOD_MS)
                .toList();
        List<Wait> longer = recorded.stream().filter(AccuracyBenchmark::isLong).toList();
        List<Wait> shorter = recorded.stream().filter(wait -> !isLong(wait)).toList();
        List<Hold> holds = outcome.holds().stream()
                .filter(hold -> !Double.isNaN(hold.recordedMs()))
                .toList();
        page.append(
                "| promise | figures | outside | of these in a pause of the machine | |\n|---|---|---:|---:|---|\n");
        bar(
                page,
                "waits over `deadlock_timeout` (1 s) within 5 ms",
                errors(longer.stream().mapToDouble(Wait::errorMs)),
                count(longer, wait -> Math.abs(wait.errorMs()) > LONG_WAIT_BAR_MS),
                count(longer, wait -> Math.abs(wait.errorMs()) > LONG_WAIT_BAR_MS && wait.paused()));
        bar(
                page,
                String.format(Locale.ROOT, "shorter waits within one period (%.0f ms)", PERIOD_MS),
                errors(shorter.stream().mapToDouble(Wait::errorMs)),
                count(shorter, wait -> Math.abs(wait.errorMs()) > PERIOD_MS),
                count(shorter, wait -> Math.abs(wait.errorMs()) > PERIOD_MS && wait.paused()));
        bar(
                page,
                "none missed that is longer than a period",
                String.format(Locale.ROOT, "%,d such waits", promised.size()),
                count(promised, wait -> !wait.isRecorded()),
                count(promised, wait -> !wait.isRecorded() && wait.paused()));
        bar(
                page,
                "none invented",
                String.format(Locale.ROOT, "%,d waits recorded", recorded.size()),
                outcome.invented().size(),
                0);
        bar(
                page,
                "each charged to the statement that took the lock",
                String.format(Locale.ROOT, "%,d waits recorded", recorded.size()),
                count(recorded, wait -> !wait.rightlyCharged()),
                0);
        bar(
                page,
                "every hold recorded",
                String.format(Locale.ROOT, "%,d holds", outcome.holds().size()),
                outcome.holds().size() - (long) holds.size(),
                0);
        bar(
                page,
                "held times within 5 ms",
                errors(holds.stream().mapToDouble(Hold::errorMs)),
                count(holds, hold -> Math.abs(hold.errorMs()) > HOLD_BAR_MS),
                count(holds, hold -> Math.abs(hold.errorMs()) > HOLD_BAR_MS && hold.paused()));
        bar(
                page,
                "a wait's start, which both sources have from the server, within 5 ms",
                errors(recorded.stream().mapToDouble(Wait::startErrorMs)),
                count(recorded, wait -> Math.abs(wait.startErrorMs()) > LONG_WAIT_BAR_MS),
                count(recorded, wait -> Math.abs(wait.startErrorMs()) > LONG_WAIT_BAR_MS && wait.paused()));
    }

    /** One by one, since each asks for a reason. */
    private static void outliers(StringBuilder page, PlantedLocks.Outcome outcome, List<Wait> recorded) {
        List<Wait> waits = recorded.stream()
                .filter(wait -> Math.abs(wait.errorMs()) > (isLong(wait) ? LONG_WAIT_BAR_MS : PERIOD_MS))
                .toList();
        List<Hold> holds = outcome.holds().stream()
                .filter(hold -> Math.abs(hold.errorMs()) > HOLD_BAR_MS)
                .toList();
        if (waits.isEmpty() && holds.isEmpty()) {
            return;
        }
        page.append("""

                What is outside of its bar, in milliseconds:

                | | mode | held for | true | recorded | had after the statement's start | source | in a pause of the machine |
                |---|---|---:|---:|---:|---:|---|---|
                """);
        for (Wait wait : waits) {
            page.append(String.format(
                    Locale.ROOT,
                    "| wait | %s | %s | %.2f | %.2f | | %s | %s |%n",
                    wait.mode().sqlName(),
                    wait.length().name(),
                    wait.trueMs(),
                    wait.recordedMs(),
                    wait.fromLog() ? "log" : "sampled",
                    wait.paused() ? "yes" : "no"));
        }
        for (Hold hold : holds) {
            page.append(String.format(
                    Locale.ROOT,
                    "| hold | %s | %s | %.2f to %.2f | %.2f | %.2f | %s | %s |%n",
                    hold.mode().sqlName(),
                    hold.length().name(),
                    hold.atLeastMs(),
                    hold.atMostMs(),
                    hold.recordedMs(),
                    hold.hadAfterMs(),
                    hold.source(),
                    hold.paused() ? "yes" : "no"));
        }
    }

    private static void bar(StringBuilder page, String promise, String figures, long outside, long paused) {
        String verdict =
                outside == 0 ? "**met**" : outside == paused ? "**met**, but for the machine's pauses" : "**NOT met**";
        page.append(
                String.format(Locale.ROOT, "| %s | %s | %d | %d | %s |%n", promise, figures, outside, paused, verdict));
    }

    private static void table(StringBuilder page, PlantedLocks.Outcome outcome) {
        page.append("""

                By mode and length, in milliseconds: how many, the median of the errors' sizes, and the largest.

                | mode | held for | waits over 1 s | shorter waits | not seen, all under a period | holds | of these exact |
                |---|---:|---|---|---:|---|---:|
                """);
        for (LockMode mode : LockMode.values()) {
            for (Length length : LENGTHS) {
                List<Wait> waits = outcome.waits().stream()
                        .filter(wait -> wait.mode() == mode && wait.length().equals(length))
                        .toList();
                List<Wait> seen = waits.stream().filter(Wait::isRecorded).toList();
                List<Hold> holds = outcome.holds().stream()
                        .filter(hold -> hold.mode() == mode && hold.length().equals(length))
                        .filter(hold -> !Double.isNaN(hold.recordedMs()))
                        .toList();
                long missed = count(waits, wait -> !wait.isRecorded() && wait.trueMs() > PERIOD_MS);
                page.append(String.format(
                        Locale.ROOT,
                        "| %s | %s | %s | %s | %s | %s | %d |%n",
                        mode.sqlName(),
                        length.name() + (length.sideBySide() ? "" : ", one after another"),
                        errors(seen.stream().filter(AccuracyBenchmark::isLong).mapToDouble(Wait::errorMs)),
                        errors(seen.stream().filter(wait -> !isLong(wait)).mapToDouble(Wait::errorMs)),
                        (waits.size() - seen.size()) + (missed == 0 ? "" : " (" + missed + " longer)"),
                        errors(holds.stream().mapToDouble(Hold::errorMs)),
                        count(holds, hold -> hold.source().equals("exact"))));
            }
        }
    }

    private static boolean isLong(Wait wait) {
        return wait.trueMs() > DEADLOCK_TIMEOUT_MS;
    }

    private static <T> long count(List<T> all, Predicate<T> which) {
        return all.stream().filter(which).count();
    }

    private static String errors(DoubleStream errors) {
        double[] sorted =
                Arrays.stream(errors.toArray()).map(Math::abs).sorted().toArray();
        if (sorted.length == 0) {
            return "—";
        }
        return String.format(
                Locale.ROOT, "%,d: %.2f, %.2f", sorted.length, sorted[sorted.length / 2], sorted[sorted.length - 1]);
    }
}
