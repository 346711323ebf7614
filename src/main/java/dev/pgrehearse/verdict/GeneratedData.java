package dev.pgrehearse.verdict;

import dev.pgrehearse.recording.FidelityFacts;
import dev.pgrehearse.recording.FidelityFacts.Figure;
import dev.pgrehearse.recording.Recording;
import org.jspecify.annotations.Nullable;

/** How much data that were generated from a profile are like production's, in words. Pure. */
public final class GeneratedData {
    /** Below, a fraction counts, as of the elements in a row or of a fan-out. */
    private static final int FEW = 100;

    private GeneratedData() {}

    /** In one sentence; null when the data were not generated from a profile. */
    public static @Nullable String inWords(Recording recording) {
        return recording.dataset() == null ? null : inWords(recording.dataset().fidelity());
    }

    /** In one sentence; null when there is nothing to say. */
    public static @Nullable String inWords(@Nullable FidelityFacts fidelity) {
        if (fidelity == null) {
            return null;
        }
        return fidelity.columns() == 0
                ? "The data were generated from a profile without statistics of any column."
                : "The data were generated from a profile: " + Figures.share(fidelity.share()) + " of "
                        + Figures.count(fidelity.columns(), "column", "columns")
                        + " are within 10 % of production's statistics.";
    }

    /** One side of a figure, with its unit where the name of the figure does not tell it. */
    public static String side(Figure figure, double value) {
        if (Double.isNaN(value)) {
            return "none";
        }
        return switch (figure.unit()) {
            case "share" -> Figures.share(value);
            case "bytes" -> Figures.bytes(value);
            // Estimates, of which nobody wants a fraction.
            case "values", "rows", "pages" ->
                Math.abs(value) < FEW ? Figures.plain(value) : Figures.count(Math.round(value));
            default -> Figures.plain(value);
        };
    }
}
