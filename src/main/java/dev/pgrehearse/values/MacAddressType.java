package dev.pgrehearse.values;

/** Hardware addresses of six bytes; those of eight by their first seven. */
record MacAddressType(boolean eight) implements OrdinalType {
    private int bits() {
        return eight ? 56 : 48;
    }

    @Override
    public long ordinal(String text, boolean up) {
        try {
            String digits = text.replaceAll("[^0-9a-fA-F]", "");
            return Long.parseUnsignedLong(digits.substring(0, bits() / 4), 16);
        } catch (RuntimeException unreadable) {
            throw OrdinalType.unreadable(text, "hardware address");
        }
    }

    @Override
    public void write(CopyBuffer out, long ordinal) {
        for (int shift = bits() - 8; shift >= 0; shift -= 8) {
            Hex.write(out, ordinal >>> shift, 2);
            if (shift > 0) {
                out.ascii(':');
            }
        }
        if (eight) {
            out.ascii(':');
            Hex.write(out, RowRandom.mix(ordinal), 2);
        }
    }

    @Override
    public long lowest() {
        return 0;
    }

    @Override
    public long highest() {
        return (1L << bits()) - 1;
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
