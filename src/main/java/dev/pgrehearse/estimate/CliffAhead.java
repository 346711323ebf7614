package dev.pgrehearse.estimate;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The highest cliff between nothing and the target of one statement, as a ladder sees it that is still climbed: the statement
 * is UNKNOWN unless so many rungs are above.
 *
 * @param statement its number
 * @param share the cliff's size, as a share of the target
 * @param needed so many rungs
 * @param shrinks whether settings can be shrunk instead
 */
public record CliffAhead(int statement, double share, int needed, boolean shrinks) {
    /**
     * Those of all statements, the lowest first; of a statement whose builds get workers two.
     *
     * @param rungs so far, the smallest first; without any, nothing is known
     */
    public static List<CliffAhead> of(Estimator.Question question, List<Rung> rungs) {
        if (rungs.isEmpty()) {
            return List.of();
        }
        Rung.Run last = rungs.get(rungs.size() - 1).runs().get(0);
        Recording top = last.recording();
        Ground ground = Ground.of(top, last.facts());
        List<CliffAhead> ahead = new ArrayList<>();
        for (Statement statement : Estimator.statements(top)) {
            Recognised recognised = Recognised.of(
                    statement,
                    top,
                    ground,
                    question.target(),
                    rungs.stream().map(Rung::rows).toList());
            boolean shrinks = Shrinking.mayShrink(recognised);
            for (Predicate<Cliff> which : List.<Predicate<Cliff>>of(
                    cliff -> cliff.kind() == Cliff.Kind.PARALLEL,
                    cliff -> cliff.kind() != Cliff.Kind.PARALLEL && cliff.kind().rungsAbove() > 0)) {
                highest(recognised, which)
                        .ifPresent(cliff -> ahead.add(new CliffAhead(
                                statement.index(),
                                cliff.rows() / recognised.targetRows(),
                                cliff.kind().rungsAbove(),
                                shrinks)));
            }
        }
        ahead.sort(Comparator.comparingDouble(CliffAhead::share));
        return ahead;
    }

    private static Optional<Cliff> highest(Recognised recognised, Predicate<Cliff> which) {
        return recognised.cliffs().stream().filter(which).max(Comparator.comparingDouble(Cliff::rows));
    }

    /** How many rungs are still missing, those at these shares of the target being there. */
    int missing(List<Double> shares) {
        int above = (int) shares.stream().filter(rung -> rung > share).count();
        return Math.max(0, needed - above);
    }
}
