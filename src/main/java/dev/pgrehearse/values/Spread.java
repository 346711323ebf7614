package dev.pgrehearse.values;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Ascending whole numbers: as many as asked for, all different, as dense between each two bounds as the bounds are.
 *
 * <p>Each part between two bounds gets the same share of the numbers; a part that is too narrow for its share is
 * filled, and the others get the rest. Within a part they are at equal distances. Immutable.
 */
final class Spread {
    /** Their square still fits into a long, see {@link #at}. */
    static final long LARGEST = 3_000_000_000L;

    private record Part(long start, long room, double weight) {}

    private final long size;
    private final long[] starts;
    private final long[] rooms;
    /** The index of each part's first number, and behind the last part the size. */
    private final long[] firsts;
    /** Whether no part was too narrow for its share. */
    private final boolean roomy;

    /** @param bounds ascending, at least two; equal ones are taken for one */
    Spread(long[] bounds, long size) {
        if (size < 1 || size > LARGEST) {
            throw new IllegalArgumentException(size + " different values; 1 to " + LARGEST + " are possible");
        }
        List<Part> parts = parts(bounds);
        double room = parts.stream().mapToDouble(Part::room).sum();
        if (room < size) {
            throw new TooNarrow(bounds[0], bounds[bounds.length - 1], size);
        }
        this.size = size;
        this.starts = parts.stream().mapToLong(Part::start).toArray();
        this.rooms = parts.stream().mapToLong(Part::room).toArray();
        long[] counts = new long[rooms.length];
        this.roomy = share(parts, size, counts);
        this.firsts = new long[rooms.length + 1];
        for (int part = 0; part < counts.length; part++) {
            firsts[part + 1] = firsts[part] + counts[part];
        }
    }

    /** More numbers than there are between the bounds. */
    static final class TooNarrow extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        TooNarrow(long lowest, long highest, long size) {
            super(size + " different values, more than there are from " + lowest + " to " + highest);
        }
    }

    private static List<Part> parts(long[] bounds) {
        long[] ends = Arrays.stream(bounds).distinct().toArray();
        List<Part> parts = new ArrayList<>();
        for (int end = 0; end + 1 < ends.length; end++) {
            if (ends[end] > ends[end + 1]) {
                throw new IllegalArgumentException("bounds that descend, from " + ends[end] + " to " + ends[end + 1]);
            }
            long more = end + 2 == ends.length ? 1 : 0;
            long room = ends[end + 1] - ends[end] + more;
            if (room > 0) {
                parts.add(new Part(ends[end], room, 1));
            } else {
                // Wider than a long can tell, so it begins below 0 and ends above.
                parts.add(new Part(ends[end], room(-1 - ends[end]), 0.5));
                parts.add(new Part(0, room(ends[end + 1]), 0.5));
            }
        }
        if (parts.isEmpty()) {
            parts.add(new Part(ends[0], 1, 1));
        }
        return parts;
    }

    private static long room(long distance) {
        return distance == Long.MAX_VALUE ? distance : distance + 1;
    }

    /** The narrowest parts first, so that those behind can take what these cannot. */
    private static boolean share(List<Part> parts, long size, long[] counts) {
        List<Integer> order = new ArrayList<>();
        for (int part = 0; part < parts.size(); part++) {
            order.add(part);
        }
        order.sort(Comparator.comparingDouble(
                part -> parts.get(part).room() / parts.get(part).weight()));
        double weight = parts.stream().mapToDouble(Part::weight).sum();
        double weightLeft = weight;
        long left = size;
        boolean roomy = true;
        for (int part : order) {
            Part here = parts.get(part);
            roomy &= size * here.weight() / weight <= here.room();
            counts[part] = Math.min(left, Math.min(here.room(), Math.round(left * here.weight() / weightLeft)));
            left -= counts[part];
            weightLeft -= here.weight();
        }
        for (int part = 0; left > 0; part++) {
            long more = Math.min(left, parts.get(part).room() - counts[part]);
            counts[part] += more;
            left -= more;
        }
        return roomy;
    }

    long size() {
        return size;
    }

    boolean isRoomy() {
        return roomy;
    }

    long at(long index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException(index + " is not below " + size);
        }
        int part = part(index);
        long place = index - firsts[part];
        long count = firsts[part + 1] - firsts[part];
        if (count == 1) {
            // The only one of the last part is its end, unless it is the only one of all.
            return part == starts.length - 1 && size > 1
                    ? starts[part] + (rooms[part] - 1)
                    : starts[part] + rooms[part] / 2;
        }
        boolean last = part == starts.length - 1;
        long steps = last ? count - 1 : count;
        long distance = last ? rooms[part] - 1 : rooms[part];
        return starts[part] + place * (distance / steps) + place * (distance % steps) / steps;
    }

    /** The last part that begins at or before the index and is not empty. */
    private int part(long index) {
        int low = 0;
        int high = starts.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (firsts[middle] <= index) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** The greatest index whose number is not above; -1 when all are. */
    long indexAtOrBelow(long number) {
        long low = -1;
        long high = size - 1;
        while (low < high) {
            long middle = low + (high - low + 1) / 2;
            if (at(middle) <= number) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }
}
