package dev.pgrehearse.values;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/** Addresses of IPv6 by their first half; the second half is random. */
record Ipv6Type(boolean network) implements OrdinalType {
    @Override
    public long ordinal(String text, boolean up) {
        if (text.indexOf(':') < 0) {
            throw OrdinalType.unreadable(text, "IPv6 address");
        }
        try {
            // A literal with colons, so nothing is looked up.
            byte[] address = InetAddress.getByName(text.replaceFirst("/.*", "")).getAddress();
            // Half of it and without its lowest bit, so that it is never negative.
            return ByteBuffer.wrap(address).getLong() >>> 1;
        } catch (UnknownHostException | RuntimeException unreadable) {
            throw OrdinalType.unreadable(text, "IPv6 address");
        }
    }

    @Override
    public void write(CopyBuffer out, long ordinal) {
        long high = ordinal << 1;
        long low = RowRandom.mix(ordinal + 1);
        for (int shift = 48; shift >= 0; shift -= 16) {
            Hex.writeShort(out, high >>> shift & 0xFFFF);
            out.ascii(':');
        }
        for (int shift = 48; shift >= 0; shift -= 16) {
            Hex.writeShort(out, low >>> shift & 0xFFFF);
            if (shift > 0) {
                out.ascii(':');
            }
        }
        if (network) {
            out.escaped("/128");
        }
    }

    @Override
    public long lowest() {
        return 0;
    }

    @Override
    public long highest() {
        return Long.MAX_VALUE - 1;
    }

    /** fd00::, where unique local addresses begin. */
    @Override
    public long usualStart() {
        return 0xFD00_0000_0000_0000L >>> 1;
    }

    @Override
    public long usualSpan(long distinct) {
        return Math.max(distinct - 1, 1L << 48);
    }
}
