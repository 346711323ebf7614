package dev.pgrehearse.report;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.verdict.Figures;
import dev.pgrehearse.verdict.StatementPhases;
import dev.pgrehearse.verdict.Statements;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the time of a long statement went, as the reports show it.
 *
 * @param statement the statement, in short
 * @param first whether this is the statement's first row
 * @param rows how many rows it has
 */
record PhasesView(
        String statement,
        boolean first,
        int rows,
        String phase,
        double fromMs,
        double tookMs,
        String share,
        String progress,
        String source) {
    private static final int MOST_STATEMENTS = 30;

    /** Of the first statements that took a second at least. */
    static List<PhasesView> of(Recording recording) {
        List<PhasesView> rows = new ArrayList<>();
        for (StatementPhases phases :
                StatementPhases.of(recording).stream().limit(MOST_STATEMENTS).toList()) {
            double length = phases.run().endMs() - phases.run().startMs();
            for (StatementPhases.Part part : phases.parts()) {
                rows.add(new PhasesView(
                        phases.run().index() + " · "
                                + Statements.brief(phases.run().sql()),
                        part.equals(phases.parts().get(0)),
                        phases.parts().size(),
                        part.name() + (part.times() > 1 ? " (" + Figures.count(part.times()) + " times)" : ""),
                        part.startMs() - phases.run().startMs(),
                        part.lengthMs(),
                        Figures.share(Math.min(1, part.lengthMs() / length)),
                        part.progress(),
                        part.source()));
            }
        }
        return List.copyOf(rows);
    }
}
