package dev.pgrehearse.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pgrehearse.recording.Outcome;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The queue model against arithmetic done by hand, before the load is held against it. */
class QueueModelTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int POOL = 8;

    /** Ten seconds of arrivals at equal distances; the table is locked from 2 s on. */
    private static Map<Outcome, Integer> outcomes(int workers, int rate, double patience, double locked) {
        long[] arrivals = new long[10 * rate];
        for (int i = 0; i < arrivals.length; i++) {
            arrivals[i] = (i + 1) * SECOND / rate;
        }
        return new QueueModel(
                        workers,
                        100,
                        POOL,
                        Math.round(patience * SECOND),
                        2 * SECOND,
                        2 * SECOND + Math.round(locked * SECOND),
                        300_000)
                .outcomes(arrivals);
    }

    @Test
    void everyRequestHasOneOutcome() {
        assertThat(outcomes(64, 500, 0.8, 3).values().stream()
                        .mapToInt(Integer::intValue)
                        .sum())
                .isEqualTo(5_000);
    }

    @Test
    void withoutALockEverybodyIsServed() {
        assertThat(outcomes(64, 500, 0.8, 0)).isEqualTo(Map.of(Outcome.OK, 5_000));
    }

    @Test
    void aWorkerThatWaitsGivesUpOncePerTimeout() {
        // Three times 0.8 s fit into 3 s, and all wait within the first 0.4 s; 8 of them have a connection.
        assertThat(outcomes(64, 500, 0.8, 3)).containsEntry(Outcome.POOL_TIMEOUT, 3 * 56);
        assertThat(outcomes(200, 500, 0.8, 3)).containsEntry(Outcome.POOL_TIMEOUT, 3 * 192);
    }

    @Test
    void withoutABoundWhoArrivesEarlyEnoughGivesUp() {
        // (3 - 1) s · 500/s, of which the first 8 have a connection.
        assertThat((double) outcomes(5_000, 500, 1, 3).getOrDefault(Outcome.POOL_TIMEOUT, 0))
                .isCloseTo(1_000 - POOL, within(2.0));
    }

    /**
     * Three runs that were measured long before this model was written down: 1000/s, a pool of 8, a timeout of 1 s, a lock of
     * 3 s and the few milliseconds that its statements took; 137, 403 and 2005 pool timeouts. By the third round, which ends
     * just when the lock does, each millisecond counts for one request.
     */
    @Test
    void theMeasuredRunsAreWithinSomeMillisecondsOfTheModel() {
        // Who arrives k ms after the lock's start gives up for the third time after k + 3000 ms: with 32 ms more, 8 to
        // 32 do.
        assertThat(outcomes(64, 1_000, 1, 3.032)).containsEntry(Outcome.POOL_TIMEOUT, 2 * 56 + 25);
        assertThat(outcomes(200, 1_000, 1, 3.026)).containsEntry(Outcome.POOL_TIMEOUT, 2 * 192 + 19);
        assertThat(outcomes(5_000, 1_000, 1, 3.012)).containsEntry(Outcome.POOL_TIMEOUT, 2_005);
    }

    @Test
    void whatFindsNoRoomIsRejected() {
        // 1501 come from the lock's first moment to its last: 8 are blocked, 56 wait, 100 are accepted, and others take
        // the
        // places of those who gave up.
        assertThat(outcomes(64, 500, 0.8, 3)).containsEntry(Outcome.QUEUE_REJECTED, 1_501 - 64 - 100 - 3 * 56);
    }
}
