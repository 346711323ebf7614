package dev.pgrehearse.dataset;

import dev.pgrehearse.values.CopyBuffer;
import dev.pgrehearse.values.Domain;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Known values among those of another domain, in order; the other domain's values that are known ones are left out. Immutable.
 */
final class Overlaid implements Domain {
    /** Where there are more values, one that comes twice hardly changes how many there are. */
    private static final long MOST_LOOKED_THROUGH = 2_000_000;

    private final Domain domain;
    private final long size;
    private final Map<Long, String> known;
    /** Indexes of the known values, ascending. */
    private final long[] places;
    /** Indexes of the domain's values that are no known ones; empty when there are too many to look through. */
    private final int[] free;

    private Overlaid(Domain domain, long size, Map<Long, String> known) {
        this.domain = domain;
        this.size = size;
        this.known = Map.copyOf(known);
        this.places =
                known.keySet().stream().mapToLong(Long::longValue).sorted().toArray();
        this.free = domain.size() > MOST_LOOKED_THROUGH ? new int[0] : free(domain, new HashSet<>(known.values()));
    }

    /**
     * As many values as {@code size}.
     *
     * @param domain with about as many values
     * @param known by index
     */
    static Domain on(Domain domain, long size, Map<Long, String> known) {
        return new Overlaid(domain, size, known);
    }

    private static int[] free(Domain domain, Set<String> known) {
        int[] free = new int[(int) domain.size()];
        int count = 0;
        for (int index = 0; index < free.length; index++) {
            if (!known.contains(String.valueOf(domain.textAt(index)))) {
                free[count++] = index;
            }
        }
        return Arrays.copyOf(free, count);
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public @Nullable String textAt(long index) {
        String value = known.get(index);
        return value == null ? domain.textAt(other(index)) : value;
    }

    @Override
    public void copyTo(CopyBuffer out, long index) {
        String value = known.get(index);
        if (value == null) {
            domain.copyTo(out, other(index));
        } else {
            out.escaped(value);
        }
    }

    /** Of a value that is not known, its index in the domain: evenly spread over those that are free. */
    private long other(long index) {
        if (free.length == 0) {
            return index * domain.size() / size;
        }
        int before = -Arrays.binarySearch(places, index) - 1;
        long others = size - places.length;
        return free[(int) ((index - before) * free.length / Math.max(1, others))];
    }
}
