package dev.pgrehearse.values;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * How often each of a column's values occurs, exactly: ranks are given out to the values in their order, to each common
 * value as many as its frequency asks for, and to the others as evenly as whole numbers can. Immutable.
 *
 * <p>So a column has exactly as many different values as asked for, and one with as many values as ranks is unique.
 * Nothing is left to chance; who wants chance shuffles the ranks ({@link Arrangement}).
 */
public final class Quotas {
    /** The product of two numbers up to here fits into a long. */
    private static final long MOST_RANKS = 3_000_000_000L;

    private final long ranks;
    private final long distinct;
    private final long largest;
    /** Where each stretch begins; stretches of other values and single common values take turns, others first. */
    private final long[] firstIndex;

    private final long[] firstRank;
    private final List<Common> common;

    /**
     * A value that occurs more often than others.
     *
     * @param place where it stands among the values in their order, 0 to 1
     * @param frequency its share of all ranks, 0 to 1
     */
    public record Common(double place, double frequency) {}

    private Quotas(long ranks, long distinct, long largest, long[] firstIndex, long[] firstRank, List<Common> common) {
        this.ranks = ranks;
        this.distinct = distinct;
        this.largest = largest;
        this.firstIndex = firstIndex;
        this.firstRank = firstRank;
        this.common = common;
    }

    /** Every value as often as the others. */
    public static Quotas even(long distinct, long ranks) {
        return of(distinct, ranks, List.of());
    }

    /**
     * Quotas with common values.
     *
     * @param distinct how many values there are, common ones included; cut to the ranks when there are more
     * @param ranks how many rows have a value, above 0
     * @param common at most {@code distinct}; one too rare for a single rank is an ordinary value
     */
    public static Quotas of(long distinct, long ranks, List<Common> common) {
        if (ranks < 1 || distinct < 1) {
            throw new IllegalArgumentException(distinct + " different values in " + ranks + " rows");
        }
        if (ranks > MOST_RANKS) {
            throw new IllegalArgumentException(ranks + " rows; " + MOST_RANKS + " are possible");
        }
        long values = Math.min(distinct, ranks);
        List<Common> chosen = common.stream()
                .filter(value -> Math.round(value.frequency() * ranks) >= 1)
                .sorted(Comparator.comparingDouble(Common::frequency).reversed())
                .limit(values)
                .sorted(Comparator.comparingDouble(Common::place))
                .toList();
        long others = values - chosen.size();
        long[] counts = counts(chosen, ranks, others);
        return laidOut(ranks, chosen, counts, others);
    }

    /** Ranks of the common values: all of them when there are no others, and never so many that another gets none. */
    private static long[] counts(List<Common> chosen, long ranks, long others) {
        double sum = chosen.stream().mapToDouble(Common::frequency).sum();
        double wanted = others == 0 ? (double) ranks : Math.min(sum * ranks, (double) (ranks - others));
        // Rounded sums, so that rounding errors do not add up; and none below 1.
        long[] counts = new long[chosen.size()];
        double above = 0;
        long given = 0;
        for (int value = 0; value < counts.length; value++) {
            above += chosen.get(value).frequency();
            long upTo = Math.round(wanted * above / sum);
            long left = counts.length - 1L - value;
            counts[value] = Math.max(1, Math.min(upTo - given, ranks - others - given - left));
            given += counts[value];
        }
        return counts;
    }

    private static Quotas laidOut(long ranks, List<Common> chosen, long[] counts, long others) {
        int size = chosen.size();
        long rest = ranks - Arrays.stream(counts).sum();
        long[] firstIndex = new long[2 * size + 2];
        long[] firstRank = new long[2 * size + 2];
        long index = 0;
        long rank = 0;
        long othersDone = 0;
        long largest = others == 0 ? 0 : ceiling(rest, others);
        for (int turn = 0; turn <= size; turn++) {
            firstIndex[2 * turn] = index;
            firstRank[2 * turn] = rank;
            long upTo = turn == size
                    ? others
                    : Math.max(othersDone, Math.round(chosen.get(turn).place() * others));
            index += upTo - othersDone;
            rank += share(rest, upTo, others) - share(rest, othersDone, others);
            othersDone = upTo;
            firstIndex[2 * turn + 1] = index;
            firstRank[2 * turn + 1] = rank;
            if (turn < size) {
                index++;
                rank += counts[turn];
                largest = Math.max(largest, counts[turn]);
            }
        }
        return new Quotas(ranks, size + others, largest, firstIndex, firstRank, chosen);
    }

