package dev.pgrehearse.values;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Values of an {@link OrdinalType} in ascending order, some of them given. Immutable. */
final class Ascending implements PlainDomain {
    private final OrdinalType type;
    private final Spread spread;
    private final long[] pinIndexes;
    private final long[] pinOrdinals;

    private Ascending(OrdinalType type, Spread spread, long[] pinOrdinals) {
        this.type = type;
        this.spread = spread;
        this.pinOrdinals = pinOrdinals;
        this.pinIndexes = pinIndexes(spread, pinOrdinals);
    }

    /**
     * Of the first of several types, which go from coarse to fine, that has room for all between each two bounds.
     *
     * @throws IllegalArgumentException when not even the last one has
     */
    static Ascending of(ColumnShape shape, List<? extends OrdinalType> candidates) {
        for (OrdinalType type : candidates.subList(0, candidates.size() - 1)) {
            Ascending values = roomy(shape, type);
            if (values != null) {
                return values;
            }
        }
        return of(shape, candidates.get(candidates.size() - 1));
    }

    /** Null when the type is too coarse for the column; the finest one then decides, and says what is wrong with it. */
    private static @Nullable Ascending roomy(ColumnShape shape, OrdinalType type) {
        if (!shape.bounds().stream().allMatch(bound -> type.isEndless(bound) || type.isExact(bound))) {
            return null;
        }
        try {
            Ascending values = of(shape, type);
            return values.spread.isRoomy() ? values : null;
        } catch (IllegalArgumentException tooCoarse) {
            return null;
        }
    }

    static Ascending of(ColumnShape shape, OrdinalType type) {
        TreeSet<Long> pins = new TreeSet<>();
        for (String value : shape.known()) {
            pins.add(type.ordinal(value, false));
        }
        List<String> finite = new ArrayList<>();
        for (String bound : shape.bounds()) {
            if (type.isEndless(bound)) {
                pins.add(type.ordinal(bound, false));
            } else {
                finite.add(bound);
            }
        }
        while (pins.size() > shape.distinct()) {
            pins.pollLast();
        }
        long[] bounds = bounds(shape, type, finite);
        try {
            return new Ascending(
                    type,
                    new Spread(bounds, shape.distinct()),
                    pins.stream().mapToLong(Long::longValue).toArray());
        } catch (Spread.TooNarrow tooNarrow) {
            throw new IllegalArgumentException(
                    shape.distinct() + " different values, more than " + shape.type() + " has from "
                            + text(type, bounds[0]) + " to " + text(type, bounds[bounds.length - 1]),
                    tooNarrow);
        }
    }

    private static long[] bounds(ColumnShape shape, OrdinalType type, List<String> finite) {
        ColumnShape.Limits limits = shape.limits();
        long lowest = type.lowest();
        if (limits.lowest() != null && !type.isEndless(limits.lowest())) {
            boolean next = !limits.lowestIncluded() && type.isExact(limits.lowest());
            lowest = Math.max(lowest, Math.addExact(type.ordinal(limits.lowest(), true), next ? 1 : 0));
        }
        long highest = type.highest();
        if (limits.highest() != null && !type.isEndless(limits.highest())) {
            boolean next = !limits.highestIncluded() && type.isExact(limits.highest());
            highest = Math.min(highest, Math.subtractExact(type.ordinal(limits.highest(), false), next ? 1 : 0));
        }
        if (lowest > highest) {
            throw new IllegalArgumentException("limits from " + limits.lowest() + " to " + limits.highest()
                    + ", between which " + shape.type() + " has no value");
        }
        long[] bounds = new long[Math.max(2, finite.size())];
        if (finite.isEmpty()) {
            long span = type.usualSpan(shape.distinct());
            long start = limits.lowest() != null
                    ? lowest
                    : limits.highest() != null && highest < type.usualStart() + span
                            ? Math.max(lowest, highest - span)
                            : type.usualStart();
            bounds[0] = start;
            bounds[1] = highest - span < start ? highest : start + span;
        } else {
            for (int bound = 0; bound < bounds.length; bound++) {
                bounds[bound] = type.ordinal(finite.get(Math.min(bound, finite.size() - 1)), bound == 0);
            }
        }
        for (int bound = 0; bound < bounds.length; bound++) {
            // A bound was rounded outward, a limit was not.
            long within = Math.max(lowest, Math.min(highest, bounds[bound]));
            bounds[bound] = bound == 0 ? within : Math.max(bounds[bound - 1], within);
        }
        return bounds;
    }

    /**
     * Each pin takes the place of the value at or below it, or the next free one: so the order stays. At the end, where
     * none is free above, those before move down.
     */
    private static long[] pinIndexes(Spread spread, long[] pins) {
        long[] indexes = new long[pins.length];
        for (int pin = 0; pin < pins.length; pin++) {
            long free = pin == 0 ? 0 : indexes[pin - 1] + 1;
            long last = spread.size() - (pins.length - pin);
            indexes[pin] = Math.min(last, Math.max(free, spread.indexAtOrBelow(pins[pin])));
        }
        return indexes;
    }

    private static String text(OrdinalType type, long ordinal) {
        CopyBuffer text = new CopyBuffer(USUAL_LENGTH);
        type.write(text, ordinal);
        return text.asciiText();
    }

    @Override
    public long size() {
        return spread.size();
    }

    OrdinalType type() {
        return type;
    }

    /** The number of the value at an index. */
    long ordinalAt(long index) {
        int low = 0;
        int high = pinIndexes.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (pinIndexes[middle] == index) {
                return pinOrdinals[middle];
            }
            if (pinIndexes[middle] < index) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return spread.at(index);
    }

    @Override
    public void copyTo(CopyBuffer out, long index) {
        type.write(out, ordinalAt(index));
    }
}
