package dev.pgrehearse.values;

import java.util.List;

/**
 * Arrays in ascending order, as PostgreSQL compares them: the first elements tell one from another, the others are
 * drawn, common ones more often. Immutable.
 */
final class ArrayDomain implements Domain {
    private static final int QUANTILES = 256;
    /** Header, number of dimensions, where the data begins, type, length and lower bound; without the varlena header. */
    private static final int AROUND = 20;

    private final long size;
    private final Domain elements;
    private final boolean emptyFirst;
    /** As many elements in front as it takes to tell the arrays apart. */
    private final int head;
    /** How many elements there are in all. */
    private final int[] counts;

    private final Draw tail;
    private final RowRandom random;

    private ArrayDomain(
            long size, Domain elements, boolean emptyFirst, int head, int[] counts, Draw tail, RowRandom random) {
        this.size = size;
        this.elements = elements;
        this.emptyFirst = emptyFirst;
        this.head = head;
        this.counts = counts;
        this.tail = tail;
        this.random = random;
    }

    /** Makes the domain of the elements, so many as are needed. */
    interface ElementDomains {
        /**
         * As many different elements as asked for.
         *
         * @param averageWidth of an element, 0 when nobody knows
         */
        Domain of(long distinct, double averageWidth);
    }

    /**
     * Arrays.
     *
     * @param elementBytes what one takes in an array; 0 when that depends on the value
     */
    static ArrayDomain of(ColumnShape shape, int elementBytes, ElementDomains elementDomains, long seed) {
        ColumnShape.Elements known = shape.elements();
        double room = shape.averageWidth() == 0 ? 0 : Bits.dataOf(shape.averageWidth()) - AROUND;
        double average = elementBytes > 0 && room > 0
                ? Math.max(1, room / elementBytes)
                : known != null && known.averageCount() > 0 ? known.averageCount() : Math.max(1, room / 12);
        List<Double> shapeOfCounts =
                known == null ? List.of() : known.counts().stream().sorted().toList();
        boolean emptyFirst = !shapeOfCounts.isEmpty() && shapeOfCounts.get(0) < 1 && shape.distinct() > 1;
        long size = shape.distinct() - (emptyFirst ? 1 : 0);
        int[] counts = counts(shapeOfCounts, average);
        // Those of the least arrays have to tell them apart, unless there are too few different ones for that.
        int least = Math.max(1, counts[QUANTILES / 10]);
        long distinct = known == null
                ? 0
                : Math.max(
                        known.distinct(),
                        Math.max(known.values().size(), known.frequencies().size()));
        double needed = Math.ceil(Math.pow((double) size, 1.0 / least) - 1e-9);
        long elementCount = Math.max(1, Math.max(distinct, (long) needed));
        int head = head(size, elementCount);
        // A text has four bytes in front, and up to three behind to align the next.
        double elementWidth = elementBytes > 0 || room <= 0 ? 0 : Math.max(2, room / average - 5.5 + 1);
        Domain elements = elementDomains.of(elementCount, elementWidth);
        RowRandom random = new RowRandom(seed, "array", shape.column());
        return new ArrayDomain(
                shape.distinct(), elements, emptyFirst, head, counts, tail(known, elements.size(), random), random);
    }

    private static int head(long size, long elementCount) {
        int head = 0;
        double reached = 1;
        while (reached < size) {
            reached *= Math.max(2, elementCount);
            head++;
        }
        return Math.max(1, head);
    }

    private static Draw tail(
            ColumnShape.@org.jspecify.annotations.Nullable Elements known, long size, RowRandom random) {
        if (known == null || known.frequencies().isEmpty() || size > 10_000) {
            return draw -> RowRandom.below(RowRandom.mix(draw), size);
        }
        double[] weights = new double[(int) size];
        int common = Math.min(known.frequencies().size(), weights.length);
        double rare = known.frequencies().get(known.frequencies().size() - 1) / 2;
        Permutation places = new Permutation(size, random.seed());
        for (int place = 0; place < weights.length; place++) {
            // Which one is how common is nowhere said, so the common ones lie anywhere.
            weights[(int) places.at(place)] =
                    Math.max(1e-9, place < common ? known.frequencies().get(place) : rare);
        }
        return new WeightedDraw(random, weights);
    }

    private static int[] counts(List<Double> shape, double average) {
        double[] wanted = new double[QUANTILES];
        double sum = 0;
        for (int quantile = 0; quantile < QUANTILES; quantile++) {
            wanted[quantile] = 1;
            if (shape.size() > 1) {
                double at = (quantile + 0.5) / QUANTILES * (shape.size() - 1);
                int below = (int) at;
                double next = shape.get(Math.min(below + 1, shape.size() - 1));
                wanted[quantile] = Math.max(0.01, shape.get(below) + (at - below) * (next - shape.get(below)));
            }
            sum += wanted[quantile];
        }
        int[] counts = new int[QUANTILES];
        for (int quantile = 0; quantile < QUANTILES; quantile++) {
            double dither = quantile * 0.618_033_988_749_894_9 % 1;
            counts[quantile] = (int) Math.max(1, wanted[quantile] * average * QUANTILES / sum + dither);
        }
        return counts;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public String textAt(long index) {
        StringBuilder text = new StringBuilder("{");
        for (int place = 0; place < count(index); place++) {
            text.append(place == 0 ? "\"" : ",\"")
                    .append(elements.textAt(element(index, place)))
                    .append('"');
        }
        return text.append('}').toString();
    }

    @Override
    public void copyTo(CopyBuffer out, long index) {
        out.ascii('{');
        int count = count(index);
        for (int place = 0; place < count; place++) {
            if (place > 0) {
                out.ascii(',');
            }
            out.ascii('"');
            elements.copyTo(out, element(index, place));
            out.ascii('"');
        }
        out.ascii('}');
    }

    private int count(long index) {
        return emptyFirst && index == 0 ? 0 : Math.max(head, counts[(int) (random.bits(index) & QUANTILES - 1)]);
    }

    private long element(long index, int place) {
        if (place >= head) {
            return tail.indexAt(RowRandom.further(random.bits(index), place + 1L) >>> 1);
        }
        // The digits of the index, the highest first; spread over all that so many elements can tell apart.
        long rest = emptyFirst ? index - 1 : index;
        long power = 1;
        for (int digit = place + 1; digit < head; digit++) {
            power *= elements.size();
        }
        return rest / power % elements.size();
    }
}
