package dev.pgrehearse.scenario;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Numbers with units, as scenarios write them. Each method returns null for a text that is none, and never rounds: what
 * cannot be held exactly is none.
 */
public final class Quantities {
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,3})?)(ms|s|m|h|d)");
    private static final Pattern NUMBER = Pattern.compile("(-?[0-9][0-9_]{0,18}(?:\\.[0-9]{1,12})?)([kMG]?)");
    private static final Pattern SHARE = Pattern.compile("([0-9]{1,3}(?:\\.[0-9]{1,9})?)%");
    private static final Pattern RATE = Pattern.compile("([0-9][0-9_]{0,9}(?:\\.[0-9]{1,6})?[kM]?)/(s|min|h)");

    private static final Map<String, Duration> UNITS = Map.of(
            "ms", Duration.ofMillis(1),
            "s", Duration.ofSeconds(1),
            "m", Duration.ofMinutes(1),
            "h", Duration.ofHours(1),
            "d", Duration.ofDays(1));
    private static final Map<String, BigDecimal> FACTORS = Map.of(
            "", BigDecimal.ONE, "k", BigDecimal.TEN.pow(3), "M", BigDecimal.TEN.pow(6), "G", BigDecimal.TEN.pow(9));
    private static final Map<String, Double> PERIOD_SECONDS = Map.of("s", 1.0, "min", 60.0, "h", 3600.0);

    private static final BigDecimal PERCENT = BigDecimal.valueOf(100);

    /** So that nanoseconds of any sum of a few durations stay within a long. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private Quantities() {}

    /** {@code 250ms}, {@code 5s}, {@code 30m}, {@code 2h}, {@code 1d}; at most a year. */
    public static @Nullable Duration duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        Duration unit = UNITS.getOrDefault(matcher.group(2), Duration.ZERO);
        BigDecimal nanos = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit.toNanos()));
        return nanos.compareTo(BigDecimal.valueOf(LONGEST.toNanos())) > 0
                ? null
                : Duration.ofNanos(nanos.longValueExact());
    }

    /** {@code 1.5M}, {@code -50_000}, {@code 19.99}: with the fraction digits that were written. */
    static @Nullable BigDecimal number(String text) {
        Matcher matcher = NUMBER.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        BigDecimal factor = FACTORS.getOrDefault(matcher.group(2), BigDecimal.ONE);
        BigDecimal number = new BigDecimal(matcher.group(1).replace("_", ""));
        return matcher.group(2).isEmpty() ? number : number.multiply(factor).stripTrailingZeros();
    }

    /** {@code 50_000_000}, {@code 50M}, {@code 1.5M}, {@code 100k}: a whole number from 0. */
    public static @Nullable Long count(String text) {
        return whole(number(text), 0);
    }

    /** The whole number that {@code number} is; null when it is none, below {@code least} or beyond a long. */
    static @Nullable Long whole(@Nullable BigDecimal number, long least) {
        if (number == null
                || number.stripTrailingZeros().scale() > 0
                || number.abs().compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            return null;
        }
        long whole = number.longValueExact();
        return whole < least ? null : whole;
    }

    /** {@code 0.1%}: as a share from 0 to 1. */
    static @Nullable Double share(String text) {
        Matcher matcher = SHARE.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        BigDecimal share = new BigDecimal(matcher.group(1)).divide(PERCENT);
        return share.compareTo(BigDecimal.ONE) > 0 ? null : share.doubleValue();
    }

    /** {@code 300/s}, {@code 18k/min}: per second. */
    static @Nullable Double perSecond(String text) {
        Matcher matcher = RATE.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        BigDecimal number = number(matcher.group(1));
        return number == null ? null : number.doubleValue() / PERIOD_SECONDS.getOrDefault(matcher.group(2), 1.0);
    }

    /** A number without an exponent and without needless zeros. */
    static String plain(double number) {
        return new BigDecimal(number, MathContext.DECIMAL32)
                .stripTrailingZeros()
                .toPlainString();
    }

    /** As a scenario would write it: {@code 5s}, {@code 250ms}, {@code 0.125ms}. */
    static String print(Duration duration) {
        for (String unit : new String[] {"h", "m", "s"}) {
            long nanos = UNITS.getOrDefault(unit, Duration.ZERO).toNanos();
            if (!duration.isZero() && duration.toNanos() % nanos == 0) {
                return duration.toNanos() / nanos + unit;
            }
        }
        return duration.isZero()
                ? "0s"
                : BigDecimal.valueOf(duration.toNanos(), 6).stripTrailingZeros().toPlainString() + "ms";
    }
}
