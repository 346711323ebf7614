package dev.pgrehearse.estimate;

import dev.pgrehearse.estimate.Estimate.Answer;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.MigrationFacts;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.verdict.Figures;
import dev.pgrehearse.verdict.Ruling;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the scenario's load makes of an answer that a migration fits its window. Durations are those of quiet runs; in the night
 * itself the migration shares processors and disk, waits for locks and is tried again. Pure.
 */
public final class WindowUnderLoad {
    private static final String WITHOUT =
            "That is without load beside it: --under-load measures how much longer it takes under the scenario's.";
    private static final String NOT_MEASURED =
            "Without load it fits; how much longer it takes under the scenario's load was"
                    + " asked for, and could not be measured.";
    private static final String NOT_JUDGED =
            "Without load it fits; under the scenario's load the verdict at the largest rung is"
                    + " UNKNOWN, so what was seen there says nothing.";
    private static final String NOT_THROUGH =
            "Without load it fits; under the scenario's load the migration did not go through at the largest rung.";

    private final Estimate estimate;

    private WindowUnderLoad(Estimate estimate) {
        this.estimate = estimate;
    }

    /** The estimate of which nobody asked how the load changes it: its answer, when there is a window, says that. */
    public static Estimate unasked(Estimate estimate) {
        return isInQuestion(estimate) ? new WindowUnderLoad(estimate).answered(Answer.FITS, WITHOUT) : estimate;
    }

    /**
     * The estimate with an answer that has the load in it: UNKNOWN where it fits without load and, each statement as much slower as
     * it was at the rung under load, might not. Itself when no window was asked for, or it does not fit anyway.
     *
     * @param loaded the rung under load; null when there was none
     */
    public static Estimate considered(Estimate estimate, @Nullable Recording loaded) {
        return isInQuestion(estimate) ? new WindowUnderLoad(estimate).considered(loaded) : estimate;
    }

    private static boolean isInQuestion(Estimate estimate) {
        return estimate.answer() == Answer.FITS && estimate.windowSeconds() != null;
    }

    private Estimate considered(@Nullable Recording loaded) {
        MigrationFacts migration = loaded == null || !loaded.complete() ? null : loaded.migration();
        UnderLoad seen = estimate.breakEven().underLoad();
        if (migration == null || seen == null) {
            return answered(Answer.UNKNOWN, NOT_MEASURED);
        }
        if (!migration.outcome().equals("ok")) {
            return answered(Answer.UNKNOWN, NOT_THROUGH);
        }
        if (seen.verdict() == Ruling.UNKNOWN) {
            return answered(Answer.UNKNOWN, NOT_JUDGED);
        }
        double once =
                seen.statements().stream().mapToDouble(UnderLoad.Waits::seconds).sum();
        double undone = worked(migration.statements()) - once;
        if (undone > StatementEstimate.NEGLIGIBLE_SECONDS) {
            return answered(
                    Answer.UNKNOWN,
                    "Without load it fits; under the scenario's load tries that were undone had worked for "
                            + seconds(undone)
                            + " at the largest rung, and how often they are undone at the target's size nobody knows.");
        }
        Slowed slowed = slowed(seen.statements());
        return slowed == null
                ? answered(Answer.UNKNOWN, NOT_MEASURED)
                : held(slowed, Math.max(0, migration.durationMs() / 1e3 - slowed.loadedSeconds()));
    }

    private static double worked(List<Statement> runs) {
        return runs.stream().mapToDouble(StatementEstimator::seconds).sum();
    }

    /**
     * All statements together.
     *
     * @param quietSeconds at the rung under load, by the quiet runs there
     * @param loadedSeconds there under load, with those waits that are more the more rows there are
     * @param upperSeconds at the target, each as much slower as it was at that rung
     */
    private record Slowed(double quietSeconds, double loadedSeconds, double upperSeconds) {}

    /** Null when a statement was not run both ways at one size. */
    private @Nullable Slowed slowed(List<UnderLoad.Waits> seen) {
        double quiet = 0;
        double loaded = 0;
        double upper = 0;
        for (StatementEstimate statement : estimate.statements()) {
            UnderLoad.Waits waits = seen.stream()
                    .filter(one -> one.statement() == statement.index())
                    .findFirst()
                    .orElse(null);
            Double its = upperOf(statement);
            if (its == null || waits == null || waits.quietSeconds() == null) {
                return null;
            }
            // A bulk change waits for rows, and the more there are the more often.
            boolean waitsForRows = statement.operation() == Operation.BULK_UPDATE;
            double took = waits.seconds() + (waitsForRows ? waits.waitedSeconds() : 0);
            quiet += waits.quietSeconds();
            loaded += took;
            upper += slowed(its, waits.quietSeconds(), took);
        }
        return new Slowed(quiet, loaded, upper);
    }

    /** What is a moment at the target, too, does not grow: there a ratio is noise. */
    private static double slowed(double upper, double quiet, double loaded) {
        return upper < StatementEstimate.NEGLIGIBLE_SECONDS
                ? upper + Math.max(0, loaded - quiet)
                : upper * Math.max(1, loaded / quiet);
    }

    private @Nullable Double upperOf(StatementEstimate statement) {
        OtherMachine other = estimate.otherMachine();
        Extrapolation here = statement.duration();
        return other == null
                ? here == null ? null : (Double) here.upper()
                : other.statement(statement.index())
                        .map(ScaledStatement::upperSeconds)
                        .orElse(null);
    }

    /**
     * Against the window.
     *
     * @param restSeconds from the first one's start to the last one's end besides, which no table's size changes
     */
    private Estimate held(Slowed slowed, double restSeconds) {
        Double window = estimate.windowSeconds();
        double loaded = slowed.upperSeconds() + restSeconds;
        String seen = "Under the scenario's load it took " + seconds(slowed.loadedSeconds())
                + " at the largest rung, of "
                + seconds(slowed.quietSeconds()) + " without load"
                + (restSeconds < StatementEstimate.NEGLIGIBLE_SECONDS
                        ? ""
                        : ", and " + seconds(restSeconds) + " besides (waits for locks, tries that failed, pauses)");
        return window != null && loaded <= window
                ? answered(Answer.FITS, seen + ": at most " + seconds(loaded) + " with such a load, which fits, too.")
                : answered(
                        Answer.UNKNOWN,
                        seen + ": up to " + seconds(loaded)
                                + " with such a load, which does not fit. A rehearsal at the"
                                + " target's size decides.");
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
