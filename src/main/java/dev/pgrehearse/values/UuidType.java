package dev.pgrehearse.values;

import java.util.List;

/**
 * UUIDs by their first half, without the version's four bits, which are the same in all; RFC 9562. The second half is
 * random. So random ones and those ordered by time both ascend with their number.
 *
 * @param version 4, or that of the bounds
 */
record UuidType(int version) implements OrdinalType {
    /** 48 bits in front of the version and 12 behind it. */
    private static final int BITS = 60;

    private static final int BEHIND = 12;
    private static final long VERSIONLESS = 0xFFFL;

    static UuidType of(List<String> bounds) {
        int version = 4;
        if (!bounds.isEmpty() && bounds.get(0).length() == 36) {
            version = Character.digit(bounds.get(0).charAt(14), 16);
        }
        return new UuidType(Math.max(0, version));
    }

    @Override
    public long ordinal(String text, boolean up) {
        try {
            long half = Long.parseUnsignedLong(text.replace("-", "").substring(0, 16), 16);
            return ((half >>> 16) << BEHIND) | (half & VERSIONLESS);
        } catch (RuntimeException unreadable) {
            throw OrdinalType.unreadable(text, "uuid");
        }
    }

    @Override
    public void write(CopyBuffer out, long ordinal) {
        long before = ordinal >>> BEHIND;
        Hex.write(out, before >>> 16, 8);
        out.ascii('-');
        Hex.write(out, before, 4);
        out.ascii('-');
        Hex.write(out, version, 1);
        Hex.write(out, ordinal, 3);
        out.ascii('-');
        long low = (RowRandom.mix(ordinal + 1) & ~(0b11L << 62)) | (0b10L << 62);
        Hex.write(out, low >>> 48, 4);
        out.ascii('-');
        Hex.write(out, low, 12);
    }

    @Override
    public long lowest() {
        return 0;
    }

    @Override
    public long highest() {
        return (1L << BITS) - 1;
    }

    @Override
    public long usualStart() {
        return 0;
    }

    @Override
    public long usualSpan(long distinct) {
        return highest();
    }
}
