package dev.pgrehearse.recording;

import static dev.pgrehearse.recording.Requests.ended;
import static dev.pgrehearse.recording.Requests.nanos;
import static dev.pgrehearse.recording.Requests.ok;
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
        requests.add(new RequestEntry(0, 0, Outcome.OK, true, 1, 0, 0, 0, nanos(7), nanos(7)));

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
                        false,
                        1,
                        nanos(100),
                        nanos(100),
                        nanos(100),
                        RequestEntry.NEVER,
                        nanos(1_100)),
                new RequestEntry(
                        0, 0, Outcome.OK, true, 1, nanos(100), nanos(100), nanos(100), nanos(3_100), nanos(3_100)));

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
