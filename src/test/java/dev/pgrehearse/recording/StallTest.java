package dev.pgrehearse.recording;

import static dev.pgrehearse.recording.Requests.ended;
import static dev.pgrehearse.recording.Requests.nanos;
import static dev.pgrehearse.recording.Requests.ok;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

class StallTest {
    @Test
    void reachesFromTheFirstArrivalThatWasNotServedToTheNextSuccess() {
        List<RequestEntry> requests = List.of(ok(0, 1), ok(10, 3_010), ok(20, 3_011), ok(4_000, 4_001));

        assertThat(longest(requests, 5_000)).isEqualTo(new Stall(nanos(10), nanos(3_010), false));
    }

    @Test
    void isNotCappedByClientsThatGiveUp() {
        List<RequestEntry> requests = new ArrayList<>(List.of(ok(0, 1)));
        for (int at = 10; at < 3_000; at += 10) {
            requests.add(at + 1_000 <= 3_000 ? ended(Outcome.REQUEST_TIMEOUT, at, at + 1_000) : ok(at, 3_000));
        }

        assertThat(longest(requests, 5_000)).isEqualTo(new Stall(nanos(10), nanos(3_000), false));
    }

    @Test
    void beginsWithTheLastSuccessWhenSomebodyWasInFlightThen() {
        List<RequestEntry> requests = List.of(ok(0, 2_000), ok(500, 1_000), ok(1_500, 2_500));

        assertThat(Stall.of(requests, nanos(3_000)))
                .containsExactly(
                        new Stall(nanos(0), nanos(1_000), false),
                        new Stall(nanos(1_000), nanos(2_000), false),
                        new Stall(nanos(2_000), nanos(2_500), false));
    }

    @Test
    void endsWithTheLastFailureWhenNobodyAskedUntilTheNextSuccess() {
        List<RequestEntry> requests = List.of(ended(Outcome.DEADLOCK, 100, 200), ok(60_000, 60_001));

        assertThat(longest(requests, 61_000)).isEqualTo(new Stall(nanos(100), nanos(200), false));
    }

    @Test
    void beginsAnewWithTheRequestThatEndsASilence() {
        List<RequestEntry> requests =
                List.of(ok(0, 1), ended(Outcome.DEADLOCK, 100, 200), ok(10_000, 14_900), ok(15_000, 15_001));

        assertThat(longest(requests, 16_000)).isEqualTo(new Stall(nanos(10_000), nanos(14_900), false));
    }

    @Test
    void includesPausesBetweenFailures() {
        List<RequestEntry> requests = List.of(
                ok(0, 1),
                ended(Outcome.REQUEST_TIMEOUT, 1_000, 2_000),
                ended(Outcome.REQUEST_TIMEOUT, 11_000, 12_000),
                ok(21_000, 21_001));

        assertThat(longest(requests, 22_000)).isEqualTo(new Stall(nanos(1_000), nanos(12_000), false));
    }

    @Test
    void isOpenWhenTheRecordingEndsWithinIt() {
        List<RequestEntry> requests = List.of(ok(0, 1), ended(Outcome.UNFINISHED, 100, 5_000));

        assertThat(longest(requests, 5_000)).isEqualTo(new Stall(nanos(100), nanos(5_000), true));
    }

    @Test
    void isNotOpenWhenEverybodyHadGoneBeforeTheEnd() {
        List<RequestEntry> requests = List.of(ok(0, 1), ended(Outcome.SQL_ERROR, 100, 200));

        assertThat(longest(requests, 5_000)).isEqualTo(new Stall(nanos(100), nanos(200), false));
    }

    @Test
    void isNoLongerThanTheSlowestAnswerWhenAllSucceedInTurn() {
        List<RequestEntry> requests = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            requests.add(ok(i * 10, i * 10 + 3));
        }

        assertThat(Stall.of(requests, nanos(1_000)))
                .hasSize(100)
                .allSatisfy(stall -> assertThat(stall.lengthNanos()).isEqualTo(nanos(3)));
    }

    @Test
    void isNoneWithoutRequests() {
        assertThat(Stall.of(List.of(), nanos(1_000))).isEmpty();
    }

    private static Stall longest(List<RequestEntry> requests, double endMs) {
        return Stall.of(requests, nanos(endMs)).stream()
                .max(Comparator.comparingLong(Stall::lengthNanos))
                .orElseThrow();
    }
}
