package dev.pgrehearse.estimate;

import dev.pgrehearse.recording.Recording;
import java.time.Duration;
import java.util.Map;

/**
 * The migration at one size under the scenario's own load.
 *
 * @param rows by table, as asked for: those of a quiet rung
 * @param recording of the rehearsal
 * @param patience no request that waits so long fails for that: the client's timeout or the pool's, or what workers and
 *     queues of the service hold when nobody is served, whichever is shortest
 */
public record LoadedRung(Map<String, Long> rows, Recording recording, Duration patience) {
    public LoadedRung {
        rows = Map.copyOf(rows);
    }
}
