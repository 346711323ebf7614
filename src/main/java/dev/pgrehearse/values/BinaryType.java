package dev.pgrehearse.values;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.Month;
import java.time.Year;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Types whose values can be turned from PostgreSQL's text form into its binary one here, so that the server need not
 * parse them. Only the plainest spelling of a value is taken; what else the server might understand is left to it.
 *
 * <p>Source of the forms: each type's {@code …recv} function in {@code src/backend/utils/adt}, the same in all supported
 * versions, and {@code pg_type.dat} for the types' OIDs.
 */
public enum BinaryType {
    /** Bytes as they are: {@code text}, {@code varchar}, {@code character}, {@code json} and the labels of enums. */
    TEXT,
    JSONB,
    SMALLINT,
    INTEGER,
    BIGINT,
    NUMERIC,
    REAL,
    DOUBLE,
    BOOLEAN,
    UUID,
    DATE,
    TIMESTAMP,
    TIMESTAMPTZ;

    private static final Map<Long, BinaryType> BY_OID = Map.ofEntries(
            Map.entry(16L, BOOLEAN),
            Map.entry(20L, BIGINT),
            Map.entry(21L, SMALLINT),
            Map.entry(23L, INTEGER),
            Map.entry(25L, TEXT),
            Map.entry(114L, TEXT),
            Map.entry(700L, REAL),
            Map.entry(701L, DOUBLE),
            Map.entry(1042L, TEXT),
            Map.entry(1043L, TEXT),
            Map.entry(1082L, DATE),
            Map.entry(1114L, TIMESTAMP),
            Map.entry(1184L, TIMESTAMPTZ),
            Map.entry(1700L, NUMERIC),
            Map.entry(2950L, UUID),
            Map.entry(3802L, JSONB));

    private static final VarHandle INT_64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long LOWEST_BITS = 0x0101010101010101L;
    private static final long HIGHEST_BITS = LOWEST_BITS << 7;
    private static final long ESCAPES = LOWEST_BITS * '\\';

    private static final int LENGTH_WORD = Integer.BYTES;
    private static final int JSONB_VERSION = 1;
    private static final long EPOCH_DAYS = LocalDate.of(2000, 1, 1).toEpochDay();
    private static final long MICROS_PER_SECOND = 1_000_000;
    /** Fewer digits than those of the largest long: whatever they are, they fit. */
    private static final int MOST_DIGITS = 18;
    /** A fraction of whole groups of four digits that fits into a long. */
    static final int MOST_FRACTION_DIGITS = 16;

    private static final int[] POWERS = {1, 10, 100, 1000, 10_000};
    private static final int UUID_LENGTH = 36;
    /** No longer than what {@code Double.parseDouble} and the server round alike: to the nearest. */
    private static final int MOST_FLOAT_LENGTH = 25;

    /**
     * The type of an OID; null when only the server knows its values.
     *
     * @param kind {@code pg_type.typtype}
     */
    public static @Nullable BinaryType of(long oid, String kind) {
        return kind.equals("e") ? TEXT : BY_OID.get(oid);
    }

    /** Whether the server reads the binary form so much faster that it decides for a table. */
    public boolean pays() {
        return switch (this) {
            case DATE, TIMESTAMP, TIMESTAMPTZ, UUID, REAL, DOUBLE -> true;
            case TEXT, JSONB, SMALLINT, INTEGER, BIGINT, NUMERIC, BOOLEAN -> false;
        };
    }

    /** How many bytes of a field go before its text. */
    int bytesBefore() {
        return this == JSONB ? LENGTH_WORD + 1 : LENGTH_WORD;
    }

    /**
     * Turns the field that ends the buffer into its binary form.
     *
     * @param start where the field begins: {@link #bytesBefore()} bytes of no meaning, then the value in COPY's text form
     * @return whether it could; when not, the buffer is as it was
     */
    boolean encode(CopyBuffer out, int start) {
        int from = start + bytesBefore();
        int length = out.length() - from;
        byte[] bytes = out.bytes();
        if (length == 2 && bytes[from] == '\\' && bytes[from + 1] == 'N') {
            out.cutAt(start);
            out.int32(-1);
            return true;
        }
        return switch (this) {
            case TEXT -> text(out, start, from);
            case JSONB -> {
                bytes[from - 1] = JSONB_VERSION;
                yield text(out, start, from);
            }
            case SMALLINT, INTEGER, BIGINT -> digitsOfInteger(out, start, from);
            case NUMERIC -> numeric(out, start, from);
            case REAL, DOUBLE -> floating(out, start, from);
            case BOOLEAN -> bool(out, start, from);
            case UUID -> uuid(out, start, from);
            case DATE, TIMESTAMP, TIMESTAMPTZ -> time(out, start, from);
        };
    }

    private static boolean text(CopyBuffer out, int start, int from) {
        byte[] bytes = out.bytes();
        int end = out.length();
        int place = firstEscape(bytes, from, end);
        int kept = place;
        while (place < end) {
            byte read = bytes[place++];
            bytes[kept++] = read == '\\' ? unescaped(bytes[place++]) : read;
        }
        out.cutAt(kept);
        out.int32At(start, kept - start - LENGTH_WORD);
        return true;
    }

