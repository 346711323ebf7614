package dev.pgrehearse.values;

import java.util.List;

/**
 * Values listed one by one, escaped once. Immutable.
 *
 * <p>For a Datafaker expression, {@link #size()} may be below what was asked for: the provider has no more.
 */
final class Dictionary implements Domain {
    private final String[] values;
    /** One after the other: an object for each would be one more place in memory to wait for. */
    private final byte[] escaped;
    /** Where each one's escaped bytes begin, and where the last one's end. */
    private final int[] starts;
    /** Whether no value needed an escape, so that its escaped bytes are its bytes. */
    private final boolean plain;

    Dictionary(List<String> values) {
        this.values = values.toArray(String[]::new);
        this.starts = new int[this.values.length + 1];
        CopyBuffer buffer = new CopyBuffer(64);
        for (int index = 0; index < this.values.length; index++) {
            buffer.escaped(this.values[index]);
            starts[index + 1] = buffer.length();
        }
        this.escaped = buffer.toByteArray();
        this.plain = buffer.asciiText().indexOf('\\') < 0;
    }

    @Override
    public long size() {
        return values.length;
    }

    @Override
    public String textAt(long index) {
        return values[(int) index];
    }

    @Override
    public void copyTo(CopyBuffer out, long index) {
        int start = starts[(int) index];
        out.raw(escaped, start, starts[(int) index + 1] - start);
    }

    @Override
    public boolean copyBinaryTo(CopyBuffer out, long index, BinaryType type) {
        if (!plain || type != BinaryType.TEXT) {
            return Domain.super.copyBinaryTo(out, index, type);
        }
        int start = starts[(int) index];
        int length = starts[(int) index + 1] - start;
        out.int32(length);
        out.raw(escaped, start, length);
        return true;
    }
}
