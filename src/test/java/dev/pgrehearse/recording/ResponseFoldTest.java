package dev.pgrehearse.recording;

import static dev.pgrehearse.recording.Requests.nanos;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResponseFoldTest {
    private static final Phases PHASES = new Phases(
            List.of(
                    new Phases.Span("baseline", 0, nanos(10_000)),
                    new Phases.Span("migration", nanos(10_000), nanos(20_000))),
            0);

    @Test
    void aResponseIsTakenApartToTheMillisecond() {
        // 100 of a first try, 20 in the queue, 30 for a connection, 200 and 40 for two locks, 10 of work.
        ResponseParts.Parts parts = only(
                List.of(request(7, 11_000, 11_100, 11_120, 11_150, 11_400, 11_400)),
                wait(7, "orders", "statement 1", 11_151, 11_351),
                wait(7, "(transaction)", "workload", 11_355, 11_395),
                wait(8, "orders", "statement 1", 11_151, 11_351));

        assertThat(parts.response().totalMs()).isEqualTo(400);
        assertThat(parts.earlierTries().totalMs()).isEqualTo(100);
        assertThat(parts.arrivalQueue().totalMs()).isEqualTo(20);
        assertThat(parts.pool().totalMs()).isEqualTo(30);
        assertThat(parts.locks().totalMs()).isEqualTo(240);
        assertThat(parts.rest().totalMs()).isEqualTo(10);
        assertThat(parts.lockWaits())
                .containsExactly(
                        new ResponseParts.LockPart("orders", "statement 1", 1, 200, 200),
                        new ResponseParts.LockPart("(transaction)", "workload", 1, 40, 40));
    }

    @Test
    void aWaitIsTheRequestsOnlyWhileItHasTheConnection() {
        // Two requests on one backend; the sampler saw the first one's wait end 15 ms late, within the second.
        ResponseParts.Parts parts = only(
                List.of(
                        request(7, 11_000, 11_000, 11_000, 11_000, 11_100, 11_100),
                        request(7, 11_000, 11_000, 11_000, 11_100, 11_200, 11_200)),
                wait(7, "orders", "statement 1", 11_010, 11_115),
                wait(7, "orders", "statement 1", 11_110, 11_190));

        // 90 in the first; of the second 10 to the next wait's begin, and its 80.
        assertThat(parts.locks().totalMs()).isEqualTo(180);
        assertThat(parts.pool().totalMs()).isEqualTo(100);
        assertThat(parts.rest().totalMs()).isEqualTo(20);
        assertThat(parts.lockWaits().get(0).requests()).isEqualTo(2);
    }

    @Test
    void whoGaveUpIsChargedToWhereItWasThen() {
        long never = RequestEntry.NEVER;
        List<RequestEntry> gaveUp = List.of(
                new RequestEntry(
                        0, 0, Outcome.REQUEST_TIMEOUT, false, 1, nanos(11_000), never, never, never, nanos(12_000)),
                new RequestEntry(
                        0,
                        0,
                        Outcome.POOL_TIMEOUT,
                        false,
                        1,
                        nanos(11_000),
                        nanos(11_300),
                        never,
                        never,
                        nanos(12_000)),
                // Its worker got the connection a moment after the client had gone.
                new RequestEntry(
                        0,
                        0,
                        Outcome.REQUEST_TIMEOUT,
                        false,
                        1,
                        nanos(11_000),
                        nanos(11_000),
                        nanos(12_001),
                        never,
                        nanos(12_000),
                        nanos(11_000),
                        7),
                request(7, 11_000, 11_000, 11_000, 11_000, -1, 12_000));
        ResponseParts.Parts parts = only(gaveUp, wait(7, "orders", "statement 1", 11_001, 15_000));

        assertThat(parts.response().totalMs()).isEqualTo(4_000);
        assertThat(parts.arrivalQueue().totalMs()).isEqualTo(1_300);
        assertThat(parts.pool().totalMs()).isEqualTo(1_700);
        assertThat(parts.locks().totalMs()).isEqualTo(999);
        assertThat(parts.rest().totalMs()).isEqualTo(1);
    }

    @Test
    void theSlowestHundredthIsToldApart() {
        List<RequestEntry> requests = new ArrayList<>();
        for (int i = 1; i <= 201; i++) {
            requests.add(request(i, 11_000, 11_000, 11_000, 11_000, 11_000 + i, 11_000 + i));
        }
        ResponseParts parts = fold(requests, wait(201, "orders", "statement 1", 11_000, 11_151))
                .get(0);

        assertThat(parts.all().requests()).isEqualTo(201);
        assertThat(parts.slowest().requests()).isEqualTo(3);
        assertThat(parts.slowest().response().totalMs()).isEqualTo(201 + 200 + 199);
        assertThat(parts.slowest().response().meanMs()).isEqualTo(200);
        assertThat(parts.slowest().locks().totalMs()).isEqualTo(151);
        assertThat(parts.all().locks().meanMs()).isEqualTo(151 / 201.0);
    }

    @Test
    void behindAPoolerNobodyKnowsTheLocks() {
        ResponseParts.Parts parts = only(
                List.of(request(RequestEntry.NO_BACKEND, 11_000, 11_000, 11_000, 11_000, 11_400, 11_400)),
                wait(RequestEntry.NO_BACKEND, "orders", "statement 1", 11_000, 11_400));

        assertThat(parts.locks()).isNull();
        assertThat(parts.lockWaits()).isEmpty();
        assertThat(parts.withoutBackend()).isEqualTo(1);
        assertThat(parts.rest().totalMs()).isEqualTo(400);
    }

    private static ResponseParts.Parts only(List<RequestEntry> requests, Fact.Waited... waits) {
        List<ResponseParts> parts = fold(requests, waits);
        assertThat(parts).hasSize(1);
        assertThat(parts.get(0).phase()).isEqualTo("migration");
        return parts.get(0).all();
    }

    private static List<ResponseParts> fold(List<RequestEntry> requests, Fact.Waited... waits) {
        return new ResponseFold(List.of("read_order"), requests, List.of(waits), PHASES).fold();
    }

    private static RequestEntry request(
            int pid,
            double intended,
            double tried,
            double dequeued,
            double acquired,
            double sqlDone,
            double responded) {
        return new RequestEntry(
                0,
                0,
                Outcome.OK,
                false,
                1,
                nanos(intended),
                nanos(dequeued),
                nanos(acquired),
                sqlDone < 0 ? RequestEntry.NEVER : nanos(sqlDone),
                nanos(responded),
                nanos(tried),
                pid);
    }

    private static Fact.Waited wait(int pid, String relation, String behind, double start, double end) {
        return new Fact.Waited(
                pid, relation, "ACCESS SHARE", "read_order", behind, nanos(start), nanos(end), "granted", "log");
    }
}
