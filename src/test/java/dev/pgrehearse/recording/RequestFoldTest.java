package dev.pgrehearse.recording;

import static dev.pgrehearse.recording.Requests.ended;
import static dev.pgrehearse.recording.Requests.nanos;
import static dev.pgrehearse.recording.Requests.ok;
import static dev.pgrehearse.recording.Requests.work;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class RequestFoldTest {
    private static final Phases PHASES = new Phases(
            List.of(
                    new Phases.Span("warmup", nanos(-2_000), 0),
                    new Phases.Span("baseline", 0, nanos(10_000)),
                    new Phases.Span("migration", nanos(10_000), nanos(20_000)),
                    new Phases.Span("recovery", nanos(20_000), nanos(30_000))),
            0);

    @Test
    void percentilesOfALockAreWhatArithmeticSays() {
        // 500/s, 2 ms each, and nobody answered for 3 s from 12 s on: of the 5 000 requests of the phase 1 500 waited,
        // evenly between 3 s and 0. So 1 % (50) of all waited longer than 3 s * (1 - 50/1500) = 2.9 s.
        List<RequestEntry> requests = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            double at = 10_000 + i * 2.0;
            boolean blocked = at >= 12_000 && at < 15_000;
            requests.add(ok(at, blocked ? 15_000 : at + 2));
        }

        Recording.OperationPhase phase = operation(requests).phases().get("migration");

        assertThat(phase.p99Ms()).isCloseTo(2_900, Percentage.withPercentage(0.5));
        assertThat(phase.maxMs()).isEqualTo(3_000);
        assertThat(phase.stallMs()).isEqualTo(3_000);
        assertThat(phase.stallStartMs()).isEqualTo(12_000);
        assertThat(phase.censoredAboveMs()).isNull();
    }

    @Test
    void aStallThatBeganBeforeTheMigrationIsNotTheMigrations() {
        // Nobody was answered from 8 s on, and the migration began at 10 s: somebody else holds them up.
        List<RequestEntry> requests = new ArrayList<>(List.of(ok(7_990, 8_000)));
        for (int at = 8_000; at < 13_500; at += 100) {
            requests.add(ok(at, 13_500));
        }

        Map<String, Recording.OperationPhase> phases = operation(requests).phases();

        assertThat(phases.get("baseline").stallMs()).isEqualTo(5_500);
        assertThat(phases.get("migration").stallMs()).isZero();
    }

    @Test
    void aStallThatBeganAMomentBeforeTheMigrationIsTheMigrations() {
        List<RequestEntry> requests = new ArrayList<>(List.of(ok(9_990, 9_995)));
        for (int at = 9_994; at < 13_000; at += 100) {
            requests.add(ok(at, 13_000));
        }

        assertThat(operation(requests).phases().get("migration").stallMs()).isEqualTo(3_005);
    }

    @Test
    void stallsLongerThanThoseOfTheBaselineAreAddedUp() {
        // Each request is answered in 2 ms, but for those of a stall: of 150 ms at most in the baseline.
        List<RequestEntry> requests = new ArrayList<>();
        for (int at = 0; at < 30_000; at += 10) {
            requests.add(ok(at, Math.max(at + 2, endOfStall(at))));
        }

        Map<String, Recording.OperationPhase> phases = operation(requests).phases();

        assertThat(phases.get("baseline").stalls()).isEqualTo(new Recording.Stalls(300, 0, 0, false));
        assertThat(phases.get("migration").stalls()).isEqualTo(new Recording.Stalls(300, 3, 4_310, false));
        assertThat(phases.get("migration").stallMs()).isEqualTo(2_000);
        assertThat(phases.get("recovery").stalls()).isEqualTo(new Recording.Stalls(300, 0, 0, false));
    }

    /** When a request is answered that comes at that time: those of a stall at its end, others at once. */
    private static double endOfStall(double at) {
        double[][] stalls = {{5_000, 5_150}, {11_000, 13_000}, {14_000, 16_000}, {17_000, 17_310}, {18_000, 18_300}};
        for (double[] stall : stalls) {
            if (at >= stall[0] && at < stall[1]) {
                return stall[1];
            }
        }
        return at;
    }

    @Test
    void whatNobodyNoticesIsNoStall() {
        // Nothing at all in the baseline, then one of 100 ms and one of 110 ms.
        List<RequestEntry> requests = new ArrayList<>();
        for (int at = 0; at < 20_000; at += 10) {
            boolean first = at >= 12_000 && at < 12_100;
            boolean second = at >= 14_000 && at < 14_110;
            requests.add(ok(at, first ? 12_100 : second ? 14_110 : at + 2));
        }

        assertThat(operation(requests).phases().get("migration").stalls())
                .isEqualTo(new Recording.Stalls(100, 1, 110, false));
    }

    @Test
    void stallsThatGoOnAtTheEndMakeTheSumALowerBound() {
        List<RequestEntry> requests = new ArrayList<>();
        for (int at = 0; at < 29_000; at += 10) {
            requests.add(ok(at, at + 2));
        }
        requests.add(ended(Outcome.UNFINISHED, 29_000, 30_000));

        assertThat(operation(requests).phases().get("recovery").stalls())
                .isEqualTo(new Recording.Stalls(100, 1, 1_000, true));
    }

    @Test
    void withoutABaselineNobodyKnowsWhichStallsAreUsual() {
        List<RequestEntry> requests = new ArrayList<>(List.of(ended(Outcome.SQL_ERROR, 5_000, 5_001)));
        for (int at = 10_000; at < 20_000; at += 1_000) {
            requests.add(ok(at, at + 500));
        }

        assertThat(operation(requests).phases().get("migration").stalls()).isNull();
    }

    @Test
    void aPercentileAmongThoseThatGaveUpIsALowerBound() {
        List<RequestEntry> requests = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            requests.add(i < 90 ? ok(i, i + 1) : ended(Outcome.REQUEST_TIMEOUT, i, i + 1_000));
        }

        Recording.OperationPhase phase = operation(requests).phases().get("baseline");

        assertThat(phase.p50Ms()).isCloseTo(1, within(0.01));
        assertThat(phase.p99Ms()).isCloseTo(1_000, within(1.0));
        assertThat(phase.censoredAboveMs()).isEqualTo(1_000);
    }

    @Test
    void outcomesAddUpToWhatWasOfferedSinceTheBaseline() {
        List<RequestEntry> requests = new ArrayList<>(List.of(ok(-1_000, -999)));
        Outcome[] outcomes = Outcome.values();
        for (int i = 0; i < 150; i++) {
            requests.add(ended(outcomes[i % outcomes.length], i * 200, i * 200 + 1));
        }
        requests.add(work(0, 7));

        Recording.Requests folded = fold(requests);

        assertThat(folded.offered()).isEqualTo(150);
        assertThat(folded.outcomes().values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .isEqualTo(150);
        assertThat(folded.outcomes()).containsEntry(Outcome.DEADLOCK, 10L);
    }

    @Test
    void workThatEndedAfterItsClientHadGoneCountsAsServiceOnly() {
        List<RequestEntry> requests = List.of(
                new RequestEntry(
                        0,
                        0,
                        Outcome.REQUEST_TIMEOUT,
                        1,
                        nanos(100),
                        nanos(100),
                        nanos(100),
                        RequestEntry.NEVER,
                        nanos(1_100)),
                work(100, 3_100));

        Recording.OperationPhase phase = operation(requests).phases().get("baseline");

        assertThat(phase.count()).isEqualTo(1);
        assertThat(phase.maxMs()).isEqualTo(1_000);
        assertThat(phase.service().count()).isEqualTo(1);
        assertThat(phase.service().maxMs()).isEqualTo(3_000);
    }

    private static Recording.OperationFacts operation(List<RequestEntry> requests) {
        return fold(requests).operations().get(0);
    }

    private static Recording.Requests fold(List<RequestEntry> requests) {
        return new RequestFold(List.of("read"), requests, PHASES, nanos(30_000)).fold();
    }
}
