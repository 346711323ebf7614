package dev.pgrehearse.values;

import java.time.LocalDate;

/** Days since 1970. */
record DateType() implements OrdinalType {
    /** 5874897-12-31, the last day of the type. */
    private static final long LAST = LocalDate.of(5_874_897, 12, 31).toEpochDay();
    /** 2020-01-01, when nobody knows better. */
    static final long USUAL_START = LocalDate.of(2020, 1, 1).toEpochDay();

    static final long USUAL_DAYS = 4 * 365L;

    @Override
    public long ordinal(String text, boolean up) {
        if (Calendar.isEndless(text)) {
            return Calendar.endless(text);
        }
        String day = text.strip();
        if (day.indexOf(':') > 0) {
            long micros = Calendar.micros(day, "date");
            return up
                    ? -Math.floorDiv(-micros, Calendar.MICROS_PER_DAY)
                    : Math.floorDiv(micros, Calendar.MICROS_PER_DAY);
        }
        // Dates beyond those of timestamps have no microseconds.
        int dash = day.indexOf('-', 1);
        if (dash > 6) {
            try {
                return LocalDate.of(
                                Integer.parseInt(day.substring(0, dash)),
                                Integer.parseInt(day.substring(dash + 1, dash + 3)),
                                Integer.parseInt(day.substring(dash + 4, dash + 6)))
                        .toEpochDay();
            } catch (RuntimeException unreadable) {
                throw OrdinalType.unreadable(text, "date");
            }
        }
        return Math.floorDiv(Calendar.micros(day, "date"), Calendar.MICROS_PER_DAY);
    }

    @Override
    public void write(CopyBuffer out, long ordinal) {
        if (ordinal == Long.MIN_VALUE || ordinal == Long.MAX_VALUE) {
            Calendar.writeEndless(out, ordinal);
        } else if (Calendar.writeDay(out, ordinal)) {
            Calendar.writeBc(out);
        }
    }

    @Override
    public long lowest() {
        return Calendar.FIRST_DAY;
    }

    @Override
    public long highest() {
        return LAST;
    }

    @Override
    public boolean isEndless(String text) {
        return Calendar.isEndless(text);
    }

    @Override
    public long usualStart() {
        return USUAL_START;
    }

    @Override
    public long usualSpan(long distinct) {
        return Math.max(USUAL_DAYS, distinct - 1);
    }
}
