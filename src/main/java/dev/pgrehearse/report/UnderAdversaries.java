package dev.pgrehearse.report;

import dev.pgrehearse.scenario.StandardAdversaries;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What became of each variant under each adversary of the standard set.
 *
 * @param variants their names, one column each
 * @param rows one for each adversary; none when no variant was rehearsed so
 */
record UnderAdversaries(List<String> variants, List<Row> rows) {
    /** An adversary, and what became of each variant under it. */
    record Row(String adversary, List<Cell> cells) {}

    /**
     * One rehearsal in short.
     *
     * @param verdict empty when that was not rehearsed
     * @param expected the verdict that was expected, when another one came; else empty
     */
    record Cell(String verdict, String expected, String took, String stall, String lockWait) {
        private static final Cell NONE = new Cell("", "", "", "", "");

        /** In one line. */
        String inWords() {
            return verdict.isEmpty()
                    ? "–"
                    : verdict + (expected.isEmpty() ? "" : " (expected " + expected + ")") + "; took " + took
                            + "; stall " + stall + "; lock wait " + lockWait;
        }
    }

    static UnderAdversaries of(Run run) {
        Set<String> variants = new LinkedHashSet<>();
        Set<String> adversaries = new LinkedHashSet<>();
        for (Run.Rehearsed rehearsed : run.rehearsals()) {
            int at = rehearsed.id().indexOf(StandardAdversaries.UNDER);
            if (at >= 0) {
                variants.add(rehearsed.id().substring(0, at));
                adversaries.add(rehearsed.id().substring(at + 1));
            }
        }
        List<Row> rows = new ArrayList<>();
        for (String adversary : adversaries) {
            rows.add(new Row(
                    adversary,
                    variants.stream()
                            .map(variant -> cell(run, variant + StandardAdversaries.UNDER + adversary))
                            .toList()));
        }
        return new UnderAdversaries(List.copyOf(variants), List.copyOf(rows));
    }

    private static Cell cell(Run run, String id) {
        return run.rehearsals().stream()
                .filter(rehearsed -> rehearsed.id().equals(id))
                .findFirst()
                .map(rehearsed -> new Cell(
                        rehearsed.verdict().verdict().toString(),
                        rehearsed.verdict().asExpected()
                                ? ""
                                : rehearsed.verdict().expected().toString(),
                        Comparison.duration(rehearsed.recording()),
                        Comparison.longestStall(rehearsed.recording()),
                        Comparison.longestLockWait(rehearsed.recording())))
                .orElse(Cell.NONE);
    }
}
