package dev.pgrehearse.values;

/**
 * The two columns of a unique key, neither of which is unique alone: no pair of values comes twice. The first column keeps
 * its quotas; the second nearly does.
 *
 * <p>The rows of one first value take ranks of the second column at equal distances from a random start: as long as a
 * distance is at least as many ranks as any second value has, the values differ. Where a frequent first value makes the
 * distances too short for the frequent second values, those count as less frequent beside it. Immutable.
 */
public final class PairedDraws {
    private final Quotas first;
    /** The second column's quotas beside the first values of each stretch. */
    private final Quotas[] beside;

    private final Arrangement arrangement;
    private final RowRandom starts;

    private PairedDraws(Quotas first, Quotas[] beside, Arrangement arrangement, RowRandom starts) {
        this.first = first;
        this.beside = beside;
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
        Quotas[] beside = new Quotas[first.stretches()];
        for (int stretch = 0; stretch < beside.length; stretch++) {
            long values = first.valuesOf(stretch);
            beside[stretch] = values == 0 ? second : spread(second, Quotas.ceiling(first.widthOf(stretch), values));
        }
        RowRandom starts = new RowRandom(seed, path);
        return new PairedDraws(first, beside, Arrangement.of(first, correlation, starts.seed(), "order"), starts);
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
        Quotas second = beside[first.stretchOf(value)];
        long distance = second.ranks() / (first.startOf(value + 1) - start);
        long from = RowRandom.below(starts.bits(value), second.ranks());
        return second.indexAt((from + (rank - start) * distance) % second.ranks());
    }
}
