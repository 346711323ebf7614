package dev.pgrehearse.values;

/** Addresses of IPv4 as numbers. Those with a network are taken for their address. */
record Ipv4Type(boolean network) implements OrdinalType {
    @Override
    public long ordinal(String text, boolean up) {
        String[] parts = text.replaceFirst("/.*", "").split("\\.", -1);
        long address = 0;
        if (parts.length != 4) {
            throw OrdinalType.unreadable(text, "IPv4 address");
        }
        for (String part : parts) {
            try {
                address = address << 8 | Integer.parseInt(part);
            } catch (NumberFormatException unreadable) {
                throw OrdinalType.unreadable(text, "IPv4 address");
            }
        }
        return address;
    }

    @Override
    public void write(CopyBuffer out, long ordinal) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            out.number(ordinal >>> shift & 0xFF);
            if (shift > 0) {
                out.ascii('.');
            }
        }
        if (network) {
            out.escaped("/32");
        }
    }

    @Override
    public long lowest() {
        return 0;
    }

    @Override
    public long highest() {
        return 0xFFFF_FFFFL;
    }

    /** 10.0.0.0: what is nobody's address. */
    @Override
    public long usualStart() {
        return 10L << 24;
    }

    @Override
    public long usualSpan(long distinct) {
        return Math.max(distinct - 1, (1L << 24) - 1);
    }
}
