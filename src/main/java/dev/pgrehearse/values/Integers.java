package dev.pgrehearse.values;

/** {@code start}, {@code start + step}, …: whole numbers at equal distances. */
record Integers(long start, long step, long size) implements PlainDomain {
    /** From one number to another, both included. */
    static Integers range(long from, long to) {
        if (to < from) {
            throw new IllegalArgumentException("a range from " + from + " to " + to + "; its end is below its start");
        }
        long size = to - from + 1;
        if (size <= 0) {
            throw new IllegalArgumentException("a range of 2^63 numbers or more, from " + from + " to " + to);
        }
        return new Integers(from, 1, size);
    }

    @Override
    public void copyTo(CopyBuffer out, long index) {
        out.number(numberAt(index));
    }

    /** Checked: a sequence that leaves bigint must not wrap around in silence. */
    private long numberAt(long index) {
        return Math.addExact(start, Math.multiplyExact(index, step));
    }

    @Override
    public boolean copyBinaryTo(CopyBuffer out, long index, BinaryType type) {
        return switch (type) {
            case SMALLINT, INTEGER, BIGINT -> type.integer(out, out.length(), numberAt(index));
            default -> PlainDomain.super.copyBinaryTo(out, index, type);
        };
    }
}
