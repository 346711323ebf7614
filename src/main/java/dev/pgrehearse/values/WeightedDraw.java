package dev.pgrehearse.values;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/** Indexes by weight, in constant time: the alias method of Walker (1977) in Vose's form (1991). Immutable. */
final class WeightedDraw implements Draw {
    private final RowRandom random;
    private final double[] keep;
    private final int[] alias;

    WeightedDraw(RowRandom random, double[] weights) {
        double sum = Arrays.stream(weights).sum();
        for (double weight : weights) {
            if (!(weight >= 0)) {
                throw new IllegalArgumentException("a weight of " + weight + "; weights are 0 or above");
            }
        }
        if (!(sum > 0) || Double.isInfinite(sum)) {
            throw new IllegalArgumentException("weights that add up to " + sum + "; one at least must be above 0");
        }
        this.random = random;
        this.keep = new double[weights.length];
        this.alias = new int[weights.length];
        Deque<Integer> small = new ArrayDeque<>();
        Deque<Integer> large = new ArrayDeque<>();
        for (int index = 0; index < weights.length; index++) {
            keep[index] = weights[index] * weights.length / sum;
            alias[index] = index;
            (keep[index] < 1 ? small : large).add(index);
        }
        while (!small.isEmpty() && !large.isEmpty()) {
            int poor = small.remove();
            int rich = large.remove();
            alias[poor] = rich;
            keep[rich] -= 1 - keep[poor];
            (keep[rich] < 1 ? small : large).add(rich);
        }
        // What is left differs from 1 by rounding only; one of weight 0 always found its rich.
        small.forEach(index -> keep[index] = 1);
        large.forEach(index -> keep[index] = 1);
    }

    @Override
    public long indexAt(long row) {
        long bits = random.bits(row);
        int index = (int) RowRandom.below(bits, keep.length);
        return RowRandom.unit(RowRandom.further(bits, 1)) < keep[index] ? index : alias[index];
    }
}
