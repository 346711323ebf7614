package dev.pgrehearse.recording;

import static dev.pgrehearse.recording.Requests.nanos;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.recording.RequestEntry.Kind;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What the log tells of earlier tries is for where their time went; work and requests are counted without it. */
class EarlierTriesTest {
    @Test
    void anEarlierTryIsNeitherARequestNorWork() {
        // Tried at 0 and at 150 ms: 40 ms in the queue and 60 of SQL that failed, then 50 of SQL.
        List<RequestEntry> entries = List.of(
                entry(Kind.WORK, Outcome.LOCK_TIMEOUT, 1, 40, 40, 100, 100, 0),
                entry(Kind.EARLIER_TRY, Outcome.LOCK_TIMEOUT, 1, 40, 40, 100, 100, 0),
                entry(Kind.REQUEST, Outcome.OK, 2, 150, 150, 200, 200, 150));
        Recording recording = new Fold(facts(), entries).recording();

        Recording.Requests requests = Objects.requireNonNull(recording.requests());
        assertThat(requests.offered()).isEqualTo(1);
        assertThat(requests.attempts()).isEqualTo(2);
        Recording.OperationPhase phase =
                Objects.requireNonNull(requests.operations().get(0).phases().get(Recording.Phase.BASELINE));
        assertThat(phase.count()).isEqualTo(1);
        assertThat(phase.service().count()).as("the work of both tries").isEqualTo(2);
        assertThat(recording.doubts()).extracting(Recording.Doubt::id).doesNotContain(Recording.Doubt.REQUESTS_LOST);

        ResponseParts.Parts parts = recording.responseParts().get(0).all();
        assertThat(parts.response().totalMs()).isEqualTo(200);
        assertThat(parts.betweenTries().totalMs()).isEqualTo(50);
        assertThat(parts.arrivalQueue().totalMs()).isEqualTo(40);
        assertThat(parts.rest().totalMs()).isEqualTo(110);
    }

    /** Its pause is no time of any try. */
    @Test
    void whoPausedWhenTheLoadEndedWaitedBetweenTries() {
        List<RequestEntry> entries = List.of(
                entry(Kind.EARLIER_TRY, Outcome.REQUEST_TIMEOUT, 1, -1, -1, -1, 100, 0),
                entry(Kind.REQUEST, Outcome.UNFINISHED, 1, -1, -1, -1, 170, 170));
        ResponseParts.Parts parts =
                new Fold(facts(), entries).recording().responseParts().get(0).all();

        assertThat(parts.response().totalMs()).isEqualTo(170);
        assertThat(parts.arrivalQueue().totalMs()).isEqualTo(100);
        assertThat(parts.betweenTries().totalMs()).isEqualTo(70);
        assertThat(parts.rest().totalMs()).isZero();
    }

    private static RequestEntry entry(
            Kind kind,
            Outcome outcome,
            int number,
            double dequeued,
            double acquired,
            double sqlDone,
            double responded,
            double tried) {
        return new RequestEntry(
                0,
                0,
                kind,
                outcome,
                number,
                0,
                reached(dequeued),
                reached(acquired),
                reached(sqlDone),
                nanos(responded),
                nanos(tried),
                7);
    }

    private static long reached(double millis) {
        return millis < 0 ? RequestEntry.NEVER : nanos(millis);
    }

    private static List<Fact> facts() {
        return List.of(
                Beginnings.of("tries"),
                new Fact.LoadBegan(List.of("read_order"), 1),
                new Fact.PhaseBegan(Recording.Phase.BASELINE, 0),
                new Fact.LoadEnded(1),
                new Fact.Ended(nanos(1_000), null));
    }
}
