package dev.pgrehearse.verdict;

import java.util.Locale;

/**
 * All figures as people read them, in one place for verdicts and reports: about three significant digits, always
 * with a unit, a no-break space between figure and unit. Stateless.
 *
 * <p>Rounding never changes what a figure says: something is never shown as nothing, nearly everything never as
 * everything, and a figure above its limit never as equal to it, see {@link #against}.
 */
public final class Figures {
    /** U+00A0, so that a figure and its unit stay on one line. */
    private static final String SPACE = "\u00a0";

    private static final String NOT_MEASURED = "not measured";
    private static final int MOST_DIGITS = 6;
    private static final double KILO = 1024;

    private Figures() {}

    /**
     * A figure and its limit, written with as many digits as it takes to tell them apart.
     *
     * @param measured the figure
     * @param limit its limit
     */
    public record Against(String measured, String limit) {}

    /** A duration: {@code 0.4 ms}, {@code 12 ms}, {@code 30.0 s}, {@code 3 min 05 s}, {@code 2 h 10 min}. */
    public static String duration(double milliseconds) {
        if (Double.isNaN(milliseconds)) {
            return NOT_MEASURED;
        }
        if (milliseconds < 0) {
            return "−" + duration(-milliseconds);
        }
        if (Double.isInfinite(milliseconds)) {
            return "for ever";
        }
        if (milliseconds == 0) {
            return "0" + SPACE + "ms";
        }
        if (milliseconds < 0.05) {
            return "<" + SPACE + "0.1" + SPACE + "ms";
        }
        if (milliseconds < 9.95) {
            return decimal(milliseconds, 1) + SPACE + "ms";
        }
        if (milliseconds < 999.5) {
            return decimal(milliseconds, 0) + SPACE + "ms";
        }
        if (milliseconds < 59_950) {
            return decimal(milliseconds / 1000, 1) + SPACE + "s";
        }
        long seconds = Math.round(milliseconds / 1000);
        if (seconds < 3600) {
            return seconds / 60 + SPACE + "min" + SPACE + twoDigits(seconds % 60) + SPACE + "s";
        }
        long minutes = Math.round(milliseconds / 60_000);
        return grouped(minutes / 60) + SPACE + "h" + SPACE + twoDigits(minutes % 60) + SPACE + "min";
    }

    /** A duration that is only a lower bound when {@code censored}: {@code ≥ 5.0 s}. */
    public static String duration(double milliseconds, boolean censored) {
        return censored && !Double.isNaN(milliseconds) ? "≥" + SPACE + duration(milliseconds) : duration(milliseconds);
    }

    /** A point on the axis whose zero is the baseline's start: {@code 20.0 s}, with a tenth always. */
    public static String moment(double milliseconds) {
        return Double.isNaN(milliseconds) ? NOT_MEASURED : decimal(milliseconds / 1000, 1) + SPACE + "s";
    }

    /** A number of things: {@code 1 234}. */
    public static String count(long number) {
        return grouped(number);
    }

    /** A number of things with their name: {@code 1 request}, {@code 1 234 requests}. */
    public static String count(long number, String one, String many) {
        return grouped(number) + SPACE + (number == 1 ? one : many);
    }

    /** A share from 0 to 1 in per cent: {@code 0 %} and {@code 100 %} only when exactly that. */
    public static String share(double share) {
        if (Double.isNaN(share)) {
            return NOT_MEASURED;
        }
        double percent = share * 100;
        if (percent == 0 || percent == 100) {
            return decimal(percent, 0) + SPACE + "%";
        }
        if (percent > 0 && percent < 0.001) {
            return "<" + SPACE + "0.001" + SPACE + "%";
        }
        if (percent > 99.999 && percent < 100) {
            return ">" + SPACE + "99.999" + SPACE + "%";
        }
        double fromAnEnd = Math.min(percent, Math.abs(100 - percent));
        int digits = fromAnEnd < 0.01 ? 3 : fromAnEnd < 1 ? 2 : 1;
        return decimal(percent, digits) + SPACE + "%";
    }

    /** How far something is off, in per cent, with its sign: {@code +3.0 %}, {@code −11.0 %}. */
    public static String error(double share) {
        return share > 0 ? "+" + share(share) : share < 0 ? "−" + share(-share) : share(share);
    }

    /** A size as PostgreSQL writes it, a kB being 1024 bytes: {@code 512 bytes}, {@code 1.5 MB}, {@code 12 GB}. */
    public static String bytes(double bytes) {
        if (Double.isNaN(bytes)) {
            return NOT_MEASURED;
        }
        if (Math.abs(bytes) < KILO) {
            return decimal(bytes, 0) + SPACE + "bytes";
        }
        String[] units = {"kB", "MB", "GB", "TB"};
        double value = bytes / KILO;
        int unit = 0;
        while (Math.abs(value) >= 1023.5 && unit < units.length - 1) {
            value /= KILO;
            unit++;
        }
        return decimal(value, Math.abs(value) < 9.95 ? 1 : 0) + SPACE + units[unit];
    }

    /** A size that is a whole number. */
    public static String bytes(long bytes) {
        return bytes((double) bytes);
    }

    /** A factor: {@code 3 ×}, {@code 2.5 ×}. */
    public static String times(double factor) {
        return plain(factor) + SPACE + "×";
    }

    /** A number with no more digits than it needs: {@code 300}, {@code 2.5}. */
    public static String plain(double number) {
        if (Double.isNaN(number)) {
            return NOT_MEASURED;
        }
        if (number == Math.rint(number) && Math.abs(number) < 1e15) {
            return grouped((long) number);
        }
        return decimal(number, Math.abs(number) < 0.1 ? 3 : Math.abs(number) < 10 ? 2 : 1);
    }

    /** A figure of a finding's unit. */
    public static String measured(double value, String unit) {
        return switch (unit) {
            case Finding.MILLISECONDS -> duration(value);
            case Finding.SHARE -> share(value);
            default -> plain(value);
        };
    }

    /**
     * A figure beside its limit: with more digits when they differ but would look the same, so that nobody reads
     * "2.0 s of 2.0 s" where a limit was broken.
     */
    public static Against against(double measured, double limit, String unit) {
        String first = measured(measured, unit);
        String second = measured(limit, unit);
        if (measured == limit || !first.equals(second)) {
            return new Against(first, second);
        }
        for (int digits = 1; digits <= MOST_DIGITS; digits++) {
            first = precise(measured, unit, digits);
            second = precise(limit, unit, digits);
            if (!first.equals(second)) {
                return new Against(first, second);
            }
        }
        return new Against((measured > limit ? "just above " : "just below ") + second, second);
    }

    private static String precise(double value, String unit, int digits) {
        return switch (unit) {
            case Finding.MILLISECONDS ->
                value < 1000 ? decimal(value, digits) + SPACE + "ms" : decimal(value / 1000, digits) + SPACE + "s";
            case Finding.SHARE -> decimal(value * 100, digits) + SPACE + "%";
            default -> decimal(value, digits);
        };
    }

    private static String decimal(double value, int digits) {
        String text = String.format(Locale.ROOT, "%,." + digits + "f", value).replace(",", SPACE);
        return text.startsWith("-") ? "−" + text.substring(1) : text;
    }

    private static String grouped(long number) {
        String text = String.format(Locale.ROOT, "%,d", number).replace(",", SPACE);
        return text.startsWith("-") ? "−" + text.substring(1) : text;
    }

    private static String twoDigits(long number) {
        return number < 10 ? "0" + number : Long.toString(number);
    }
}
