package dev.pgrehearse.server;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whether two spellings of a setting are the same value: {@code 512MB} and 65536 pages of 8 kB.
 *
 * <p>Source: PostgreSQL documentation, "Parameter Names and Values".
 */
final class SettingValue {
    private static final Pattern NUMBER = Pattern.compile("\\s*([-+]?[0-9]*\\.?[0-9]+)\\s*([A-Za-z]*)\\s*");
    private static final Pattern BASE_UNIT = Pattern.compile("([0-9]*)([A-Za-z]+)");

    private static final Map<String, BigDecimal> BYTES = Map.of(
            "B", BigDecimal.ONE,
            "kB", BigDecimal.valueOf(1L << 10),
            "MB", BigDecimal.valueOf(1L << 20),
            "GB", BigDecimal.valueOf(1L << 30),
            "TB", BigDecimal.valueOf(1L << 40));

    private static final Map<String, BigDecimal> MICROSECONDS = Map.of(
            "us", BigDecimal.ONE,
            "ms", BigDecimal.valueOf(1_000),
            "s", BigDecimal.valueOf(1_000_000),
            "min", BigDecimal.valueOf(60_000_000L),
            "h", BigDecimal.valueOf(3_600_000_000L),
            "d", BigDecimal.valueOf(86_400_000_000L));

    private static final Map<String, String> TRUTH = Map.of(
            "on", "on", "true", "on", "yes", "on", "1", "on", "off", "off", "false", "off", "no", "off", "0", "off");

    private SettingValue() {}

    /**
     * Compares a value as written with one of {@code pg_settings}.
     *
     * @param asked as written
     * @param setting {@code pg_settings.setting}
     * @param unit {@code pg_settings.unit}; null for settings without one
     * @param type {@code pg_settings.vartype}
     */
    static boolean same(String asked, String setting, @Nullable String unit, String type) {
        return switch (type) {
            case "bool" -> truth(asked).equals(truth(setting));
            case "enum" -> asked.equalsIgnoreCase(setting) || truth(asked).equals(truth(setting));
            case "integer", "real" -> sameNumber(asked, setting, unit);
            default -> asked.equals(setting);
        };
    }

    private static String truth(String value) {
        String lower = value.toLowerCase(Locale.ROOT);
        return TRUTH.getOrDefault(lower, lower);
    }

    private static boolean sameNumber(String asked, String setting, @Nullable String unit) {
        Matcher number = NUMBER.matcher(asked);
        if (!number.matches()) {
            return asked.equals(setting);
        }
        BigDecimal askedValue = new BigDecimal(number.group(1));
        BigDecimal effective = new BigDecimal(setting);
        if (number.group(2).isEmpty() || unit == null) {
            return askedValue.compareTo(effective) == 0;
        }
        Matcher base = BASE_UNIT.matcher(unit);
        if (!base.matches()) {
            return false;
        }
        Map<String, BigDecimal> units = BYTES.containsKey(base.group(2)) ? BYTES : MICROSECONDS;
        BigDecimal askedUnit = units.get(number.group(2));
        BigDecimal baseUnit = units.get(base.group(2));
        if (askedUnit == null || baseUnit == null) {
            return false;
        }
        BigDecimal count = base.group(1).isEmpty() ? BigDecimal.ONE : new BigDecimal(base.group(1));
        return askedValue
                        .multiply(askedUnit)
                        .compareTo(effective.multiply(baseUnit).multiply(count))
                == 0;
    }
}
