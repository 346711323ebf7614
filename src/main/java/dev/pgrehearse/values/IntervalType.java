package dev.pgrehearse.values;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Intervals at steps of some microseconds, as PostgreSQL compares them: a month is 30 days, a day 24 hours. Written as
 * days and hours.
 */
record IntervalType(long stepMicros) implements OrdinalType {
    private static final String SECONDS = " seconds";
    private static final Pattern PART = Pattern.compile(
            "\\s*(?:([+-]?\\d+) (years?|mons?|days?)|([+-]?)(\\d+):(\\d\\d)(?::(\\d\\d)(?:\\.(\\d{1,6}))?)?)");
    /** As many days as the type counts, with some room. */
    private static final long MOST_DAYS = 100_000_000;

    static List<OrdinalType> steps(TypeName type) {
        int precision = type.modifier(6);
        long finest = 1;
        for (int digit = precision; digit < 6; digit++) {
            finest *= 10;
        }
        return List.of(
                new IntervalType(Calendar.MICROS_PER_DAY),
                new IntervalType(60 * Calendar.MICROS_PER_SECOND),
                new IntervalType(Calendar.MICROS_PER_SECOND),
                new IntervalType(finest));
    }

    @Override
    public long ordinal(String text, boolean up) {
        if (Calendar.isEndless(text)) {
            return Calendar.endless(text);
        }
        if (text.endsWith(SECONDS)) {
            // As a profile's rounded bounds are written.
            long seconds = new BigDecimal(text.substring(0, text.length() - SECONDS.length()))
                    .setScale(0, up ? RoundingMode.CEILING : RoundingMode.FLOOR)
                    .longValueExact();
            return inSteps(seconds * Calendar.MICROS_PER_SECOND, up);
        }
        Matcher part = PART.matcher(text);
        long micros = 0;
        int end = 0;
        while (end < text.length()) {
            part.region(end, text.length());
            if (!part.lookingAt()) {
                throw OrdinalType.unreadable(text, "interval");
            }
            micros += part.group(2) == null ? time(part) : days(part) * Calendar.MICROS_PER_DAY;
            end = part.end();
        }
        return inSteps(micros, up);
    }

    private long inSteps(long micros, boolean up) {
        return up ? -Math.floorDiv(-micros, stepMicros) : Math.floorDiv(micros, stepMicros);
    }

    private static long days(Matcher part) {
        long number = Long.parseLong(part.group(1));
        return switch (part.group(2).charAt(0)) {
            // A year is twelve months of 30 days to the comparison.
            case 'y' -> 360 * number;
            case 'm' -> 30 * number;
            default -> number;
        };
    }

    private static long time(Matcher part) {
        long seconds = 3600 * Long.parseLong(part.group(4))
                + 60 * Long.parseLong(part.group(5))
                + (part.group(6) == null ? 0 : Long.parseLong(part.group(6)));
        long fraction = part.group(7) == null ? 0 : Long.parseLong((part.group(7) + "00000").substring(0, 6));
        long micros = seconds * Calendar.MICROS_PER_SECOND + fraction;
        return part.group(3).equals("-") ? -micros : micros;
    }

    @Override
    public void write(CopyBuffer out, long ordinal) {
        if (ordinal == Long.MIN_VALUE || ordinal == Long.MAX_VALUE) {
            Calendar.writeEndless(out, ordinal);
            return;
        }
        long micros = Math.abs(ordinal) * stepMicros;
        if (ordinal < 0) {
            out.ascii('-');
        }
        out.number(micros / Calendar.MICROS_PER_DAY);
        out.escaped(" days ");
        if (ordinal < 0) {
            out.ascii('-');
        }
        Calendar.writeTime(out, micros % Calendar.MICROS_PER_DAY);
    }

    @Override
    public long lowest() {
        return -highest();
    }

    @Override
    public long highest() {
        return MOST_DAYS * (Calendar.MICROS_PER_DAY / stepMicros);
    }

    @Override
    public boolean isEndless(String text) {
        return Calendar.isEndless(text);
    }

    @Override
    public long usualStart() {
        return 0;
    }
}
