package dev.pgrehearse.estimate;

import dev.pgrehearse.profile.Calibration;
import org.jspecify.annotations.Nullable;

/**
 * The machine that an estimate is for, and this one.
 *
 * @param there calibrated by the profile
 * @param here null when this one could not be calibrated
 * @param missing why, in a whole sentence; null when it was
 */
public record Machines(
        Calibration there,
        @Nullable Calibration here,
        @Nullable String missing) {
    /** Both are known. */
    public static Machines of(Calibration there, Calibration here) {
        return new Machines(there, here, null);
    }

    /** This one is not. */
    public static Machines unknownHere(Calibration there, String why) {
        return new Machines(there, null, why);
    }
}
