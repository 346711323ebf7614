package dev.pgrehearse.values;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of {@code COPY}'s text format in UTF-8, growing as needed, and the numbers of its binary format.
 *
 * <p>Source of the formats: PostgreSQL documentation, COPY, "Text Format" and "Binary Format". Not thread-safe: one
 * writer each.
 */
public final class CopyBuffer {
    private static final int LONGEST_NUMBER = 20;
    private static final int LONGEST_CHARACTER = 4;
    /** Digits of the largest long. */
    private static final int LONGEST_LONG = 19;
    /** The two digits of each number below 100, one after the other: a division saved for every second digit. */
    private static final byte[] PAIRS = pairs();

    private static final VarHandle INT_16 = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT_32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT_64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private byte[] bytes;
    private int length;

    /** An empty buffer with room for {@code capacity} bytes before it first grows. */
    public CopyBuffer(int capacity) {
        bytes = new byte[Math.max(capacity, LONGEST_NUMBER)];
    }

    /** The array that holds the bytes, of which the first {@link #length()} count; not a copy. */
    public byte[] bytes() {
        return bytes;
    }

    /** How many bytes have been written. */
    public int length() {
        return length;
    }

    /** Forgets what was written and keeps the room. */
    public void clear() {
        length = 0;
    }

    /** A value as one field, escaped; null as {@code \N}. */
    public void field(@Nullable String value) {
        if (value == null) {
            nullField();
        } else {
            escaped(value);
        }
    }

    /** NULL. */
    public void nullField() {
        ensure(2);
        bytes[length++] = '\\';
        bytes[length++] = 'N';
    }

    /** The mark between two fields. */
    public void endField() {
        ascii('\t');
    }

    /** The mark after a row's last field. */
    public void endRow() {
        ascii('\n');
    }

    /**
     * Text, escaped.
     *
     * @throws IllegalArgumentException when PostgreSQL has no such text: it holds U+0000 or half a surrogate pair
     */
    public void escaped(String text) {
        for (int index = 0; index < text.length(); index++) {
            char character = text.charAt(index);
            ensure(LONGEST_CHARACTER);
            if (character < 0x80) {
                escapedAscii(character);
            } else if (character < 0x800) {
                bytes[length++] = (byte) (0xC0 | (character >> 6));
                continuation(character);
            } else if (!Character.isSurrogate(character)) {
                bytes[length++] = (byte) (0xE0 | (character >> 12));
                continuation(character >> 6);
                continuation(character);
            } else {
                int codePoint = text.codePointAt(index);
                if (!Character.isSupplementaryCodePoint(codePoint)) {
                    throw new IllegalArgumentException("half a surrogate pair at character " + (index + 1));
                }
                bytes[length++] = (byte) (0xF0 | (codePoint >> 18));
                continuation(codePoint >> 12);
                continuation(codePoint >> 6);
                continuation(codePoint);
                index++;
            }
        }
    }

    /** A further byte of a character in UTF-8: the lowest six bits. */
    private void continuation(int bits) {
        bytes[length++] = (byte) (0x80 | (bits & 0x3F));
    }

    private void escapedAscii(char character) {
        switch (character) {
            case 0 -> throw new IllegalArgumentException("the character U+0000, which PostgreSQL's text cannot hold");
            case '\\' -> pair('\\');
            case '\t' -> pair('t');
            case '\n' -> pair('n');
            case '\r' -> pair('r');
            default -> bytes[length++] = (byte) character;
        }
    }

    private void pair(char second) {
        bytes[length++] = '\\';
        bytes[length++] = (byte) second;
    }

    /** A character below U+0080, as it is: the caller knows that it needs no escape. */
    void ascii(int character) {
        ensure(1);
        bytes[length++] = (byte) character;
    }

    /** Bytes that are escaped already. */
    void raw(byte[] source) {
        raw(source, 0, source.length);
    }

    /** A part of some bytes that are escaped already. */
    void raw(byte[] source, int from, int count) {
        ensure(count);
        System.arraycopy(source, from, bytes, length, count);
        length += count;
    }

