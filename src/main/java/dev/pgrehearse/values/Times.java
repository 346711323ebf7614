package dev.pgrehearse.values;

import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;

/** The microseconds of a period, as {@code 2026-11-20 08:00:00.000000+00}. The end is not included. */
record Times(long fromMicros, long size) implements PlainDomain {
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final long MICROS_PER_DAY = 86_400 * MICROS_PER_SECOND;
    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
    /** In ISO form, years above have a sign in front, which PostgreSQL does not read. */
    private static final Instant LAST = Instant.parse("+10000-01-01T00:00:00Z");

    static Times period(Instant from, Instant to) {
        if (from.isBefore(FIRST) || to.isAfter(LAST)) {
            throw new IllegalArgumentException("times from " + from + " to " + to + "; years 1 to 9999 are possible");
        }
        if (!from.isBefore(to)) {
            throw new IllegalArgumentException("times from " + from + " to " + to + "; the end is not after the start");
        }
        long fromMicros = ChronoUnit.MICROS.between(Instant.EPOCH, from);
        long size = ChronoUnit.MICROS.between(Instant.EPOCH, to) - fromMicros;
        if (size < 1) {
            throw new IllegalArgumentException("times from " + from + " to " + to + "; less than a microsecond");
        }
        return new Times(fromMicros, size);
    }

    @Override
    public void copyTo(CopyBuffer out, long index) {
        long micros = fromMicros + index;
        long day = Math.floorDiv(micros, MICROS_PER_DAY);
        LocalDate date = LocalDate.ofEpochDay(day);
        long ofDay = micros - day * MICROS_PER_DAY;
        int second = (int) (ofDay / MICROS_PER_SECOND);
        out.digits(date.getYear(), 4);
        out.ascii('-');
        out.digits(date.getMonthValue(), 2);
        out.ascii('-');
        out.digits(date.getDayOfMonth(), 2);
        out.ascii(' ');
        out.digits(second / 3600, 2);
        out.ascii(':');
        out.digits(second / 60 % 60, 2);
        out.ascii(':');
        out.digits(second % 60, 2);
        out.ascii('.');
        out.digits(ofDay - second * MICROS_PER_SECOND, 6);
        out.ascii('+');
        out.digits(0, 2);
    }

    @Override
    public boolean copyBinaryTo(CopyBuffer out, long index, BinaryType type) {
        return type.moment(out, fromMicros + index) || PlainDomain.super.copyBinaryTo(out, index, type);
    }
}