    /** Eight bytes at a time: one that equals the wanted one becomes 0, and only a 0 borrows into its highest bit. */
    private static int firstEscape(byte[] bytes, int from, int end) {
        int place = from;
        for (; place + Long.BYTES <= end; place += Long.BYTES) {
            long difference = (long) INT_64.get(bytes, place) ^ ESCAPES;
            if (((difference - LOWEST_BITS) & ~difference & HIGHEST_BITS) != 0) {
                break;
            }
        }
        while (place < end && bytes[place] != '\\') {
            place++;
        }
        return place;
    }

    /** Those that {@link CopyBuffer} escapes. */
    private static byte unescaped(byte escaped) {
        return switch (escaped) {
            case 't' -> '\t';
            case 'n' -> '\n';
            case 'r' -> '\r';
            default -> escaped;
        };
    }

    /** The digits of a range as a number; -1 when it is empty, too long or holds anything but digits. */
    private static long digits(byte[] bytes, int from, int end) {
        if (from >= end || end - from > MOST_DIGITS) {
            return -1;
        }
        long number = 0;
        for (int place = from; place < end; place++) {
            int digit = bytes[place] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }

    private boolean digitsOfInteger(CopyBuffer out, int start, int from) {
        byte[] bytes = out.bytes();
        int end = out.length();
        boolean negative = from < end && bytes[from] == '-';
        long digits = digits(bytes, negative ? from + 1 : from, end);
        if (digits < 0) {
            return false;
        }
        return integer(out, start, negative ? -digits : digits);
    }

    /** Writes a whole number over what begins at a place; whether it is in the type's range. */
    boolean integer(CopyBuffer out, int start, long number) {
        if (this == SMALLINT ? number != (short) number : this == INTEGER && number != (int) number) {
            return false;
        }
        out.cutAt(start);
        if (this == SMALLINT) {
            out.int32(Short.BYTES);
            out.int16((int) number);
        } else if (this == INTEGER) {
            out.int32(Integer.BYTES);
            out.int32((int) number);
        } else {
            out.int32(Long.BYTES);
            out.int64(number);
        }
        return true;
    }

    /** Groups of four decimal digits, those before the point first; the server drops groups of zero at the ends. */
    private static boolean numeric(CopyBuffer out, int start, int from) {
        byte[] bytes = out.bytes();
        int end = out.length();
        boolean negative = from < end && bytes[from] == '-';
        int first = negative ? from + 1 : from;
        int point = first;
        while (point < end && bytes[point] != '.') {
            point++;
        }
        int scale = Math.max(0, end - point - 1);
        long whole = digits(bytes, first, point);
        long fraction = point == end ? 0 : digits(bytes, point + 1, end);
        if (whole < 0 || fraction < 0 || scale > MOST_FRACTION_DIGITS) {
            return false;
        }
        numeric(out, start, negative, whole, fraction, scale);
        return true;
    }

    /** Writes a decimal number over what begins at a place; {@code scale} is at most 16. */
    static void numeric(CopyBuffer out, int start, boolean negative, long whole, long fraction, int scale) {
        int fractionGroups = (scale + 3) / 4;
        int wholeGroups = 0;
        for (long rest = whole; rest > 0; rest /= POWERS[4]) {
            wholeGroups++;
        }
        out.cutAt(start);
        out.int32(Short.BYTES * (4 + wholeGroups + fractionGroups));
        out.int16(wholeGroups + fractionGroups);
        out.int16(wholeGroups - 1);
        out.int16(negative ? 0x4000 : 0);
        out.int16(scale);
        groups(out, whole, wholeGroups);
        groups(out, fraction * POWERS[fractionGroups * 4 - scale], fractionGroups);
    }

    private static void groups(CopyBuffer out, long number, int count) {
        if (count == 1) {
            out.int16((int) number);
            return;
        }
        long divisor = 1;
        for (int group = 1; group < count; group++) {
            divisor *= POWERS[4];
        }
        for (int group = 0; group < count; group++) {
            out.int16((int) (number / divisor % POWERS[4]));
            divisor /= POWERS[4];
        }
    }

    /** Rounded to the nearest, as the server's {@code strtod} does. */
    private boolean floating(CopyBuffer out, int start, int from) {
        byte[] bytes = out.bytes();
        int end = out.length();
        int points = 0;
        int digits = 0;
        StringBuilder text = new StringBuilder(end - from);
        for (int place = from; place < end; place++) {
            byte read = bytes[place];
            boolean digit = read >= '0' && read <= '9';
            digits += digit ? 1 : 0;
            points += read == '.' ? 1 : 0;
            if (!digit && read != '.' && !(read == '-' && place == from)) {
                return false;
            }
            text.append((char) read);
        }
        if (digits == 0 || points > 1 || text.length() > MOST_FLOAT_LENGTH) {
            return false;
        }
        out.cutAt(start);
        if (this == REAL) {
            out.int32(Float.BYTES);
            out.int32(Float.floatToRawIntBits(Float.parseFloat(text.toString())));
        } else {
            out.int32(Double.BYTES);
            out.int64(Double.doubleToRawLongBits(Double.parseDouble(text.toString())));
        }
        return true;
    }

    private static boolean bool(CopyBuffer out, int start, int from) {
        String text = new String(out.bytes(), from, out.length() - from, StandardCharsets.US_ASCII);
        boolean isTrue = text.equals("t") || text.equals("true");
        if (!isTrue && !text.equals("f") && !text.equals("false")) {
            return false;
        }
        out.cutAt(start);
        out.int32(1);
        out.int8(isTrue ? 1 : 0);
        return true;
    }

    private static boolean uuid(CopyBuffer out, int start, int from) {
        byte[] bytes = out.bytes();
        if (out.length() - from != UUID_LENGTH) {
            return false;
        }
        long high = 0;
        long low = 0;
        for (int place = 0; place < UUID_LENGTH; place++) {
            byte read = bytes[from + place];
            if (place == 8 || place == 13 || place == 18 || place == 23) {
                if (read != '-') {
                    return false;
                }
            } else {
                int digit = Character.digit(read, 16);
                if (digit < 0) {
                    return false;
                }
                if (place < 18) {
                    high = high << 4 | digit;
                } else {
                    low = low << 4 | digit;
                }
            }
        }
        out.cutAt(start);
        out.int32(2 * Long.BYTES);
        out.int64(high);
        out.int64(low);
        return true;
    }

    /**
     * {@code 2026-11-20}, {@code 2026-11-20 08:00:00}, with up to six fraction digits, and {@code +00} behind, which
     * {@code date} and {@code timestamp} ignore and {@code timestamptz} must have: without it the session's time zone
     * would decide.
     */
    private boolean time(CopyBuffer out, int start, int from) {
        byte[] bytes = out.bytes();
        int end = out.length();
        boolean utc = end - from > 19 && bytes[end - 3] == '+' && bytes[end - 2] == '0' && bytes[end - 1] == '0';
        if (this == TIMESTAMPTZ && !utc) {
            return false;
        }
        int last = utc ? end - 3 : end;
        long days = days(bytes, from, last);
        if (days == Long.MIN_VALUE) {
            return false;
        }
        long micros = last - from == 10 ? 0 : microsOfDay(bytes, from + 10, last);
        if (micros < 0) {
            return false;
        }
        out.cutAt(start);
        if (this == DATE) {
            out.int32(Integer.BYTES);
            out.int32((int) days);
        } else {
            out.int32(Long.BYTES);
            out.int64(days * 86_400 * MICROS_PER_SECOND + micros);
        }
        return true;
    }

    /** A moment, by its microseconds since 1970; whether the type is one of moments. */
    boolean moment(CopyBuffer out, long micros) {
        if (this != TIMESTAMP && this != TIMESTAMPTZ) {
            return false;
        }
        out.int32(Long.BYTES);
        out.int64(micros - EPOCH_DAYS * 86_400 * MICROS_PER_SECOND);
        return true;
    }

    /** Days since 2000-01-01; the smallest long when it is no date. */
    private static long days(byte[] bytes, int from, int end) {
        if (end - from < 10 || bytes[from + 4] != '-' || bytes[from + 7] != '-') {
            return Long.MIN_VALUE;
        }
        int year = (int) digits(bytes, from, from + 4);
        int month = (int) digits(bytes, from + 5, from + 7);
        int day = (int) digits(bytes, from + 8, from + 10);
        if (year < 1 || month < 1 || month > 12 || day < 1 || day > lengthOf(year, month)) {
            return Long.MIN_VALUE;
        }
        return LocalDate.of(year, month, day).toEpochDay() - EPOCH_DAYS;
    }

    private static int lengthOf(int year, int month) {
        return Month.of(month).length(Year.isLeap(year));
    }

    /** Of {@code  08:00:00.000000}; -1 when it is no time. */
    private static long microsOfDay(byte[] bytes, int from, int end) {
        boolean whole = end - from == 9;
        int fractionDigits = end - from - 10;
        boolean pointed = fractionDigits >= 1 && fractionDigits <= 6 && bytes[from + 9] == '.';
        if (bytes[from] != ' ' || !(whole || pointed)) {
            return -1;
        }
        if (bytes[from + 3] != ':' || bytes[from + 6] != ':') {
            return -1;
        }
        long hour = digits(bytes, from + 1, from + 3);
        long minute = digits(bytes, from + 4, from + 6);
        long second = digits(bytes, from + 7, from + 9);
        long fraction = whole ? 0 : digits(bytes, from + 10, end);
        if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || fraction < 0) {
            return -1;
        }
        for (int digit = whole ? 6 : fractionDigits; digit < 6; digit++) {
            fraction *= 10;
        }
        return ((hour * 60 + minute) * 60 + second) * MICROS_PER_SECOND + fraction;
    }
}
