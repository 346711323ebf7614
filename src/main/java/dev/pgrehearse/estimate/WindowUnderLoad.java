package dev.pgrehearse.estimate;

import dev.pgrehearse.estimate.Estimate.Answer;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.MigrationFacts;
import dev.pgrehearse.verdict.Figures;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the scenario's load makes of an answer that a migration fits its window. Durations are those of quiet runs; in the night
 * itself the migration shares processors and disk, waits for locks and is tried again. Pure.
 */
public final class WindowUnderLoad {
    private static final String NOT_MEASURED =
            "That is without load beside it: --under-load measures how much longer it takes under the scenario's.";
    private static final String NOT_THROUGH =
            "Without load it fits; under the scenario's load the migration did not go through at the largest rung.";

    private final Estimate estimate;

    private WindowUnderLoad(Estimate estimate) {
        this.estimate = estimate;
    }

    /**
     * The estimate with an answer that has the load in it: UNKNOWN where it fits without load and, as much slower as it was at the
     * rung under load, might not. Itself when no window was asked for, or it does not fit anyway.
     *
     * @param loaded the rung under load; null when there was none
     */
    public static Estimate considered(Estimate estimate, @Nullable Recording loaded) {
        return estimate.answer() == Answer.FITS && estimate.windowSeconds() != null
                ? new WindowUnderLoad(estimate).considered(loaded)
                : estimate;
    }

    private Estimate considered(@Nullable Recording loaded) {
        MigrationFacts migration = loaded == null || !loaded.complete() ? null : loaded.migration();
        UnderLoad seen = estimate.breakEven().underLoad();
        if (migration == null || seen == null) {
            return answered(Answer.FITS, NOT_MEASURED);
        }
        if (!migration.outcome().equals("ok")) {
            return answered(Answer.UNKNOWN, NOT_THROUGH);
        }
        Slower slower = Slower.of(seen.statements(), migration.durationMs() / 1e3);
        return slower == null ? answered(Answer.FITS, NOT_MEASURED) : considered(slower);
    }

    private Estimate considered(Slower slower) {
        Double upper = estimate.upperSeconds();
        Double window = estimate.windowSeconds();
        if (upper == null || window == null) {
            return estimate;
        }
        double loaded = upper * slower.times() + slower.besidesSeconds();
        String seen = "Under the scenario's load it took " + seconds(slower.loadedSeconds())
                + " at the largest rung, of " + seconds(slower.quietSeconds()) + " without load"
                + (slower.restSeconds() < StatementEstimate.NEGLIGIBLE_SECONDS
                        ? ""
                        : ", and " + seconds(slower.restSeconds())
                                + " besides (waits for locks, tries that failed, pauses)");
        return loaded <= window
                ? answered(Answer.FITS, seen + ": at most " + seconds(loaded) + " with such a load, which fits, too.")
                : answered(
                        Answer.UNKNOWN,
                        seen + ": up to " + seconds(loaded) + " with such a load, which does not fit the window of "
                                + seconds(window) + ". A rehearsal at the target's size decides.");
    }

    /**
     * How much longer the load made it.
     *
     * @param loadedSeconds of all statements, without their waits
     * @param restSeconds from the first statement's start to the last one's end without that: what depends on the workload and
     *     not on the table's size
     */
    private record Slower(double quietSeconds, double loadedSeconds, double restSeconds) {
        /** Null when a statement was not run without load. */
        private static @Nullable Slower of(List<UnderLoad.Waits> statements, double wholeSeconds) {
            double quiet = 0;
            double loaded = 0;
            for (UnderLoad.Waits statement : statements) {
                if (statement.quietSeconds() == null) {
                    return null;
                }
                quiet += statement.quietSeconds();
                loaded += statement.seconds();
            }
            return new Slower(quiet, loaded, Math.max(0, wholeSeconds - loaded));
        }

        /** How often as long; 1 where without load it is a moment, since a ratio of moments is noise. */
        private double times() {
            return isMoment() ? 1 : Math.max(1, loadedSeconds / quietSeconds);
        }

        private double besidesSeconds() {
            return restSeconds + (isMoment() ? Math.max(0, loadedSeconds - quietSeconds) : 0);
        }

        private boolean isMoment() {
            return quietSeconds < StatementEstimate.NEGLIGIBLE_SECONDS;
        }
    }

    /** The reason comes after how it stands to the window, which {@link Total} puts first. */
    private Estimate answered(Answer answer, String reason) {
        List<String> reasons = new ArrayList<>(estimate.reasons());
        reasons.add(1, reason);
        return estimate.answered(answer, reasons);
    }

    private static String seconds(double seconds) {
        return Figures.duration(seconds * 1e3);
    }
}
