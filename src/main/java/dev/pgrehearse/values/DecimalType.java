package dev.pgrehearse.values;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/**
 * Decimal numbers at steps of 10^-scale; the scale may be negative. What a long cannot hold follows as a tail of digits
 * that say nothing, so that the number has the digits, and thus the width, of the real ones.
 *
 * @param name of the type
 * @param scale fraction digits of a step
 * @param tail digits behind those of the step
 * @param lowest step
 * @param highest step
 */
record DecimalType(String name, int scale, int tail, long lowest, long highest) implements OrdinalType {
    /** Decimal digits that any long has room for. */
    private static final int DIGITS = 18;
    /** Fraction digits that are written with a point. */
    private static final int LARGEST_PLAIN_SCALE = 18;
    /** As many digits as a double keeps apart, and a real: DBL_DIG and FLT_DIG of C. */
    static final int DOUBLE_DIGITS = 15;

    static final int REAL_DIGITS = 6;
    /** More fraction digits than the statistics know, where distinctness needs them. */
    private static final int FINER = 6;

    private static final long[] POWERS = new long[DIGITS + 1];

    static {
        POWERS[0] = 1;
        for (int power = 1; power <= DIGITS; power++) {
            POWERS[power] = 10 * POWERS[power - 1];
        }
    }

    static DecimalType money() {
        return new DecimalType("money", 2, 0, Long.MIN_VALUE + 1, Long.MAX_VALUE - 1);
    }

    /** From the scale that the statistics know to the finest that the type allows. */
    static List<OrdinalType> numerics(ColumnShape shape, TypeName type) {
        boolean bare = type.modifiers().isEmpty();
        int precision = bare ? Integer.MAX_VALUE : type.modifier(0);
        int largestScale = bare
                ? Math.max(shape.fractionDigits(), fractionDigits(shape)) + FINER
                : type.modifiers().size() > 1 ? type.modifiers().get(1) : 0;
        int wanted = Math.min(largestScale, Math.max(shape.fractionDigits(), fractionDigits(shape)));
        int integerDigits = integerDigits(shape, bare ? 1 : precision - largestScale);
        int finest = Math.min(largestScale, DIGITS - 1 - integerDigits);
        List<OrdinalType> types = new ArrayList<>();
        for (int scale = Math.min(wanted, finest); scale <= finest; scale++) {
            int tail = Math.max(0, wanted - scale);
            long limit = bare || precision - (largestScale - scale) > DIGITS
                    ? Long.MAX_VALUE - 1
                    : POWERS[Math.max(0, precision - (largestScale - scale))] - 1;
            types.add(new DecimalType("numeric", scale, tail, -limit, limit));
        }
        return types;
    }

    /** Numbers whose digits are so few that no two become the same binary one. */
    static List<OrdinalType> floats(ColumnShape shape, String name, int digits) {
        double largest = 0;
        for (String bound : shape.bounds()) {
            if (!endless(bound)) {
                largest = Math.max(largest, Math.abs(number(bound, name).doubleValue()));
            }
        }
        int magnitude = largest == 0 ? 4 : (int) Math.floor(Math.log10(largest)) + 1;
        int finest = digits - magnitude;
        long limit = POWERS[digits] - 1;
        List<OrdinalType> types = new ArrayList<>();
        for (int scale = Math.min(2, finest); scale <= finest; scale++) {
            types.add(new DecimalType(name, scale, 0, -limit, limit));
        }
        return types;
    }

    private static int fractionDigits(ColumnShape shape) {
        int most = 0;
        for (String known : shape.known()) {
            if (!endless(known)) {
                most = Math.max(most, number(known, "numeric").scale());
            }
        }
        return most;
    }

    private static int integerDigits(ColumnShape shape, int otherwise) {
        int most = 0;
        for (String bound : shape.bounds()) {
            if (!endless(bound)) {
                BigDecimal number = number(bound, "numeric");
                most = Math.max(most, number.precision() - number.scale());
            }
        }
        return shape.bounds().isEmpty() ? Math.max(otherwise, (int) Math.log10((double) shape.distinct()) + 1) : most;
    }

    private static BigDecimal number(String text, String name) {
        try {
            // Of money, in whatever currency: the digits, the point and the sign.
            return new BigDecimal(name.equals("money") ? text.replaceAll("[^0-9.\\-]", "") : text);
        } catch (NumberFormatException unreadable) {
            throw OrdinalType.unreadable(text, name);
        }
    }

    private static boolean endless(String text) {
        return switch (text) {
            case "NaN", "Infinity", "-Infinity" -> true;
            default -> false;
        };
    }

    @Override
    public boolean isEndless(String text) {
        return endless(text);
    }

    @Override
    public long ordinal(String text, boolean up) {
        if (endless(text)) {
            return text.startsWith("-") ? Long.MIN_VALUE : Long.MAX_VALUE - (text.startsWith("I") ? 1 : 0);
        }
        BigDecimal steps = number(text, name).movePointRight(scale);
        try {
            long step = steps.setScale(0, up ? RoundingMode.CEILING : RoundingMode.FLOOR)
                    .longValueExact();
            // With its tail, a number is farther from 0 than its step.
            return tail == 0 ? step : up ? step + 1 : step - 1;
        } catch (ArithmeticException tooLarge) {
            throw new IllegalArgumentException(
                    text + " as a bound of " + name + " with " + scale + " fraction digits; 18 digits are possible",
                    tooLarge);
        }
    }

    @Override
    public void write(CopyBuffer out, long ordinal) {
        if (ordinal >= Long.MAX_VALUE - 1 || ordinal == Long.MIN_VALUE) {
            endless(out, ordinal);
        } else if (scale >= 0 && scale <= LARGEST_PLAIN_SCALE && tail == 0) {
            plain(out, ordinal);
        } else {
            out.number(ordinal);
            long bits = RowRandom.mix(ordinal);
            for (int digit = 1; digit <= tail; digit++) {
                // The last one is not 0, which numeric would not store.
                long drawn = RowRandom.further(bits, digit);
                out.ascii('0' + (int) (digit == tail ? 1 + RowRandom.below(drawn, 9) : RowRandom.below(drawn, 10)));
            }
            out.ascii('e');
            out.number(-(scale + tail));
        }
    }

    private void plain(CopyBuffer out, long ordinal) {
        if (ordinal < 0) {
            out.ascii('-');
        }
        long absolute = Math.abs(ordinal);
        long whole = absolute / POWERS[scale];
        out.digits(whole, CopyBuffer.digitsOf(whole));
        if (scale > 0) {
            out.ascii('.');
            out.digits(absolute % POWERS[scale], scale);
        }
    }

    private static void endless(CopyBuffer out, long ordinal) {
        String text = ordinal == Long.MAX_VALUE ? "NaN" : ordinal > 0 ? "Infinity" : "-Infinity";
        for (int index = 0; index < text.length(); index++) {
            out.ascii(text.charAt(index));
        }
    }

    @Override
    public long usualSpan(long distinct) {
        return Math.min(highest - 1, Math.max(distinct, tail == 0 && scale >= 0 ? POWERS[Math.min(4 + scale, 17)] : 0));
    }

    @Override
    public boolean isExact(String text) {
        // Bounds are no reason for a finer step: of numeric the scale is known, of binary numbers it says nothing.
        return tail == 0
                && number(text, name).movePointRight(scale).stripTrailingZeros().scale() <= 0;
    }
}
