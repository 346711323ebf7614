package dev.pgrehearse.recording;

import dev.pgrehearse.recording.QueueOverTime.Moment;
import dev.pgrehearse.recording.QueueOverTime.Node;
import dev.pgrehearse.recording.Recording.LockWait;
import dev.pgrehearse.recording.Recording.Phase;
import dev.pgrehearse.recording.ResponseParts.LockPart;
import dev.pgrehearse.recording.ResponseParts.Part;
import dev.pgrehearse.recording.ResponseParts.Parts;
import java.util.ArrayList;
import java.util.List;

/** What {@link SampleRecordings} tells of waits together: sums over its waits, its queue as it grew, a deadlock, parts. */
final class SampleWaits {
    private static final int READERS = 32;
    private static final int WRITERS = 8;

    private SampleWaits() {}

    /**
     * Of those waits.
     *
     * @param firstMs when the ALTER began to wait
     * @param worstMs when the queue was at its worst
     */
    static LockWaits of(List<LockWait> waits, double firstMs, double worstMs) {
        List<LockWaits.Sum> sums = new ArrayList<>();
        for (String operation : List.of("read_order", "create_order", "migration")) {
            List<LockWait> own = waits.stream()
                    .filter(wait -> wait.operation().equals(operation))
                    .toList();
            sums.add(new LockWaits.Sum(
                    Phase.MIGRATION,
                    "orders",
                    own.get(0).mode(),
                    operation,
                    own.get(0).behind(),
                    own.size(),
                    own.stream().mapToDouble(LockWait::durationMs).sum(),
                    own.stream().mapToDouble(LockWait::durationMs).max().orElseThrow()));
        }
        // Two writers of one row: 12 times in the baseline, 3 times later.
        sums.add(new LockWaits.Sum(Phase.BASELINE, "(transaction)", "SHARE", "create_order", "workload", 12, 60, 11));
        sums.add(new LockWaits.Sum(Phase.MIGRATION, "(transaction)", "SHARE", "create_order", "workload", 3, 21, 9));
        List<Moment> moments = new ArrayList<>();
        for (int second = 0; second < 3; second++) {
            int share = second + 1;
            moments.add(moment(firstMs + 500 * share, firstMs, READERS * share / 3, WRITERS * share / 3));
        }
        moments.add(new Moment(worstMs + 50, 0, List.of(), 0));
        return new LockWaits(
                waits.size(),
                null,
                List.of(
                        new LockWaits.Queue(List.of(
                                new LockWaits.Ahead("adversary longRead", "ACCESS SHARE", true, 1),
                                new LockWaits.Ahead("statement 1", "ACCESS EXCLUSIVE", false, null))),
                        new LockWaits.Queue(
                                List.of(new LockWaits.Ahead("adversary longRead", "ACCESS SHARE", true, null)))),
                sums,
                List.of(new LockWaits.Deadlock(
                        firstMs - 500,
                        false,
                        List.of(
                                new LockWaits.Side(
                                        5_041,
                                        "create_order",
                                        "SHARE",
                                        "(transaction)",
                                        5_042,
                                        true,
                                        "UPDATE orders SET status = $1 WHERE id = $2"),
                                new LockWaits.Side(5_042, "other", "SHARE", "(transaction)", 5_041, false, null)))),
                new QueueOverTime(moment(worstMs, firstMs, READERS, WRITERS), moments, 4, 500));
    }

    private static Moment moment(double atMs, double firstMs, int readers, int writers) {
        double waited = atMs - firstMs;
        return new Moment(
                atMs,
                1 + readers + writers,
                List.of(
                        new Node(-1, "adversary longRead", "orders", "ACCESS SHARE", false, 1, 3_999, 0),
                        new Node(0, "statement 1", "orders", "ACCESS EXCLUSIVE", true, 1, 4_001, waited),
                        new Node(1, "read_order", "orders", "ACCESS SHARE", true, readers, 5_001, waited - 3),
                        new Node(1, "create_order", "orders", "ROW EXCLUSIVE", true, writers, 5_005, waited - 17)),
                0);
    }

    /** Of one operation: 2 ms each in the baseline, and in the migration the slowest 400 waited for the lock alone. */
    static List<ResponseParts> parts(String operation, double slowestMs) {
        Parts calm = parts(6_000, 2, 0, null);
        return List.of(
                new ResponseParts(operation, Phase.BASELINE, calm, parts(60, 2, 0, null), List.of()),
                new ResponseParts(
                        operation,
                        Phase.MIGRATION,
                        parts(
                                9_000,
                                2,
                                400 * slowestMs / 9_000,
                                new LockPart("orders", "statement 1", 400, 400 * slowestMs, slowestMs)),
                        parts(90, 2, slowestMs, new LockPart("orders", "statement 1", 90, 90 * slowestMs, slowestMs)),
                        List.of(new ResponseParts.One(
                                31_000,
                                Outcome.REQUEST_TIMEOUT,
                                1,
                                parts(
                                        1,
                                        2,
                                        slowestMs,
                                        new LockPart("orders", "statement 1", 1, slowestMs, slowestMs))))));
    }

    private static Parts parts(long requests, double restMs, double lockMs, LockPart lock) {
        return new Parts(
                requests,
                part(requests, restMs + lockMs),
                part(requests, 0),
                part(requests, 0),
                part(requests, 0),
                part(requests, lockMs),
                part(requests, restMs),
                lock == null ? List.of() : List.of(lock),
                0);
    }

    private static Part part(long requests, double meanMs) {
        return new Part(requests * meanMs, meanMs);
    }
}
