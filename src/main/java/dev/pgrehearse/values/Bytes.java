package dev.pgrehearse.values;

/** Values of {@code bytea}: first bytes that ascend and differ, then random ones up to the length. Immutable. */
final class Bytes implements Domain {
    private final long size;
    private final int codeBytes;
    private final long codeStep;
    private final Lengths lengths;
    private final RowRandom random;

    Bytes(ColumnShape shape, long seed) {
        this.size = shape.distinct();
        this.codeBytes = (Long.SIZE - Long.numberOfLeadingZeros(size - 1) + 7) / 8;
        this.codeStep = codeBytes == 0 ? 1 : (1L << (8 * codeBytes)) / size;
        this.lengths = Lengths.of(shape.lengths(), shape.averageWidth(), new int[] {codeBytes}, longest(shape));
        this.random = new RowRandom(seed, "bytea", shape.column());
    }

    private static int longest(ColumnShape shape) {
        Integer longest = shape.limits().longest();
        return longest == null ? Integer.MAX_VALUE : longest;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public String textAt(long index) {
        CopyBuffer text = new CopyBuffer(64);
        text.ascii('\\');
        digits(text, index);
        return text.asciiText();
    }

    @Override
    public void copyTo(CopyBuffer out, long index) {
        out.ascii('\\');
        out.ascii('\\');
        digits(out, index);
    }

    private void digits(CopyBuffer out, long index) {
        out.ascii('x');
        Hex.write(out, index * codeStep, 2 * codeBytes);
        long bits = random.bits(index);
        Padding.HEX.write(out, bits, 2 * Math.max(0, lengths.at(bits) - codeBytes));
    }
}
