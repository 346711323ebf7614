package dev.pgrehearse.values;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of {@code COPY}'s text format in UTF-8, growing as needed.
 *
 * <p>Source of the format: PostgreSQL documentation, COPY, "Text Format". Not thread-safe: one writer each.
 */
public final class CopyBuffer {
    private static final int LONGEST_NUMBER = 20;
    private static final int LONGEST_CHARACTER = 4;

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
        ensure(source.length);
        System.arraycopy(source, 0, bytes, length, source.length);
        length += source.length;
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
        long rest = number;
        for (int place = length + width - 1; place >= length; place--) {
            bytes[place] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += width;
    }

    static int digitsOf(long number) {
        int digits = 1;
        for (long rest = number / 10; rest > 0; rest /= 10) {
            digits++;
        }
        return digits;
    }

    /** What was written, when all of it is ASCII and nothing needed an escape. */
    String asciiText() {
        return new String(bytes, 0, length, StandardCharsets.US_ASCII);
    }

    /** A copy of what was written. */
    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, length);
    }

    private void ensure(int more) {
        if (bytes.length - length < more) {
            long wanted = Math.max((long) length + more, length + (length >> 1) + 64L);
            if (wanted > Integer.MAX_VALUE - 8) {
                throw new IllegalStateException("more than 2 GB in one block of rows");
            }
            bytes = Arrays.copyOf(bytes, (int) wanted);
        }
    }
}
