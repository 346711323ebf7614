package dev.pgrehearse.values;

import java.util.Arrays;
import java.util.List;

/**
 * Values listed one by one, escaped once. Immutable.
 *
 * <p>For a Datafaker expression, {@link #size()} may be below what was asked for: the provider has no more.
 */
final class Dictionary implements Domain {
    private final String[] values;
    private final byte[][] escaped;
    /** Whether no value needed an escape, so that its escaped bytes are its bytes. */
    private final boolean plain;

    Dictionary(List<String> values) {
        this.values = values.toArray(String[]::new);
        this.escaped = new byte[this.values.length][];
        CopyBuffer buffer = new CopyBuffer(64);
        int start = 0;
        for (int index = 0; index < escaped.length; index++) {
            buffer.escaped(this.values[index]);
            escaped[index] = Arrays.copyOfRange(buffer.bytes(), start, buffer.length());
            start = buffer.length();
        }
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
        out.raw(escaped[(int) index]);
    }

    @Override
    public boolean copyBinaryTo(CopyBuffer out, long index, BinaryType type) {
        if (!plain || type != BinaryType.TEXT) {
            return Domain.super.copyBinaryTo(out, index, type);
        }
        byte[] value = escaped[(int) index];
        out.int32(value.length);
        out.raw(value);
        return true;
    }
}
