package dev.pgrehearse.values;

/**
 * Addresses of IPv4 as texts, in the order of texts: so each part has a fixed number of digits.
 *
 * @param longParts how many of the four parts, from the left, have three digits, from 100; the others have two, from 10
 */
record Ipv4TextType(int longParts) implements OrdinalType {
    /** 255.255.255.255 */
    static final int LONGEST = 15;

    private static final int PARTS = 4;
    /** From 10 to 99, and from 100 to 189. */
    private static final int EACH = 90;

    /** Whose width comes nearest. */
    static Ipv4TextType of(double averageWidth) {
        long shortest = 2L * PARTS + PARTS - 1;
        return new Ipv4TextType((int) Math.max(0, Math.min(PARTS, Math.round(averageWidth - 1) - shortest)));
    }

    @Override
    public long ordinal(String text, boolean up) {
        throw OrdinalType.unreadable(text, "address");
    }

    @Override
    public void write(CopyBuffer out, long ordinal) {
        long power = (long) EACH * EACH * EACH;
        for (int part = 0; part < PARTS; part++) {
            if (part > 0) {
                out.ascii('.');
            }
            out.number((part < longParts ? 100 : 10) + ordinal / power % EACH);
            power = Math.max(1, power / EACH);
        }
    }

    @Override
    public long lowest() {
        return 0;
    }

    @Override
    public long highest() {
        return (long) EACH * EACH * EACH * EACH - 1;
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
