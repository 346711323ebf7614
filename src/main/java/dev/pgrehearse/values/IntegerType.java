package dev.pgrehearse.values;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Whole numbers. */
record IntegerType(String name, long lowest, long highest) implements OrdinalType {
    @Override
    public long ordinal(String text, boolean up) {
        try {
            return new BigDecimal(text)
                    .setScale(0, up ? RoundingMode.CEILING : RoundingMode.FLOOR)
                    .longValueExact();
        } catch (ArithmeticException | NumberFormatException unreadable) {
            throw OrdinalType.unreadable(text, name);
        }
    }

    @Override
    public void write(CopyBuffer out, long ordinal) {
        out.number(ordinal);
    }
}
