package dev.pgrehearse.values;

/**
 * The two columns of a unique key, neither of which is unique alone: no pair of values comes twice. The first column keeps
 * its quotas; the second nearly does.
 *
 * <p>The rows of one first value take ranks of the second column at equal distances from a start within the first one: as long as a
 * distance is at least as many ranks as any second value has, the values differ. Where a frequent first value makes the
 * distances too short for the frequent second values, those count as less frequent beside it. Immutable.
 */
public final class PairedDraws {
    private final Quotas first;
    /** The second column's quotas beside the first values of each stretch that have fewer rows, by one, than others. */
    private final Quotas[] besideFewer;
    /** Beside the others. */
    private final Quotas[] besideMore;

    private final Arrangement arrangement;
    private final RowRandom starts;

    private PairedDraws(
            Quotas first, Quotas[] besideFewer, Quotas[] besideMore, Arrangement arrangement, RowRandom starts) {
        this.first = first;
        this.besideFewer = besideFewer;
        this.besideMore = besideMore;
        this.arrangement = arrangement;
        this.starts = starts;
    }

    /**
     * Draws for as many rows as both quotas have ranks.
     *
     * @param correlation of the first column
     * @throws IllegalArgumentException when a first value has more rows than there are second values
     */
    public static PairedDraws of(Quotas first, Quotas second, double correlation, long seed, String... path) {
        if (first.largest() > second.distinct()) {
            throw new IllegalArgumentException(first.largest() + " rows with the same first value, and "
                    + second.distinct() + " different second values");
        }
        Quotas[] fewer = new Quotas[first.stretches()];
        Quotas[] more = new Quotas[fewer.length];
        for (int stretch = 0; stretch < fewer.length; stretch++) {
            long values = first.valuesOf(stretch);
            fewer[stretch] = values == 0 ? second : spread(second, first.widthOf(stretch) / values);
            more[stretch] = values == 0 ? second : spread(second, Quotas.ceiling(first.widthOf(stretch), values));
        }
        RowRandom starts = new RowRandom(seed, path);
        return new PairedDraws(first, fewer, more, Arrangement.of(first, correlation, starts.seed(), "order"), starts);
    }

    /** The second column's quotas, capped as little as makes {@code rows} different values of equal distances. */
    private static Quotas spread(Quotas second, long rows) {
        long low = 1;
        long high = second.largest();
        while (low < high) {
            long middle = low + (high - low + 1) / 2;
            if (second.capped(middle).ranks() / rows >= middle) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low == second.largest() ? second : second.capped(low);
    }

    /** The index of the first column's value in a row. */
    public long firstAt(long row) {
        return first.indexAt(arrangement.rankAt(row));
    }

    /** The index of the second column's value in a row. */
    public long secondAt(long row) {
        long rank = arrangement.rankAt(row);
        long value = first.indexAt(rank);
        long start = first.startOf(value);
        long rows = first.startOf(value + 1) - start;
        int stretch = first.stretchOf(value);
        boolean few = rows == first.widthOf(stretch) / first.valuesOf(stretch);
        Quotas second = few ? besideFewer[stretch] : besideMore[stretch];
        long distance = second.ranks() / rows;
        // Within one first value the second ones ascend, as they do where rows come in the order of their key.
        return second.indexAt(RowRandom.below(starts.bits(value), distance) + (rank - start) * distance);
    }
}
