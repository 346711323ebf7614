package dev.pgrehearse.values;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Dates and times of day in PostgreSQL's text form, {@code DateStyle} ISO: in the Gregorian calendar, also before it. */
final class Calendar {
    static final long MICROS_PER_SECOND = 1_000_000;
    static final long MICROS_PER_DAY = 86_400 * MICROS_PER_SECOND;
    /** The first and the last day of timestamps. Dates go further. */
    static final long FIRST_DAY = LocalDate.of(-4712, 1, 1).toEpochDay();

    static final long LAST_DAY = LocalDate.of(294_275, 12, 31).toEpochDay();

    private static final Pattern DATE = Pattern.compile("(\\d{4,})-(\\d\\d)-(\\d\\d)(.*?)( BC)?");
    private static final Pattern TIME = Pattern.compile("[ T]?(\\d\\d):(\\d\\d)(?::(\\d\\d)(?:\\.(\\d{1,6}))?)?(.*)");
    private static final Pattern ZONE = Pattern.compile("([+-])(\\d\\d)(?::?(\\d\\d))?(?::?(\\d\\d))?");

    private Calendar() {}

    /** Microseconds since 1970 in UTC, of a date or of a time with one. */
    static long micros(String text, String type) {
        Matcher date = DATE.matcher(text);
        if (!date.matches()) {
            throw OrdinalType.unreadable(text, type);
        }
        int year = Integer.parseInt(date.group(1));
        try {
            long day = LocalDate.of(
                            date.group(5) == null ? year : 1 - year,
                            Integer.parseInt(date.group(2)),
                            Integer.parseInt(date.group(3)))
                    .toEpochDay();
            String rest = date.group(4).strip();
            return Math.addExact(Math.multiplyExact(day, MICROS_PER_DAY), rest.isEmpty() ? 0 : microsOfDay(rest, type));
        } catch (DateTimeException | ArithmeticException impossible) {
            throw OrdinalType.unreadable(text, type);
        }
    }

    /** Microseconds since midnight; with a zone, since midnight in UTC, which may be below 0 or beyond a day. */
    static long microsOfDay(String text, String type) {
        Matcher time = TIME.matcher(text);
        if (!time.matches()) {
            throw OrdinalType.unreadable(text, type);
        }
        long seconds = 3600 * number(time.group(1)) + 60 * number(time.group(2)) + number(time.group(3));
        long fraction = time.group(4) == null ? 0 : number((time.group(4) + "00000").substring(0, 6));
        String zone = time.group(5).strip();
        return (seconds - (zone.isEmpty() || zone.equals("Z") ? 0 : offsetSeconds(zone, type))) * MICROS_PER_SECOND
                + fraction;
    }

    private static long offsetSeconds(String zone, String type) {
        Matcher offset = ZONE.matcher(zone);
        if (!offset.matches()) {
            throw OrdinalType.unreadable(zone, "zone of a " + type);
        }
        long seconds = 3600 * number(offset.group(2)) + 60 * number(offset.group(3)) + number(offset.group(4));
        return offset.group(1).equals("-") ? -seconds : seconds;
    }

    private static long number(@org.jspecify.annotations.Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    /** Writes the year, the month and the day, and says whether {@code BC} belongs behind all the rest. */
    static boolean writeDay(CopyBuffer out, long epochDay) {
        LocalDate date = LocalDate.ofEpochDay(epochDay);
        int year = date.getYear() > 0 ? date.getYear() : 1 - date.getYear();
        out.digits(year, Math.max(4, CopyBuffer.digitsOf(year)));
        out.ascii('-');
        out.digits(date.getMonthValue(), 2);
        out.ascii('-');
        out.digits(date.getDayOfMonth(), 2);
        return date.getYear() <= 0;
    }

    static void writeBc(CopyBuffer out) {
        out.ascii(' ');
        out.ascii('B');
        out.ascii('C');
    }

    /** Writes hours, minutes, seconds and, when there are any, microseconds. */
    static void writeTime(CopyBuffer out, long microsOfDay) {
        long second = microsOfDay / MICROS_PER_SECOND;
        out.digits(second / 3600, 2);
        out.ascii(':');
        out.digits(second / 60 % 60, 2);
        out.ascii(':');
        out.digits(second % 60, 2);
        long fraction = microsOfDay % MICROS_PER_SECOND;
        if (fraction != 0) {
            out.ascii('.');
            out.digits(fraction, 6);
        }
    }

    /** Whether it is {@code infinity} or {@code -infinity}. */
    static boolean isEndless(String text) {
        return text.equals("infinity") || text.equals("-infinity");
    }

    static long endless(String text) {
        return text.startsWith("-") ? Long.MIN_VALUE : Long.MAX_VALUE;
    }

    static void writeEndless(CopyBuffer out, long ordinal) {
        out.escaped(ordinal < 0 ? "-infinity" : "infinity");
    }
}
