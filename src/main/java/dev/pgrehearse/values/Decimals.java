package dev.pgrehearse.values;

import java.math.BigDecimal;

/** Decimal numbers of a fixed number of fraction digits. */
record Decimals(Integers unscaled, int scale) implements PlainDomain {
    /** Powers of ten up to here fit into a long. */
    private static final int LARGEST_SCALE = 18;

    static Decimals range(BigDecimal from, BigDecimal to, int scale) {
        if (scale < 0 || scale > LARGEST_SCALE) {
            throw new IllegalArgumentException(scale + " fraction digits; 0 to " + LARGEST_SCALE + " are possible");
        }
        return new Decimals(Integers.range(unscaled(from, scale), unscaled(to, scale)), scale);
    }

    private static long unscaled(BigDecimal number, int scale) {
        try {
            return number.setScale(scale).unscaledValue().longValueExact();
        } catch (ArithmeticException inexact) {
            throw new IllegalArgumentException(
                    number.toPlainString() + " with " + scale
                            + " fraction digits; it must have no more of them, and at most 18 digits in all",
                    inexact);
        }
    }

    @Override
    public long size() {
        return unscaled.size();
    }

    @Override
    public void copyTo(CopyBuffer out, long index) {
        long number = unscaled.start() + index;
        if (number < 0) {
            out.ascii('-');
        }
        long power = power();
        // Of a negative remainder, since the absolute value of the smallest long is no long.
        long whole = Math.abs(number / power);
        out.digits(whole, CopyBuffer.digitsOf(whole));
        if (scale > 0) {
            out.ascii('.');
            out.digits(Math.abs(number % power), scale);
        }
    }

    private long power() {
        long power = 1;
        for (int digit = 0; digit < scale; digit++) {
            power *= 10;
        }
        return power;
    }

    @Override
    public boolean copyBinaryTo(CopyBuffer out, long index, BinaryType type) {
        if (type != BinaryType.NUMERIC || scale > BinaryType.MOST_FRACTION_DIGITS) {
            return PlainDomain.super.copyBinaryTo(out, index, type);
        }
        long number = unscaled.start() + index;
        long power = power();
        BinaryType.numeric(out, out.length(), number < 0, Math.abs(number / power), Math.abs(number % power), scale);
        return true;
    }
}
