package dev.pgrehearse.report;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.TableFacts;
import dev.pgrehearse.scenario.FirstWords;
import dev.pgrehearse.verdict.Figures;
import dev.pgrehearse.verdict.LockImpact;
import dev.pgrehearse.verdict.Statements;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The migration's locks as the reports show them: what they forbid, whom they met.
 *
 * @param rows one a lock; of indexes, TOAST tables and the like only those that somebody met or could meet
 * @param others how many more there are, in words; empty when there are none
 * @param unread what is not known where a statement's locks are the sampler's alone; empty when all were read
 */
record LockImpactView(List<Row> rows, String others, String unread) {
    private static final int MOST_ROWS = 100;
    private static final int MOST_NUMBERS = 10;

    /**
     * One lock.
     *
     * @param tone a CSS class of ours: {@code no-go} where requests waited, else {@code unknown} or {@code go}
     */
    record Row(int statement, int attempt, String lock, String forbids, String met, String source, String tone) {}

    static LockImpactView of(Recording recording) {
        Set<String> tables = recording.dataset() == null
                ? Set.of()
                : recording.dataset().tables().stream().map(TableFacts::name).collect(Collectors.toSet());
        List<Row> rows = new ArrayList<>();
        long others = 0;
        for (LockImpact impact : LockImpact.of(recording)) {
            boolean told =
                    impact.concernsAnybody() || tables.contains(impact.lock().relation());
            if (told && rows.size() < MOST_ROWS) {
                rows.add(row(impact));
            } else {
                others++;
            }
        }
        return new LockImpactView(
                List.copyOf(rows),
                others == 0
                        ? ""
                        : Figures.count(others, "more lock is", "more locks are")
                                + " in recording.json, of indexes, TOAST tables and what this dataset does not name.",
                unread(recording));
    }

    private static Row row(LockImpact impact) {
        return new Row(
                impact.run().index(),
                impact.run().attempt(),
                impact.lockInWords(),
                impact.forbids(),
                impact.metInWords(),
                impact.lock().heldSource(),
                impact.requests() > 0 ? "no-go" : impact.concernsAnybody() ? "unknown" : "go");
    }

    private static String unread(Recording recording) {
        List<String> sampled = Statements.runs(recording).stream()
                .filter(run -> !run.locksRead() && !FirstWords.of(run.sql()).lockNothing())
                .map(run -> Integer.toString(run.index()))
                .distinct()
                .toList();
        if (sampled.isEmpty()) {
            return "";
        }
        boolean one = sampled.size() == 1;
        return "The locks of "
                + (one ? "statement " : "statements ")
                + (sampled.size() <= MOST_NUMBERS
                        ? String.join(", ", sampled)
                        : String.join(", ", sampled.subList(0, MOST_NUMBERS)) + " and "
                                + (sampled.size() - MOST_NUMBERS) + " more")
                + " could not be read on the own session, since "
                + (one ? "it" : "each")
                + " commits by itself, was no single schema change, or failed: only what the sampler saw is told, a lock"
                + " that was held for less than the 40 ms from one look to the next may be missing.";
    }
}
