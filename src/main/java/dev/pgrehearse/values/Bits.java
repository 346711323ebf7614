package dev.pgrehearse.values;

/** Values of {@code bit(n)} and {@code bit varying}, all of the same length: ascending bits in front, random ones behind. */
record Bits(long size, int length, int codeBits, RowRandom random) implements PlainDomain {
    /** Of the data of a bit string: its length. */
    private static final int HEADER = 4;

    static Bits of(ColumnShape shape, TypeName type, long seed) {
        int codeBits = Long.SIZE - Long.numberOfLeadingZeros(shape.distinct() - 1);
        int length = type.modifier(type.name().equals("bit") ? 1 : Integer.MAX_VALUE);
        if (type.name().equals("bit varying")) {
            double data = shape.averageWidth() > Lengths.width(0) + HEADER ? dataOf(shape.averageWidth()) - HEADER : 0;
            length = Math.min(length, Math.max(codeBits, (int) Math.round(8 * data)));
        }
        if (codeBits > length) {
            throw new IllegalArgumentException(
                    shape.distinct() + " different values, more than " + length + " bits have");
        }
        return new Bits(shape.distinct(), length, codeBits, new RowRandom(seed, "bits", shape.column()));
    }

    /** What remains of a width without its header. */
    static double dataOf(double averageWidth) {
        return averageWidth <= Lengths.width(126) ? averageWidth - 1 : averageWidth - 4;
    }

    @Override
    public void copyTo(CopyBuffer out, long index) {
        for (int bit = codeBits - 1; bit >= 0; bit--) {
            out.ascii('0' + (int) (index >>> bit & 1));
        }
        long bits = random.bits(index);
        long drawn = 0;
        for (int bit = 0; bit < length - codeBits; bit++) {
            drawn = bit % Long.SIZE == 0 ? RowRandom.further(bits, 1 + bit / Long.SIZE) : drawn >>> 1;
            out.ascii('0' + (int) (drawn & 1));
        }
    }
}
