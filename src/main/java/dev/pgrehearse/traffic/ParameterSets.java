package dev.pgrehearse.traffic;

import dev.pgrehearse.values.RowRandom;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The values that a statement runs with: sets that belong together, drawn by the request's number alone. Immutable and
 * thread-safe; to draw is one look into an array.
 */
final class ParameterSets {
    /** A weight is met to within one in so many. */
    private static final int SLOTS = 1 << 16;

    private final @Nullable String[][] sets;
    private final int[] slots;
    private final RowRandom random;
    private final boolean once;

    private ParameterSets(@Nullable String[][] sets, int[] slots, RowRandom random, boolean once) {
        this.sets = sets;
        this.slots = slots;
        this.random = random;
        this.once = once;
    }

    /** Sets that are drawn again and again, by their weights. */
    static ParameterSets drawn(@Nullable String[][] sets, double[] weights, RowRandom random) {
        double all = 0;
        for (double weight : weights) {
            all += weight;
        }
        int[] slots = new int[SLOTS];
        double upTo = 0;
        int slot = 0;
        for (int set = 0; set < weights.length; set++) {
            upTo += weights[set] / all * SLOTS;
            while (slot < SLOTS && slot + 0.5 < upTo) {
                slots[slot++] = set;
            }
        }
        while (slot < SLOTS) {
            slots[slot++] = weights.length - 1;
        }
        return new ParameterSets(sets, slots, random, false);
    }

    /**
     * Sets of which each comes once before any comes again: for what is no longer there afterwards. A set is kept with a
     * chance that is its weight's share of the greatest one.
     */
    static ParameterSets once(@Nullable String[][] sets, double[] weights, RowRandom random) {
        double greatest = 0;
        for (double weight : weights) {
            greatest = Math.max(greatest, weight);
        }
        int[] slots = new int[sets.length];
        int kept = 0;
        for (int set = 0; set < sets.length; set++) {
            if (RowRandom.unit(random.bits(-2L - set)) * greatest < weights[set]) {
                slots[kept++] = set;
            }
        }
        return new ParameterSets(sets, java.util.Arrays.copyOf(slots, kept), random, true);
    }

    private @Nullable String[] at(long number) {
        int slot = once ? (int) (number % slots.length) : (int) RowRandom.below(random.bits(number), slots.length);
        return sets[slots[slot]];
    }

    /** One parameter's values, by its place from 0. */
    LongFunction<@Nullable String> parameter(int place) {
        return number -> at(number)[place];
    }

    /** How many different sets there are. */
    long size() {
        return java.util.Arrays.stream(slots).distinct().count();
    }
}
