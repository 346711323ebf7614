package dev.pgrehearse.rehearsal;

import dev.pgrehearse.workload.Pulse;
import java.util.List;

/**
 * When a warm-up is over: the median of the last {@value #PULSES} seconds is within a tenth of that of the same number of
 * seconds before, or within half a millisecond, which no warming moves.
 */
final class Steadiness {
    private static final int PULSES = 4;
    private static final double TOLERANCE = 0.1;
    private static final long NOISE_MICROS = 500;

    private Steadiness() {}

    static boolean reached(List<Pulse> pulses) {
        int size = pulses.size();
        if (size < 2 * PULSES) {
            return false;
        }
        Window before = Window.of(pulses.subList(size - 2 * PULSES, size - PULSES));
        Window now = Window.of(pulses.subList(size - PULSES, size));
        if (now.count() == 0) {
            return false;
        }
        long difference = Math.abs(now.p50Micros() - before.p50Micros());
        return difference <= Math.max(NOISE_MICROS, TOLERANCE * before.p50Micros());
    }
}
