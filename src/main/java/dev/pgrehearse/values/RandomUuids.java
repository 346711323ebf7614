package dev.pgrehearse.values;

/** Random UUIDs of version 4, RFC 9562. */
record RandomUuids(RowRandom random) implements ValueGenerator {
    private static final int LENGTH = 36;
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    @Override
    public String textAt(long row) {
        CopyBuffer text = new CopyBuffer(LENGTH);
        copyTo(text, row);
        return text.asciiText();
    }

    @Override
    public void copyTo(CopyBuffer out, long row) {
        long bits = random.bits(row);
        long high = high(bits);
        long low = low(bits);
        hex(out, high >>> 32, 8);
        out.ascii('-');
        hex(out, high >>> 16, 4);
        out.ascii('-');
        hex(out, high, 4);
        out.ascii('-');
        hex(out, low >>> 48, 4);
        out.ascii('-');
        hex(out, low, 12);
    }

    private static long high(long bits) {
        return (RowRandom.further(bits, 1) & ~0xF000L) | 0x4000L;
    }

    private static long low(long bits) {
        return (RowRandom.further(bits, 2) & ~(0b11L << 62)) | (0b10L << 62);
    }

    private static void hex(CopyBuffer out, long value, int digits) {
        for (int place = digits - 1; place >= 0; place--) {
            out.ascii(HEX[(int) (value >>> (4 * place)) & 0xF]);
        }
    }

    @Override
    public boolean copyBinaryTo(CopyBuffer out, long row, BinaryType type) {
        if (type != BinaryType.UUID) {
            return ValueGenerator.super.copyBinaryTo(out, row, type);
        }
        long bits = random.bits(row);
        out.int32(2 * Long.BYTES);
        out.int64(high(bits));
        out.int64(low(bits));
        return true;
    }
}
