package dev.pgrehearse.values;

/**
 * In which order the rows of a table hold the ranks of a column: a one-to-one map of positions onto ranks, from sorted
 * through partly shuffled to wholly shuffled, or backwards. Immutable.
 *
 * <p>A share of the positions, spread evenly, keeps its own rank and the others are permuted among themselves: see
 * {@link Correlation} for what PostgreSQL makes of it.
 */
public final class Arrangement {
    private static final int BLOCK = 1000;
    /** Coprime to the block, so that positions that stay are spread over it. */
    private static final int STRIDE = 617;

    private static final int FEW_RANKS = 3000;
    private static final int ATTEMPTS = 100;
    private static final double CLOSE = 0.02;

    private final long size;
    private final boolean backwards;
    /** By position within a block: the number among those that move, or −1 for one that stays. */
    private final int[] movedNumber = new int[BLOCK];

    private final int[] movedPosition;
    private final Permutation permutation;

    private Arrangement(long size, double kept, boolean backwards, long seed) {
        this.size = size;
        this.backwards = backwards;
        int staying = (int) Math.round(kept * BLOCK);
        this.movedPosition = new int[BLOCK - staying];
        int moving = 0;
        int movingAtTheEnd = 0;
        for (int position = 0; position < BLOCK; position++) {
            boolean moves = position * STRIDE % BLOCK >= staying;
            movedNumber[position] = moves ? moving : -1;
            if (moves) {
                movedPosition[moving++] = position;
                movingAtTheEnd += position < size % BLOCK ? 1 : 0;
            }
        }
        this.permutation = new Permutation(Math.max(1, size / BLOCK * moving + movingAtTheEnd), seed);
    }

    /** Every rank where chance puts it. */
    public static Arrangement shuffled(long size, long seed, String... path) {
        return new Arrangement(size, 0, false, new RowRandom(seed, path).seed());
    }

    /** In order. */
    public static Arrangement sorted(long size) {
        return new Arrangement(size, 1, false, 0);
    }

    /**
     * The arrangement in which a column with these quotas has a correlation, as PostgreSQL computes it.
     *
     * @param correlation −1 to 1; what cannot be reached, because equal values forbid it, becomes the nearest
     */
    public static Arrangement of(Quotas quotas, double correlation, long seed, String... path) {
        boolean backwards = correlation < new Correlation(quotas, false).of(0);
        double sorted = new Correlation(quotas, backwards).sortedShareFor(correlation);
        RowRandom seeds = new RowRandom(seed, path);
        Arrangement best = new Arrangement(quotas.ranks(), sorted, backwards, seeds.seed());
        if (quotas.ranks() > FEW_RANKS) {
            return best;
        }
        // So few that chance moves the correlation: of several arrangements the one that comes nearest.
        double miss = Math.abs(Correlation.between(quotas, best) - correlation);
        for (int attempt = 0; attempt < ATTEMPTS && miss > CLOSE; attempt++) {
            Arrangement other = new Arrangement(quotas.ranks(), sorted, backwards, seeds.bits(attempt));
            double otherMiss = Math.abs(Correlation.between(quotas, other) - correlation);
            if (otherMiss < miss) {
                best = other;
                miss = otherMiss;
            }
        }
        return best;
    }

    /** How many positions, and ranks, there are. */
    public long size() {
        return size;
    }

    /** The rank at a position. */
    public long rankAt(long position) {
        int number = movedNumber[(int) (position % BLOCK)];
        long rank = position;
        if (number >= 0) {
            int moving = movedPosition.length;
            long target = permutation.at(position / BLOCK * moving + number);
            rank = target / moving * BLOCK + movedPosition[(int) (target % moving)];
        }
        return backwards ? size - 1 - rank : rank;
    }
}
