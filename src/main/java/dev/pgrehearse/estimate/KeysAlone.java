package dev.pgrehearse.estimate;

import dev.pgrehearse.verdict.Figures;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.hipparchus.distribution.continuous.TDistribution;

/**
 * What index builds, and checks of foreign keys, take over their columns alone, at the top rung's size and at the target's own. A
 * table of those columns is a small part of the data, and the sort or hash, which no curve through small sizes foretells, is the same: its
 * comparisons, its ties, its runs on disk, and how little of it processors' caches hold.
 *
 * @param builds by the statement's number
 * @param missing why there is none for a statement that sorts or hashes, in a whole sentence, by its number
 * @param awaited whether they are still to come: then no interval is too wide yet
 */
public record KeysAlone(Map<Integer, Builds> builds, Map<Integer, String> missing, boolean awaited) {
    /** Nobody built any. */
    public static final KeysAlone NONE = new KeysAlone(Map.of(), Map.of());

    /** Nobody has built any yet. */
    static final KeysAlone AWAITED = new KeysAlone(Map.of(), Map.of(), true);

    private static final double ONE_SIDED = 0.9;

    /** Of the whole statement: so much of what it takes besides its builds no number of pairs tells. */
    private static final double LEAST_ERROR = 0.01;

    /**
     * What a build over the columns alone and one over the whole table may differ by, though they sort the same. Of nine pairs of
     * 10 million rows, in turns, each was 0.89 to 1.09 of the other; with some minutes between them the same build differs by
     * more, where a machine is shared. So the upper value is as much above the central one, at least.
     */
    private static final double LIKENESS = 0.15;

    public KeysAlone {
        builds = new TreeMap<>(builds);
        missing = new TreeMap<>(missing);
    }

    /** Those that were built, and no more. */
    public KeysAlone(Map<Integer, Builds> builds, Map<Integer, String> missing) {
        this(builds, missing, false);
    }

    /** The same without some statements. */
    KeysAlone without(Set<Integer> statements) {
        Map<Integer, Builds> others = new TreeMap<>(builds);
        others.keySet().removeAll(statements);
        return new KeysAlone(others, missing, awaited);
    }

    Optional<Builds> of(int statement) {
        return Optional.ofNullable(builds.get(statement));
    }

    Optional<String> whyNot(int statement) {
        return Optional.ofNullable(missing.get(statement));
    }

    /**
     * The indexes of one statement, built one after the other, or its foreign key, checked.
     *
     * @param indexes how many; 0 of a foreign key
     * @param top seconds of all together at the top rung's size, with the settings of the ladder that the estimate is from
     * @param whole seconds of the whole statement at that size, each run right before or after the one of {@code top} in its
     *     place: what the one takes more than the other is a small difference, and a shared machine is faster in one minute than
     *     in the next
     * @param target as {@code top}, at the target's size, with the settings as they are
     */
    public record Builds(int indexes, Measurement top, Measurement whole, Measurement target) {
        /**
         * At any size: up to the target along the power of the rows that leads from the one to the other, beyond it as sorts cost
         * elsewhere, since a power from two sizes leads anywhere.
         */
        double at(double rows) {
            if (rows > target.rows()) {
                return target.central()
                        * (rows / target.rows())
                        * (1 + StatementEstimator.SLOWER_PER_DOUBLING * doublingsBeyond(rows));
            }
            double power = Math.log(target.central() / top.central()) / Math.log(target.rows() / top.rows());
            return target.central() * Math.pow(rows / target.rows(), power);
        }

        private double doublingsBeyond(double rows) {
            return Math.max(0, Math.log(rows / target.rows()) / Math.log(2));
        }

        /** Whether it is a part of the statement: a build that takes longer than the statement is not what that does. */
        boolean isPartOf() {
            double errors = Math.hypot(whole.standardError(Quantity.DURATION), top.standardError(Quantity.DURATION));
            return top.central() <= whole.central() + Math.max(2 * errors, LIKENESS * whole.central());
        }

        /**
         * What was extrapolated, with the builds as they were measured: what the statement takes beside them grows with the
         * rows.
         *
         * @param rows the target's
         */
        Extrapolation in(Extrapolation found, double rows) {
            double ratio = rows / top.rows();
            double besides = besides() * ratio;
            double central = besides + at(rows);
            double errorBesides = ratio * Math.max(differences().rangeError(), LEAST_ERROR * whole.central());
            double errorOfBuilds = at(rows)
                    * Math.hypot(
                            LIKENESS, quantile(target) * target.standardError(Quantity.DURATION) / target.central());
            // What is extrapolated is as uncertain as all of it would be without the builds.
            double errorOfTheRest =
                    Math.max(besides * found.spread(), Math.min(quantile(whole) * errorBesides, central));
            double upper = central * (1 + found.lean()) + Math.hypot(errorOfBuilds, errorOfTheRest);
            return found.through(top.rows(), rows, central).withUpper(upper);
        }

        private static double quantile(Measurement measured) {
            int freedom = Math.max(1, measured.values().size() - 1);
            return new TDistribution(freedom).inverseCumulativeProbability(ONE_SIDED);
        }

        /** What the statement takes beside its builds at the top rung's size, in seconds. */
        private double besides() {
            return Math.max(0, differences().central());
        }

        private Measurement differences() {
            return new Measurement(
                    top.rows(),
                    IntStream.range(0, whole.values().size())
                            .mapToObj(pair ->
                                    whole.values().get(pair) - top.values().get(pair))
                            .toList());
        }

        private String what() {
            return switch (indexes) {
                case 0 -> "The same check over the columns of both keys";
                case 1 -> "The same index over its columns";
                default -> "The same " + Figures.count(indexes) + " indexes over their columns";
            };
        }

        /**
         * In whole sentences.
         *
         * @param shrunk whether the top's were built with the shrunk settings of the rungs
         */
        String inWords(boolean shrunk) {
            double growth = target.central() / target.rows() / (top.central() / top.rows());
            double besides = besides();
            return what() + " alone took " + Figures.duration(top.central() * 1e3) + " at "
                    + Figures.count((long) top.rows()) + " rows"
                    + (shrunk ? ", with the shrunk settings," : "") + " and " + Figures.duration(target.central() * 1e3)
                    + " at " + Figures.count((long) target.rows()) + " ("
                    + Figures.count(target.values().size(), "run", "runs")
                    + (target.isNoisy() ? ", " + Figures.share(target.spread()) + " apart" : "")
                    + "), " + Figures.times(growth)
                    + " as much for each row; the figure has that as it was measured."
                    + (besides < StatementEstimate.NEGLIGIBLE_SECONDS
                            ? ""
                            : " What the statement takes besides, " + Figures.duration(besides * 1e3)
                                    + " at the top rung ("
                                    + Figures.count(whole.values().size(), "pair of runs", "pairs of runs")
                                    + ", one after the other), is extrapolated.");
        }
    }
}
