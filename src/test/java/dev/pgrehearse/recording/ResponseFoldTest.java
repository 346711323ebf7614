package dev.pgrehearse.recording;

import static dev.pgrehearse.recording.Requests.nanos;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResponseFoldTest {
    private static final Phases PHASES = new Phases(
            List.of(
                    new Phases.Span("baseline", 0, nanos(10_000)),
                    new Phases.Span("migration", nanos(10_000), nanos(20_000))),
            0);

    @Test
    void aResponseIsTakenApartToTheMillisecond() {
        // 100 of which nothing is told, 20 in the queue, 30 for a connection, 200 and 40 for two locks, 10 of work.
        ResponseParts.Parts parts = only(
                List.of(request(7, 11_000, 11_100, 11_120, 11_150, 11_400, 11_400)),
                wait(7, "orders", "statement 1", 11_151, 11_351),
                wait(7, "(transaction)", "workload", 11_355, 11_395),
                wait(8, "orders", "statement 1", 11_151, 11_351));

        assertThat(parts.response().totalMs()).isEqualTo(400);
        assertThat(parts.betweenTries().totalMs()).isEqualTo(100);
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
    void theSlowestAreToldOneByOneWithWhatEachWaitedFor() {
        List<RequestEntry> requests = new ArrayList<>();
        for (int i = 0; i < 398; i++) {
            requests.add(request(8, 11_000, 11_000, 11_000, 11_000, 11_005, 11_005));
        }
        requests.add(request(7, 11_100, 11_100, 11_110, 11_130, 14_100, 14_130));
        requests.add(request(9, 11_200, 11_200, 11_200, 11_200, 13_200, 13_200));
        List<ResponseParts.One> examples = fold(
                        requests,
                        List.of(),
                        wait(7, "orders", "statement 1", 11_130, 14_000),
                        wait(9, "items", "workload", 11_300, 11_400))
                .get(0)
                .examples();

        assertThat(examples)
                .extracting(ResponseParts.One::intendedMs)
                .startsWith(11_100.0, 11_200.0)
                .hasSize(3);
        ResponseParts.Parts slowest = examples.get(0).parts();
        assertThat(slowest.requests()).isEqualTo(1);
        assertThat(slowest.response().totalMs()).isEqualTo(3_030);
        assertThat(slowest.arrivalQueue().totalMs()).isEqualTo(10);
        assertThat(slowest.pool().totalMs()).isEqualTo(20);
        assertThat(slowest.locks().totalMs()).isEqualTo(2_870);
        assertThat(slowest.rest().totalMs()).isEqualTo(130);
        assertThat(slowest.lockWaits())
                .containsExactly(new ResponseParts.LockPart("orders", "statement 1", 1, 2_870, 2_870));
        assertThat(examples.get(1).parts().lockWaits())
                .containsExactly(new ResponseParts.LockPart("items", "workload", 1, 100, 100));
    }

    /** Backends of two servers may have one number: a read of the standby waits for replay there, and for nobody on the primary. */
    @Test
    void aReadOfTheStandbyWaitsForReplay() {
        Facts standby = new Facts(List.of(
                new Fact.StandbyStarted(Map.of(), 3, List.of("read_order")),
                new Fact.StandbyWaited(
                        7, "orders", "ACCESS SHARE", "read_order", "replay", nanos(11_200), nanos(14_205))));
        ResponseParts.Parts parts = new ResponseFold(
                        List.of("read_order"),
                        List.of(request(7, 11_000, 11_000, 11_000, 11_190, 14_200, 14_200)),
                        List.of(),
                        List.of(wait(7, "orders", "statement 1", 11_190, 14_200)),
                        standby,
                        PHASES)
                .fold()
                .get(0)
                .all();

        assertThat(parts.locks().totalMs()).isEqualTo(3_000);
        assertThat(parts.rest().totalMs()).isEqualTo(10);
        assertThat(parts.lockWaits()).containsExactly(new ResponseParts.LockPart("orders", "replay", 1, 3_000, 3_000));
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
                new RequestEntry(0, 0, Outcome.REQUEST_TIMEOUT, 1, nanos(11_000), never, never, never, nanos(12_000)),
                new RequestEntry(
                        0, 0, Outcome.POOL_TIMEOUT, 1, nanos(11_000), nanos(11_300), never, never, nanos(12_000)),
                // Its worker got the connection a moment after the client had gone.
                new RequestEntry(
                        0,
                        0,
                        RequestEntry.Kind.REQUEST,
                        Outcome.REQUEST_TIMEOUT,
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
        ResponseParts parts = fold(requests, List.of(), wait(201, "orders", "statement 1", 11_000, 11_151))
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

    @Test
    void allTriesOfARequestAreTakenApartTogether() {
        RequestEntry inLock = earlierTry(1, 11_000, 11_010, 11_030, -1, 11_500, 7);
        RequestEntry inQueue = earlierTry(2, 11_600, -1, -1, -1, 11_800, RequestEntry.NO_BACKEND);
        RequestEntry refused = earlierTry(3, 12_000, -1, -1, -1, 12_000, RequestEntry.NO_BACKEND);
        RequestEntry last = new RequestEntry(
                0,
                0,
                RequestEntry.Kind.REQUEST,
                Outcome.OK,
                4,
                nanos(11_000),
                nanos(12_101),
                nanos(12_103),
                nanos(12_150),
                nanos(12_151),
                nanos(12_100),
                8);
        // The first try's statement goes on for 900 ms after its client had gone; another request's try is none of it.
        RequestEntry stranger = new RequestEntry(
                1,
                0,
                RequestEntry.Kind.EARLIER_TRY,
                Outcome.LOCK_TIMEOUT,
                1,
                nanos(11_000),
                nanos(11_000),
                nanos(11_000),
                nanos(11_400),
                nanos(11_400),
                nanos(11_000),
                9);
        ResponseParts.Parts parts = only(
                List.of(last),
                List.of(inLock, inQueue, refused, stranger),
                wait(7, "orders", "statement 1", 11_040, 12_400),
                wait(8, "orders", "statement 1", 12_110, 12_140),
                wait(9, "orders", "statement 1", 11_001, 11_400));

        assertThat(parts.requests()).isEqualTo(1);
        assertThat(parts.response().totalMs()).isEqualTo(1_151);
        assertThat(parts.betweenTries().totalMs()).isEqualTo(100 + 200 + 100);
        assertThat(parts.arrivalQueue().totalMs()).isEqualTo(10 + 200 + 0 + 1);
        assertThat(parts.pool().totalMs()).isEqualTo(20 + 2);
        assertThat(parts.locks().totalMs()).isEqualTo(460 + 30);
        assertThat(parts.rest().totalMs()).isEqualTo(10 + 17 + 1);
        assertThat(parts.lockWaits())
                .as("one request, however often it was tried")
                .containsExactly(new ResponseParts.LockPart("orders", "statement 1", 1, 490, 460));
        assertThat(parts.withoutBackend()).isZero();
    }

    private static RequestEntry earlierTry(
            int number, double tried, double dequeued, double acquired, double sqlDone, double ended, int pid) {
        return new RequestEntry(
                0,
                0,
                RequestEntry.Kind.EARLIER_TRY,
                Outcome.REQUEST_TIMEOUT,
                number,
                nanos(11_000),
                reached(dequeued),
                reached(acquired),
                reached(sqlDone),
                nanos(ended),
                nanos(tried),
                pid);
    }

    private static long reached(double millis) {
        return millis < 0 ? RequestEntry.NEVER : nanos(millis);
    }

    private static ResponseParts.Parts only(List<RequestEntry> requests, Fact.Waited... waits) {
        return only(requests, List.of(), waits);
    }

    private static ResponseParts.Parts only(
            List<RequestEntry> requests, List<RequestEntry> earlierTries, Fact.Waited... waits) {
        List<ResponseParts> parts = fold(requests, earlierTries, waits);
        assertThat(parts).hasSize(1);
        assertThat(parts.get(0).phase()).isEqualTo("migration");
        return parts.get(0).all();
    }

    private static List<ResponseParts> fold(
            List<RequestEntry> requests, List<RequestEntry> earlierTries, Fact.Waited... waits) {
        return new ResponseFold(
                        List.of("read_order"), requests, earlierTries, List.of(waits), new Facts(List.of()), PHASES)
                .fold();
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
                RequestEntry.Kind.REQUEST,
                Outcome.OK,
                1,
                nanos(intended),
                nanos(dequeued),
                nanos(acquired),
                reached(sqlDone),
                nanos(responded),
                nanos(tried),
                pid);
    }

    private static Fact.Waited wait(int pid, String relation, String behind, double start, double end) {
        return new Fact.Waited(
                pid, relation, "ACCESS SHARE", "read_order", behind, nanos(start), nanos(end), "granted", "log");
    }
}
