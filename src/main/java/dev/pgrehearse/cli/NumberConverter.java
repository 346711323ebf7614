package dev.pgrehearse.cli;

import java.util.function.Function;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads numbers, and says in a user's words what is expected when there is none. */
abstract class NumberConverter<N extends Number> implements ITypeConverter<N> {
    private final Function<String, N> reading;
    private final String expected;

    NumberConverter(Function<String, N> reading, String expected) {
        this.reading = reading;
        this.expected = expected;
    }

    @Override
    public final N convert(String text) {
        try {
            return reading.apply(text);
        } catch (NumberFormatException none) {
            throw new TypeConversionException("found `" + text + "`, expected " + expected);
        }
    }

    static final class ForFactor extends NumberConverter<Double> {
        ForFactor() {
            super(Double::valueOf, "a factor, such as 0.01 or 2");
        }
    }

    static final class ForSeed extends NumberConverter<Long> {
        ForSeed() {
            super(Long::valueOf, "a whole number of at most 18 digits");
        }
    }

    static final class ForCount extends NumberConverter<Integer> {
        ForCount() {
            super(Integer::valueOf, "a whole number, such as 3");
        }
    }
}