    private static long share(long rest, long done, long all) {
        return all == 0 ? 0 : ceiling(rest * done, all);
    }

    /** Of numbers that are not negative, the quotient rounded up. */
    static long ceiling(long dividend, long divisor) {
        return (dividend + divisor - 1) / divisor;
    }

    /** A rank among {@code ranks}, as far up among {@code others} of them. */
    public static long scaled(long rank, long ranks, long others) {
        return rank * others / ranks;
    }

    /** The common values that have ranks of their own, by their place. */
    public List<Common> common() {
        return common;
    }

    /** The index of a value of {@link #common}, counted from 0. */
    public long indexOfCommon(int number) {
        return firstIndex[2 * number + 1];
    }

    /** How many ranks are given out. */
    public long ranks() {
        return ranks;
    }

    /** How many values there are. */
    public long distinct() {
        return distinct;
    }

    /** The most ranks that one value has. */
    public long largest() {
        return largest;
    }

    /** The index of the value that a rank, 0 to {@link #ranks} − 1, is given to. */
    public long indexAt(long rank) {
        int stretch = stretchOf(firstRank, rank, ranks);
        if ((stretch & 1) == 1) {
            return firstIndex[stretch];
        }
        long values = firstIndex[stretch + 1] - firstIndex[stretch];
        long width = firstRank[stretch + 1] - firstRank[stretch];
        return firstIndex[stretch] + (rank - firstRank[stretch]) * values / width;
    }

    /** The first rank of a value, 0 to {@link #distinct} − 1; for {@code distinct} itself, {@link #ranks}. */
    public long startOf(long index) {
        if (index == distinct) {
            return ranks;
        }
        int stretch = stretchOf(firstIndex, index, distinct);
        if ((stretch & 1) == 1) {
            return firstRank[stretch];
        }
        long values = firstIndex[stretch + 1] - firstIndex[stretch];
        long width = firstRank[stretch + 1] - firstRank[stretch];
        return firstRank[stretch] + ceiling((index - firstIndex[stretch]) * width, values);
    }

    /** The last stretch that begins at or before a place and is not empty. */
    private static int stretchOf(long[] first, long place, long end) {
        if (place < 0 || place >= end) {
            throw new IndexOutOfBoundsException(place + " is not below " + end);
        }
        int low = 0;
        int high = first.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (first[middle] <= place) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** The same values, of which none has more ranks than {@code most}: there are fewer ranks then. */
    Quotas capped(long most) {
        long[] first = new long[firstRank.length];
        long largestNow = 0;
        for (int stretch = 0; stretch < first.length; stretch++) {
            long width = widthOf(stretch);
            long values = valuesOf(stretch);
            long kept = Math.min(width, values * most);
            if (stretch + 1 < first.length) {
                first[stretch + 1] = first[stretch] + kept;
            }
            largestNow = Math.max(largestNow, values == 0 ? 0 : ceiling(kept, values));
        }
        int last = first.length - 1;
        // The last stretch is of one common value that is not there: nothing follows the last others.
        return new Quotas(first[last], distinct, largestNow, firstIndex, first, common);
    }

    /** How many stretches there are, of others and single common values in turns; some may be empty. */
    int stretches() {
        return firstRank.length;
    }

    /** The stretch that a value is in. */
    int stretchOf(long index) {
        return stretchOf(firstIndex, index, distinct);
    }

    /** How many values a stretch has. */
    long valuesOf(int stretch) {
        return (stretch + 1 < firstIndex.length ? firstIndex[stretch + 1] : distinct) - firstIndex[stretch];
    }

    /** How many ranks a stretch has. */
    long widthOf(int stretch) {
        return (stretch + 1 < firstRank.length ? firstRank[stretch + 1] : ranks) - firstRank[stretch];
    }
}
