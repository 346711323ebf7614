package dev.pgrehearse.estimate;

import dev.pgrehearse.verdict.Figures;
import java.util.ArrayList;
import java.util.List;

/** What is to be known of a ladder before its figures are believed. */
final class LadderInWords {
    private LadderInWords() {}

    /** In whole sentences; empty when it has rungs and repeats enough. */
    static List<String> told(List<Rung> rungs) {
        List<String> told = new ArrayList<>();
        if (!rungs.isEmpty() && rungs.size() < LadderPlan.LEAST_RUNGS) {
            told.add("Only " + Figures.count(rungs.size(), "rung was", "rungs were")
                    + " measured: with fewer than " + LadderPlan.LEAST_RUNGS
                    + " a curve can hardly be told from a line, nor from noise. Give a larger --budget.");
        }
        if (!rungs.isEmpty() && rungs.stream().allMatch(rung -> rung.runs().size() == 1)) {
            told.add("Each rung was run once, so how far apart runs are on this machine is not known: "
                    + Figures.share(Quantity.DURATION.leastRelativeError())
                    + " was taken for it, and the upper values may be too low. Give --repeat.");
        }
        return told;
    }
}
