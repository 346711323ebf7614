package dev.pgrehearse.values;

import java.util.List;

/** Times of day at steps of some microseconds; those with a zone are written in UTC. */
record TimeType(long stepMicros, boolean zoned) implements OrdinalType {
    static List<OrdinalType> steps(TypeName type, boolean zoned) {
        int precision = type.modifier(6);
        long finest = 1;
        for (int digit = precision; digit < 6; digit++) {
            finest *= 10;
        }
        return List.of(
                new TimeType(60 * Calendar.MICROS_PER_SECOND, zoned),
                new TimeType(Calendar.MICROS_PER_SECOND, zoned),
                new TimeType(finest, zoned));
    }

    @Override
    public long ordinal(String text, boolean up) {
        long micros = Calendar.microsOfDay(text, "time");
        return up ? -Math.floorDiv(-micros, stepMicros) : Math.floorDiv(micros, stepMicros);
    }

    @Override
    public void write(CopyBuffer out, long ordinal) {
        Calendar.writeTime(out, ordinal * stepMicros);
        if (zoned) {
            out.ascii('+');
            out.digits(0, 2);
        }
    }

    @Override
    public long lowest() {
        return 0;
    }

    @Override
    public long highest() {
        // 24:00:00 is a time as well, but a rare one.
        return Calendar.MICROS_PER_DAY / stepMicros - 1;
    }

    @Override
    public long usualStart() {
        return 0;
    }

    @Override
    public long usualSpan(long distinct) {
        return highest();
    }
}
