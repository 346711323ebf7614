package dev.pgrehearse.rehearsal;

import dev.pgrehearse.workload.Pulse;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * Some successive pulses taken together.
 *
 * @param fromNanos the first one's start
 * @param toNanos the last one's end
 * @param p50Micros median of the response times; 0 when nothing ended
 * @param p95Micros their 95th percentile
 * @param errorShare share of the requests that did not succeed, 0 to 1
 * @param pending requests that waited for a connection at its end
 * @param count requests that ended in it
 */
record Window(
        long fromNanos, long toNanos, long p50Micros, long p95Micros, double errorShare, int pending, long count) {
    static Window of(List<Pulse> pulses) {
        Histogram response = new Histogram(3);
        long ok = 0;
        long errors = 0;
        for (Pulse pulse : pulses) {
            response.add(pulse.response());
            ok += pulse.ok();
            errors += pulse.errors();
        }
        long count = ok + errors;
        Pulse last = pulses.get(pulses.size() - 1);
        return new Window(
                pulses.get(0).fromNanos(),
                last.toNanos(),
                count == 0 ? 0 : response.getValueAtPercentile(50),
                count == 0 ? 0 : response.getValueAtPercentile(95),
                count == 0 ? 0 : (double) errors / count,
                last.pending(),
                count);
    }

    /** All windows of so many pulses, each one pulse later than the one before; empty when there are too few pulses. */
    static List<Window> sliding(List<Pulse> pulses, int width) {
        List<Window> windows = new ArrayList<>();
        for (int from = 0; from + width <= pulses.size(); from++) {
            windows.add(of(pulses.subList(from, from + width)));
        }
        return windows;
    }
}
