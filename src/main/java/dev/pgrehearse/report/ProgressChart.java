package dev.pgrehearse.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.StatementProgress;
import dev.pgrehearse.recording.StatementProgress.Phase;
import dev.pgrehearse.recording.StatementProgress.Point;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How far the phases of the migration's statements were, as JSON for a chart: of those of which is told, or estimated, how much
 * there is to do in all. A share may pass one where that is an estimate.
 */
final class ProgressChart {
    private static final int MOST_PHASES = 100;

    /**
     * A phase that is drawn.
     *
     * @param total how much there is to do, more than nothing
     */
    private record Told(String what, List<Point> points, double total) {}

    private ProgressChart() {}

    /** Whether there is anything to draw. */
    static boolean isIn(Recording recording) {
        return told(recording).findAny().isPresent();
    }

    /** How many more phases there are than are drawn. */
    static long untold(Recording recording) {
        return told(recording).skip(MOST_PHASES).count();
    }

    /** Puts the phases in, in order: what each is called, and pairs of milliseconds and the share that was done. */
    static void put(Recording recording, ArrayNode into) {
        List<Told> all = told(recording).limit(MOST_PHASES).toList();
        int most = mostPoints(all);
        for (Told each : all) {
            ArrayNode points = into.addObject().put("what", each.what()).putArray("points");
            for (Point point : thinned(each.points(), most)) {
                points.addArray().add(rounded(point.atMs())).add(rounded(point.done() / each.total()));
            }
        }
    }

    private static Stream<Told> told(Recording recording) {
        return recording.progress().stream()
                .flatMap(run -> run.phases().stream().flatMap(phase -> told(run, phase).stream()));
    }

    private static Optional<Told> told(StatementProgress run, Phase phase) {
        Long total = phase.total();
        return total == null || total <= 0 || phase.points().size() < 2
                ? Optional.empty()
                : Optional.of(new Told(run.statement() + " · " + phase.name(), phase.points(), total));
    }

    /** So many of each phase at most: what short phases leave, long ones have. */
    private static int mostPoints(List<Told> all) {
        int[] sizes =
                all.stream().mapToInt(each -> each.points().size()).sorted().toArray();
        int left = ChartData.MOST_POINTS;
        for (int i = 0; i < sizes.length; i++) {
            int share = Math.max(2, left / (sizes.length - i));
            if (sizes[i] > share) {
                return share;
            }
            left -= sizes[i];
        }
        return ChartData.MOST_POINTS;
    }

    /** The first and the last stay. */
    private static List<Point> thinned(List<Point> points, int most) {
        int count = Math.min(points.size(), most);
        return IntStream.range(0, count)
                .mapToObj(i -> points.get((int) ((long) i * (points.size() - 1) / (count - 1))))
                .toList();
    }

    private static double rounded(double value) {
        return new BigDecimal(value).round(new MathContext(6)).doubleValue();
    }
}
