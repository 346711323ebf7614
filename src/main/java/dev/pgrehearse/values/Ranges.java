package dev.pgrehearse.values;

import java.util.ArrayList;
import java.util.List;

/**
 * Ranges and multiranges that ascend with their lower bound. Upper bounds are not included, as PostgreSQL writes the
 * ranges of discrete types. Immutable.
 */
final class Ranges implements PlainDomain {
    private static final int QUANTILES = 256;
    private static final long ENDLESS = -1;
    /** Without lengths. */
    private static final double USUAL_LENGTH = 10;

    private final Ascending lower;
    private final OrdinalType type;
    private final boolean quoted;
    private final boolean emptyFirst;
    private final long[] lengths;
    /** 0 for a range, otherwise how many a multirange has. */
    private final int parts;

    private final RowRandom random;

    private Ranges(Ascending lower, boolean quoted, boolean emptyFirst, long[] lengths, int parts, RowRandom random) {
        this.lower = lower;
        this.type = lower.type();
        this.quoted = quoted;
        this.emptyFirst = emptyFirst;
        this.lengths = lengths;
        this.parts = parts;
        this.random = random;
    }

    /**
     * Ranges.
     *
     * @param candidates types of the bounds, from coarse to fine
     * @param boundBytes of one stored bound
     */
    static Ranges of(ColumnShape shape, List<OrdinalType> candidates, boolean multirange, int boundBytes, long seed) {
        List<String> bounds = new ArrayList<>();
        for (String bound : shape.bounds()) {
            String start = lowerOf(bound);
            if (!start.isEmpty()) {
                bounds.add(start);
            }
        }
        boolean emptyFirst = shape.emptyShare() > 0;
        if (emptyFirst && shape.distinct() == 1) {
            throw new IllegalArgumentException("one different value of a range, of which a share is empty: list it");
        }
        Ascending lower = Ascending.of(
                shape.withBounds(bounds).withDistinct(emptyFirst ? shape.distinct() - 1 : shape.distinct()),
                candidates);
        OrdinalType type = lower.type();
        int parts = 0;
        if (multirange) {
            // Header of the type and the count; then for each a flag, an offset and two bounds.
            double data = Bits.dataOf(shape.averageWidth()) - 8;
            parts = Math.max(1, (int) Math.round(data / (5 + 2 * boundBytes)));
        }
        return new Ranges(
                lower,
                type instanceof TimestampType,
                emptyFirst,
                lengths(shape.rangeLengths(), unit(type)),
                parts,
                new RowRandom(seed, "range", shape.column()));
    }

    /** The lower bound of {@code [1,5)} or <code>{[1,5),[7,9)}</code>; the value itself when it is no range. */
    private static String lowerOf(String bound) {
        String range = bound.startsWith("{") ? bound.substring(1) : bound;
        if (range.equals("empty") || range.equals("}")) {
            return "";
        }
        if (!range.startsWith("[") && !range.startsWith("(")) {
            return range;
        }
        String start = range.substring(1, Math.max(1, range.indexOf(',')));
        return start.replace("\"", "");
    }

    /** Steps in what PostgreSQL measures lengths in: numbers, days, seconds. */
    private static double unit(OrdinalType type) {
        if (type instanceof TimestampType times) {
            return (double) Calendar.MICROS_PER_SECOND / times.stepMicros();
        }
        return type instanceof DecimalType decimals ? Math.pow(10, decimals.scale()) : 1;
    }

    private static long[] lengths(List<Double> known, double unit) {
        long[] lengths = new long[QUANTILES];
        List<Double> sorted = known.stream().sorted().toList();
        for (int quantile = 0; quantile < QUANTILES; quantile++) {
            double at = (quantile + 0.5) / QUANTILES * Math.max(0, sorted.size() - 1);
            int below = (int) at;
            double length = USUAL_LENGTH;
            if (!sorted.isEmpty()) {
                double next = sorted.get(Math.min(below + 1, sorted.size() - 1));
                length = sorted.get(below) + (at == below ? 0 : (at - below) * (next - sorted.get(below)));
            }
            // A range without a length would be the empty one.
            lengths[quantile] = Double.isInfinite(length) || Double.isNaN(length)
                    ? ENDLESS
                    : Math.max(1, Math.round(length * unit));
        }
        return lengths;
    }

    @Override
    public long size() {
        return lower.size() + (emptyFirst ? 1 : 0);
    }

    @Override
    public void copyTo(CopyBuffer out, long index) {
        if (emptyFirst && index == 0) {
            out.escaped(parts > 0 ? "{}" : "empty");
            return;
        }
        long place = emptyFirst ? index - 1 : index;
        long start = lower.ordinalAt(place);
        long bits = random.bits(place);
        long length = lengths[(int) (bits & QUANTILES - 1)];
        if (parts == 0) {
            range(out, start, length);
            return;
        }
        out.ascii('{');
        for (int part = 0; part < parts; part++) {
            if (part > 0) {
                out.ascii(',');
            }
            boolean last = part == parts - 1;
            // One without an end leaves no room behind it.
            long finite = length == ENDLESS ? 1 : length;
            range(out, start + 2L * part * finite, last ? length : finite);
        }
        out.ascii('}');
    }

    private void range(CopyBuffer out, long start, long length) {
        out.ascii('[');
        bound(out, start);
        out.ascii(',');
        // Not beyond what the type has: no upper bound says as much there.
        if (length != ENDLESS && start <= type.highest() - length) {
            bound(out, start + length);
        }
        out.ascii(')');
    }

    private void bound(CopyBuffer out, long ordinal) {
        if (quoted) {
            out.ascii('"');
        }
        type.write(out, ordinal);
        if (quoted) {
            out.ascii('"');
        }
    }
}