    /** A whole number in decimal. */
    void number(long number) {
        if (number == Long.MIN_VALUE) {
            raw(Long.toString(number).getBytes(StandardCharsets.US_ASCII));
            return;
        }
        if (number < 0) {
            ascii('-');
        }
        long rest = Math.abs(number);
        digits(rest, digitsOf(rest));
    }

    /** A number that is not negative, with zeros in front up to {@code width} digits. */
    void digits(long number, int width) {
        ensure(width);
        int place = length + width;
        long rest = number;
        while (rest > Integer.MAX_VALUE && place - length >= 2) {
            long hundreds = rest / 100;
            place -= 2;
            pairAt(place, (int) (rest - hundreds * 100));
            rest = hundreds;
        }
        // Divisions of an int are the cheaper ones; what is left of more digits than the width has is cut, as before.
        int few = (int) (rest > Integer.MAX_VALUE ? rest % 10 : rest);
        while (place - length >= 2) {
            int hundreds = few / 100;
            place -= 2;
            pairAt(place, few - hundreds * 100);
            few = hundreds;
        }
        if (place > length) {
            bytes[length] = (byte) ('0' + few % 10);
        }
        length += width;
    }

    private void pairAt(int place, int number) {
        bytes[place] = PAIRS[2 * number];
        bytes[place + 1] = PAIRS[2 * number + 1];
    }

    private static byte[] pairs() {
        byte[] pairs = new byte[200];
        for (int number = 0; number < 100; number++) {
            pairs[2 * number] = (byte) ('0' + number / 10);
            pairs[2 * number + 1] = (byte) ('0' + number % 10);
        }
        return pairs;
    }

    static int digitsOf(long number) {
        int digits = 1;
        for (long bound = 10; number >= bound && digits < LONGEST_LONG; bound *= 10) {
            digits++;
        }
        return digits;
    }

    /** One byte. */
    public void int8(int number) {
        ensure(1);
        bytes[length++] = (byte) number;
    }

    /** An integer of 16 bits in network byte order. */
    public void int16(int number) {
        ensure(Short.BYTES);
        INT_16.set(bytes, length, (short) number);
        length += Short.BYTES;
    }

    /** An integer of 32 bits in network byte order. */
    public void int32(int number) {
        ensure(Integer.BYTES);
        INT_32.set(bytes, length, number);
        length += Integer.BYTES;
    }

    /** An integer of 64 bits in network byte order. */
    public void int64(long number) {
        ensure(Long.BYTES);
        INT_64.set(bytes, length, number);
        length += Long.BYTES;
    }

    /** Leaves room for bytes that are written over later. */
    public void skip(int count) {
        ensure(count);
        length += count;
    }

    /** Writes over 32 bits that were written before. */
    public void int32At(int place, int number) {
        INT_32.set(bytes, Objects.checkFromIndexSize(place, Integer.BYTES, length), number);
    }

    /** Forgets what was written from a place on. */
    public void cutAt(int place) {
        length = Objects.checkIndex(place, length + 1);
    }

    /** What was written, when all of it is ASCII and nothing needed an escape. */
    String asciiText() {
        return new String(bytes, 0, length, StandardCharsets.US_ASCII);
    }

    /** A copy of what was written. */
    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, length);
    }

    /** Makes room for so many bytes from {@link #length()} on, for a writer of many at once, and gives the array. */
    byte[] room(int more) {
        ensure(more);
        return bytes;
    }

    /** Counts bytes that were written into {@link #room}. */
    void wrote(int more) {
        length = Objects.checkIndex(length + more, bytes.length + 1);
    }

    private void ensure(int more) {
        if (bytes.length - length < more) {
            grow(more);
        }
    }

    private void grow(int more) {
        long wanted = Math.max((long) length + more, length + (length >> 1) + 64L);
        if (wanted > Integer.MAX_VALUE - 8) {
            throw new IllegalStateException("more than 2 GB in one block of rows");
        }
        bytes = Arrays.copyOf(bytes, (int) wanted);
    }
}
