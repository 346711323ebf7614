package dev.pgrehearse.values;

/** Hexadecimal digits, in small letters. */
final class Hex {
    private static final char[] DIGITS = "0123456789abcdef".toCharArray();

    private Hex() {}

    /** The lowest {@code digits} digits of a number. */
    static void write(CopyBuffer out, long value, int digits) {
        for (int place = digits - 1; place >= 0; place--) {
            out.ascii(DIGITS[(int) (value >>> (4 * place)) & 0xF]);
        }
    }

    /** Without zeros in front. */
    static void writeShort(CopyBuffer out, long value) {
        write(out, value, Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(value) + 3) / 4));
    }
}
