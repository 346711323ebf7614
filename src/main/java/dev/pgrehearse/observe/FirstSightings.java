package dev.pgrehearse.observe;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** When waits were first seen, for servers that do not tell when they began. Used by one thread. */
final class FirstSightings {
    private record Wait(int pid, String object, String mode) {}

    private Map<Wait, Long> known = new HashMap<>();

    /** The same rows, those that wait with the time at which they were first seen as their start. */
    List<LockRow> dated(List<LockRow> rows, long nowMicros) {
        Map<Wait, Long> now = new HashMap<>();
        List<LockRow> dated = new ArrayList<>(rows.size());
        for (LockRow row : rows) {
            if (row.granted()) {
                dated.add(row);
            } else {
                Wait wait = new Wait(row.pid(), row.object(), row.mode().sqlName());
                long since = known.getOrDefault(wait, nowMicros);
                now.put(wait, since);
                dated.add(row.started(since));
            }
        }
        known = now;
        return dated;
    }
}
