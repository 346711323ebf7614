package dev.pgrehearse.profiling;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * A grid over numbers. A step is the power of ten that leaves two digits of the distance between the lowest and the
 * highest, and never finer than
 *
 * <ul>
 *   <li>ten times the finest digit that any of them uses, so that each step holds several possible values: ages by ten years,
 *       amounts by ten cents;
 *   <li>what leaves four digits of the largest: numbers of accounts and cards lie close together in a small table, and all
 *       their leading digits would be told otherwise;
 *   <li>what leaves one digit, when there is but one value.
 * </ul>
 */
final class NumberGrid implements Grid {
    private static final int DIGITS_OF_DISTANCE = 2;
    private static final int DIGITS_OF_LARGEST = 4;

    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

    private final BigDecimal step;
    private final BigDecimal lowestOfType;
    private final BigDecimal highestOfType;
    private final Function<String, String> reading;
    private final String unit;

    private NumberGrid(
            BigDecimal step,
            BigDecimal lowestOfType,
            BigDecimal highestOfType,
            Function<String, String> reading,
            String unit) {
        this.step = step;
        this.lowestOfType = lowestOfType;
        this.highestOfType = highestOfType;
        this.reading = reading;
        this.unit = unit;
    }

    /** Over numbers of any size; {@code $} and commas of {@code money} are no part of them. */
    static NumberGrid of(List<String> values) {
        return over(values, BigDecimal.ZERO, BigDecimal.ZERO, NumberGrid::withoutCurrency, "");
    }

    /** Over integers of so many bytes, or of an {@code oid}: rounding never leaves what the type can hold. */
    static NumberGrid ofIntegers(List<String> values, int bytes, boolean unsigned) {
        int bits = bytes * Byte.SIZE - (unsigned ? 0 : 1);
        BigDecimal end = new BigDecimal(BigInteger.ONE.shiftLeft(bits));
        return over(
                values,
                unsigned ? BigDecimal.ZERO : end.negate(),
                end.subtract(BigDecimal.ONE),
                Function.identity(),
                "");
    }

    /** Over intervals as ISO 8601 writes them; points are written in seconds. */
    static NumberGrid ofIntervals(List<String> values) {
        return over(values, BigDecimal.ZERO, BigDecimal.ZERO, IntervalText::seconds, " seconds");
    }

    private static NumberGrid over(
            List<String> values,
            BigDecimal lowestOfType,
            BigDecimal highestOfType,
            Function<String, String> reading,
            String unit) {
        List<BigDecimal> numbers = values.stream()
                .map(reading)
                .filter(text -> NUMBER.matcher(text).matches())
                .map(BigDecimal::new)
                .toList();
        return new NumberGrid(step(numbers), lowestOfType, highestOfType, reading, unit);
    }

    private static BigDecimal step(List<BigDecimal> numbers) {
        BigDecimal lowest = numbers.stream().reduce(BigDecimal::min).orElse(BigDecimal.ZERO);
        BigDecimal highest = numbers.stream().reduce(BigDecimal::max).orElse(BigDecimal.ZERO);
        BigDecimal largest = lowest.abs().max(highest.abs());
        BigDecimal distance = highest.subtract(lowest);
        int finest = numbers.stream()
                .filter(number -> number.signum() != 0)
                .mapToInt(number -> -number.stripTrailingZeros().scale())
                .min()
                .orElse(0);
        int exponent = finest + 1;
        if (largest.signum() != 0) {
            exponent = Math.max(exponent, leading(largest) - (distance.signum() == 0 ? 0 : DIGITS_OF_LARGEST - 1));
        }
        if (distance.signum() != 0) {
            exponent = Math.max(exponent, leading(distance) - (DIGITS_OF_DISTANCE - 1));
        }
        return BigDecimal.ONE.scaleByPowerOfTen(exponent);
    }

    /** The exponent of the first digit: 3 for 1234. */
    private static int leading(BigDecimal number) {
        return number.precision() - number.scale() - 1;
    }

    private static String withoutCurrency(String text) {
        return text.indexOf('$') < 0 ? text : text.replace("$", "").replace(",", "");
    }

    @Override
    public boolean holds(String value) {
        return NUMBER.matcher(reading.apply(value)).matches();
    }

    @Override
    public String down(String value) {
        return rounded(value, RoundingMode.FLOOR);
    }

    @Override
    public String up(String value) {
        return rounded(value, RoundingMode.CEILING);
    }

    @Override
    public String nearest(String value) {
        return rounded(value, RoundingMode.HALF_EVEN);
    }

    @Override
    public String next(String point) {
        return written(new BigDecimal(point.replace(unit, "")).add(step));
    }

    private String rounded(String value, RoundingMode mode) {
        return written(
                new BigDecimal(reading.apply(value)).divide(step, 0, mode).multiply(step));
    }

    private String written(BigDecimal point) {
        boolean bounded = highestOfType.signum() != 0;
        BigDecimal within = bounded ? point.max(lowestOfType).min(highestOfType) : point;
        String text = within.signum() == 0 ? "0" : within.stripTrailingZeros().toPlainString();
        return text + unit;
    }
}
