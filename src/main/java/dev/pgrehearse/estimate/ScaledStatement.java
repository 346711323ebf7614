package dev.pgrehearse.estimate;

import dev.pgrehearse.profile.Calibration.Kind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one statement takes on another machine, and why that is so. Shares are of its duration at the top rung here.
 *
 * @param index its number in the migration, from 1
 * @param centralSeconds null when it is UNKNOWN
 * @param upperSeconds which holds in nine of ten cases, as if its errors here and those of the factors came together; null
 *     likewise
 * @param factor the central value by that of this machine; null likewise
 * @param cpuShare in which a processor worked for it; null when that was not measured
 * @param cpuProbe whose factor that share is scaled by; null likewise
 * @param fetchShareHere in which it waited for blocks that were not in memory here; null likewise
 * @param fetchShareThere what fetching as many would take there, as a share of its duration here; null likewise, and when
 *     that was not measured there
 * @param otherShare in which it waited for something that no probe measures, such as writes: not scaled; null likewise
 * @param unknown why it is UNKNOWN, in whole sentences; empty when it is not, and when it is so here already
 * @param notes what is to be known beside the figures, in whole sentences
 */
public record ScaledStatement(
        int index,
        @Nullable Double centralSeconds,
        @Nullable Double upperSeconds,
        @Nullable Double factor,
        @Nullable Double cpuShare,
        @Nullable Kind cpuProbe,
        @Nullable Double fetchShareHere,
        @Nullable Double fetchShareThere,
        @Nullable Double otherShare,
        List<String> unknown,
        List<String> notes) {
    public ScaledStatement {
        unknown = List.copyOf(unknown);
        notes = List.copyOf(notes);
    }

    static ScaledStatement unknown(int index, List<String> why) {
        return new ScaledStatement(index, null, null, null, null, null, null, null, null, why, List.of());
    }
}
