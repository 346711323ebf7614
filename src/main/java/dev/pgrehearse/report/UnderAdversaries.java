package dev.pgrehearse.report;

import dev.pgrehearse.scenario.StandardAdversaries;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What became of each variant under each adversary of the standard set.
 *
 * @param variants their names, one column each
 * @param rows one for each adversary; none when no variant was rehearsed so
 */
record UnderAdversaries(List<String> variants, List<Row> rows) {
    private static final Pattern ID = Pattern.compile(
            "(.*)" + StandardAdversaries.UNDER + "((?:" + String.join("|", StandardAdversaries.NAMES)
                    + ")(?:-[0-9]+)?)",
            Pattern.DOTALL);

    /** An adversary, and in words what became of each variant under it. */
    record Row(String adversary, List<String> cells) {}

    static UnderAdversaries of(Run run) {
        Set<String> variants = new LinkedHashSet<>();
        Set<String> adversaries = new LinkedHashSet<>();
        for (Run.Rehearsed rehearsed : run.rehearsals()) {
            Matcher id = ID.matcher(rehearsed.id());
            if (id.matches()) {
                variants.add(id.group(1));
                adversaries.add(id.group(2));
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

    private static String cell(Run run, String id) {
        return run.rehearsals().stream()
                .filter(rehearsed -> rehearsed.id().equals(id))
                .findFirst()
                .map(UnderAdversaries::inWords)
                .orElse("–");
    }

    private static String inWords(Run.Rehearsed rehearsed) {
        return rehearsed.verdict().verdict()
                + (rehearsed.verdict().asExpected()
                        ? ""
                        : " (expected " + rehearsed.verdict().expected() + ")")
                + "; took " + Comparison.duration(rehearsed.recording())
                + "; stall " + Comparison.longestStall(rehearsed.recording())
                + "; lock wait " + Comparison.longestLockWait(rehearsed.recording());
    }
}
