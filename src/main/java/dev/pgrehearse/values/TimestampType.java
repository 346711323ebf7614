package dev.pgrehearse.values;

import java.util.ArrayList;
import java.util.List;

/**
 * Points in time at steps of some microseconds since 1970.
 *
 * @param stepMicros a part of a day
 * @param zoned whether the type has a time zone: values are written in UTC then
 */
record TimestampType(long stepMicros, boolean zoned) implements OrdinalType {
    private static final int LARGEST_PRECISION = 6;

    /** From whole days to what the precision allows. */
    static List<OrdinalType> steps(TypeName type, boolean zoned) {
        List<OrdinalType> types = new ArrayList<>();
        types.add(new TimestampType(Calendar.MICROS_PER_DAY, zoned));
        types.add(new TimestampType(Calendar.MICROS_PER_SECOND, zoned));
        long step = Calendar.MICROS_PER_SECOND;
        for (int digit = 1; digit <= type.modifier(LARGEST_PRECISION); digit++) {
            step /= 10;
            if (digit % 3 == 0 || digit == type.modifier(LARGEST_PRECISION)) {
                types.add(new TimestampType(step, zoned));
            }
        }
        return types;
    }

    @Override
    public long ordinal(String text, boolean up) {
        if (Calendar.isEndless(text)) {
            return Calendar.endless(text);
        }
        long micros = Calendar.micros(text, "timestamp");
        return up ? -Math.floorDiv(-micros, stepMicros) : Math.floorDiv(micros, stepMicros);
    }

    @Override
    public void write(CopyBuffer out, long ordinal) {
        if (ordinal == Long.MIN_VALUE || ordinal == Long.MAX_VALUE) {
            Calendar.writeEndless(out, ordinal);
            return;
        }
        long micros = ordinal * stepMicros;
        boolean beforeChrist = Calendar.writeDay(out, Math.floorDiv(micros, Calendar.MICROS_PER_DAY));
        out.ascii(' ');
        Calendar.writeTime(out, Math.floorMod(micros, Calendar.MICROS_PER_DAY));
        if (zoned) {
            out.ascii('+');
            out.digits(0, 2);
        }
        if (beforeChrist) {
            Calendar.writeBc(out);
        }
    }

    private long stepsPerDay() {
        return Calendar.MICROS_PER_DAY / stepMicros;
    }

    @Override
    public long lowest() {
        return Calendar.FIRST_DAY * stepsPerDay();
    }

    @Override
    public long highest() {
        return Calendar.LAST_DAY * stepsPerDay();
    }

    @Override
    public boolean isEndless(String text) {
        return Calendar.isEndless(text);
    }

    @Override
    public long usualStart() {
        return DateType.USUAL_START * stepsPerDay();
    }

    @Override
    public long usualSpan(long distinct) {
        return Math.max(DateType.USUAL_DAYS * stepsPerDay(), distinct - 1);
    }
}
