package dev.pgrehearse.recording;

import static dev.pgrehearse.recording.Requests.nanos;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class WaitEndsTest {
    private static final int BACKEND = 7;

    @Test
    void aWaitEndsWithItsRequestWhenTheLookCameLater() {
        Fact.Waited ended = only(wait(1_000, 1_040, "sampled"), request(BACKEND, 990, 1_023));

        assertThat(ended.startNanos()).isEqualTo(nanos(1_000));
        assertThat(ended.endNanos()).isEqualTo(nanos(1_023));
        assertThat(ended.source()).isEqualTo("request");
        assertThat(ended)
                .usingRecursiveComparison()
                .ignoringFields("endNanos", "source")
                .isEqualTo(wait(1_000, 1_040, "sampled"));
    }

    @Test
    void aRequestThatWorkedOnTellsNothing() {
        assertThat(only(wait(1_000, 1_040, "sampled"), request(BACKEND, 990, 1_040)))
                .isEqualTo(wait(1_000, 1_040, "sampled"));
        assertThat(only(wait(1_000, 1_040, "sampled"), request(BACKEND, 990, 1_039.999))
                        .endNanos())
                .isEqualTo(nanos(1_039.999));
    }

    @Test
    void theLogKnowsBetter() {
        assertThat(only(wait(1_000, 3_040, "log"), request(BACKEND, 990, 3_030)))
                .isEqualTo(wait(1_000, 3_040, "log"));
    }

    @Test
    void anotherBackendsRequestIsAnothers() {
        assertThat(only(wait(1_000, 1_040, "sampled"), request(BACKEND + 1, 990, 1_023)))
                .isEqualTo(wait(1_000, 1_040, "sampled"));
    }

    /** Short requests follow one another on a connection, and a look that comes late has more of the next one than of its own. */
    @Test
    void itIsTheRequestThatHadTheConnectionWhenTheWaitBegan() {
        RequestEntry before = request(BACKEND, 900, 999);
        RequestEntry waited = request(BACKEND, 999.4, 1_004);
        RequestEntry after = request(BACKEND, 1_004.5, 1_021);

        assertThat(only(wait(1_000, 1_022, "sampled"), after, before, waited).endNanos())
                .isEqualTo(nanos(1_004));
    }

    /** The clocks differ: the one before seems to be at work still, and the one that waited was never logged. */
    @Test
    void theRequestBeforeEndsNoWait() {
        assertThat(only(wait(1_000, 1_040, "sampled"), request(BACKEND, 900, 1_001.9)))
                .isEqualTo(wait(1_000, 1_040, "sampled"));
        assertThat(only(wait(1_000, 9_000, "sampled"), request(BACKEND, 900, 1_010)))
                .as("no look is that late")
                .isEqualTo(wait(1_000, 9_000, "sampled"));
        assertThat(only(wait(1_000, 9_000, "sampled"), request(BACKEND, 900, 8_900))
                        .endNanos())
                .isEqualTo(nanos(8_900));
    }

    /** Nobody looked for three seconds: the request that waited knows better. */
    @Test
    void aWaitIsNoLongerThanItsRequestHoweverLateTheNextLookCame() {
        assertThat(only(wait(1_000, 4_200, "sampled"), request(BACKEND, 990, 1_200))
                        .endNanos())
                .isEqualTo(nanos(1_200));
    }

    /** A look shows the next wait of the backend, and that the one before is gone. */
    @Test
    void aBackendWaitsForOneLockAtATime() {
        Fact.Waited first = wait(1_000, 1_040, "sampled");
        Fact.Waited second = wait(1_010, 1_060, "sampled");
        List<Fact> facts = WaitEnds.applied(List.of(second, first), List.of(), List.of());

        assertThat(facts)
                .extracting(fact -> ((Fact.Waited) fact).endNanos())
                .containsExactly(nanos(1_060), nanos(1_010));
        assertThat(facts).extracting(fact -> ((Fact.Waited) fact).source()).containsOnly("sampled");
    }

    @Test
    void aRequestOfAnotherOperationIsOfABackendElsewhere() {
        List<Fact> facts = WaitEnds.applied(
                List.of(wait(1_000, 1_040, "sampled")),
                List.of(request(BACKEND, 990, 1_023)),
                List.of("read_on_standby"));

        assertThat(facts).containsExactly(wait(1_000, 1_040, "sampled"));
    }

    /** PostgreSQL 13: two waits for one lock look like one, which the first one's request must not end. */
    @Test
    void whereNobodyKnowsWhenWaitsBeganNothingIsShortened() {
        Fact doubt = new Fact.Doubted(new Recording.Doubt("no-wait-start", "as PostgreSQL 13"));
        List<Fact> facts = List.of(doubt, wait(1_000, 1_040, "sampled"));

        assertThat(WaitEnds.applied(facts, List.of(request(BACKEND, 990, 1_023)), List.of("read_order")))
                .isEqualTo(facts);
    }

    @Test
    void aRequestThatNeverHadAnAnswerFromTheDatabaseEndsNothing() {
        RequestEntry unfinished = new RequestEntry(
                0,
                0,
                RequestEntry.Kind.REQUEST,
                Outcome.REQUEST_TIMEOUT,
                1,
                nanos(900),
                nanos(900),
                nanos(990),
                RequestEntry.NEVER,
                nanos(1_010),
                nanos(900),
                BACKEND);

        assertThat(only(wait(1_000, 1_040, "sampled"), unfinished)).isEqualTo(wait(1_000, 1_040, "sampled"));
    }

    private static Fact.Waited only(Fact.Waited wait, RequestEntry... requests) {
        List<Fact> facts = WaitEnds.applied(List.of(wait), List.of(requests), List.of("read_order"));
        assertThat(facts).hasSize(1);
        return (Fact.Waited) facts.get(0);
    }

    private static Fact.Waited wait(double start, double end, String source) {
        return new Fact.Waited(
                BACKEND,
                "orders",
                "ACCESS SHARE",
                "read_order",
                "statement 1",
                nanos(start),
                nanos(end),
                "granted",
                source,
                3,
                2,
                null);
    }

    private static RequestEntry request(int pid, double acquired, double sqlDone) {
        return new RequestEntry(
                0,
                0,
                RequestEntry.Kind.REQUEST,
                Outcome.OK,
                1,
                nanos(acquired),
                nanos(acquired),
                nanos(acquired),
                nanos(sqlDone),
                nanos(sqlDone),
                nanos(acquired),
                pid);
    }
}
