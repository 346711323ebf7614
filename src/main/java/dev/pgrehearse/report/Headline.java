package dev.pgrehearse.report;

import dev.pgrehearse.verdict.Figures;
import dev.pgrehearse.verdict.Ruling;

/** A run in one sentence. Stateless. */
final class Headline {
    private Headline() {}

    /** The worst verdict decides the first word; then whether it was expected. */
    static String of(Run run) {
        if (run.rehearsals().isEmpty()) {
            return "Nothing was rehearsed";
        }
        StringBuilder text = new StringBuilder();
        for (Ruling ruling : new Ruling[] {Ruling.NO_GO, Ruling.UNKNOWN, Ruling.GO}) {
            long count = run.rehearsals().stream()
                    .filter(rehearsed -> rehearsed.verdict().verdict() == ruling)
                    .count();
            if (count > 0) {
                text.append(text.isEmpty() ? "" : ", ");
                text.append(run.rehearsals().size() == 1 ? "" : Figures.count(count) + "\u00a0× ")
                        .append(ruling);
            }
        }
        long unexpected = run.rehearsals().stream()
                .filter(rehearsed -> !rehearsed.verdict().asExpected())
                .count();
        if (unexpected == 0) {
            text.append(run.rehearsals().size() == 1 ? ", as expected" : ", all as expected");
        } else if (run.rehearsals().size() == 1) {
            text.append(", which was not expected");
        } else {
            text.append("; ").append(Figures.count(unexpected)).append(" not as expected");
        }
        return text.toString();
    }
}
