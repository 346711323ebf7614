package dev.pgrehearse.values;

/**
 * Each and every number of {@code real} or {@code double precision} in their order, for columns that hold more of them
 * than have few decimal digits.
 *
 * <p>Their numbers are those of their bits, so they lie closer together near 0. Unlike other types it makes an object a
 * value: nothing in Java writes a binary number without.
 */
record RealType(boolean single) implements OrdinalType {
    @Override
    public long ordinal(String text, boolean up) {
        double number;
        try {
            number = Double.parseDouble(text);
        } catch (NumberFormatException unreadable) {
            throw OrdinalType.unreadable(text, single ? "real" : "double precision");
        }
        if (single) {
            int bits = Float.floatToIntBits((float) number);
            return bits >= 0 ? bits : -(long) (bits & Integer.MAX_VALUE);
        }
        long bits = Double.doubleToLongBits(number);
        return bits >= 0 ? bits : -(bits & Long.MAX_VALUE);
    }

    @Override
    public void write(CopyBuffer out, long ordinal) {
        String text;
        if (single) {
            float number = Float.intBitsToFloat((int) Math.abs(ordinal));
            text = Float.toString(ordinal < 0 ? -number : number);
        } else {
            double number = Double.longBitsToDouble(Math.abs(ordinal));
            text = Double.toString(ordinal < 0 ? -number : number);
        }
        out.escaped(text);
    }

    @Override
    public long lowest() {
        return -highest();
    }

    @Override
    public long highest() {
        return single ? Float.floatToIntBits(Float.MAX_VALUE) : Double.doubleToLongBits(Double.MAX_VALUE);
    }

    @Override
    public boolean isEndless(String text) {
        return switch (text) {
            case "NaN", "Infinity", "-Infinity" -> true;
            default -> false;
        };
    }

    @Override
    public boolean isExact(String text) {
        return true;
    }
}
