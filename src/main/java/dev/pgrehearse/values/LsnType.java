package dev.pgrehearse.values;

/** Positions in the WAL. */
record LsnType() implements OrdinalType {
    @Override
    public long ordinal(String text, boolean up) {
        String[] halves = text.split("/", -1);
        if (halves.length != 2) {
            throw OrdinalType.unreadable(text, "pg_lsn");
        }
        try {
            return Long.parseLong(halves[0], 16) << 32 | Long.parseLong(halves[1], 16);
        } catch (NumberFormatException unreadable) {
            throw OrdinalType.unreadable(text, "pg_lsn");
        }
    }

    @Override
    public void write(CopyBuffer out, long ordinal) {
        Hex.writeShort(out, ordinal >>> 32);
        out.ascii('/');
        Hex.writeShort(out, ordinal & 0xFFFF_FFFFL);
    }

    @Override
    public long lowest() {
        return 0;
    }

    @Override
    public long highest() {
        return Long.MAX_VALUE - 1;
    }

    @Override
    public long usualSpan(long distinct) {
        return 1L << 40;
    }
}
