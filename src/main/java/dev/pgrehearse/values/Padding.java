package dev.pgrehearse.values;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What follows behind the part of a text that makes it different from others. In plain ASCII without escapes. */
@FunctionalInterface
interface Padding {
    /** Writes so many bytes, which depend on nothing but the bits. */
    void write(CopyBuffer out, long bits, int length);

    /** About what the server keeps in line at most, {@code TOAST_TUPLE_THRESHOLD}. */
    int IN_LINE = 2000;

    /** Random small letters. */
    Padding LETTERS = characters("abcdefghijklmnopqrstuvwxyz");

    /** Random decimal digits. */
    Padding DIGITS = characters("0123456789");

    /** Random hexadecimal digits. */
    Padding HEX = characters("0123456789abcdef");

    private static Padding characters(String alphabet) {
        byte[] characters = alphabet.getBytes(StandardCharsets.US_ASCII);
        return (out, bits, length) -> {
            long drawn = 0;
            for (int place = 0; place < length; place++) {
                // Eight characters a draw.
                drawn = place % 8 == 0 ? RowRandom.further(bits, 1 + place / 8) : drawn >>> 8;
                out.ascii(characters[(int) (((drawn & 0xFF) * characters.length) >>> 8)]);
            }
        };
    }

    /**
     * Words with spaces, the first in front. The first words of the dictionary are drawn more often, as some words are in
     * any language: so it compresses about as well as prose. What is too long to stay in line is random letters, which are
     * stored as they are: of such values nobody knows more than what they take when they are stored.
     */
    static Padding prose(Dictionaries dictionaries) {
        byte[][] words = Stream.of("verb.base", "word.noun", "word.adjective", "lorem.word", "hacker.noun")
                .flatMap(expression -> Words.faker(dictionaries, expression, 400).stream())
                .map(word -> word.toLowerCase(Locale.ROOT).replaceAll("[^a-z]", ""))
                .filter(word -> word.length() > 1)
                .distinct()
                .map(word -> word.getBytes(StandardCharsets.US_ASCII))
                .toArray(byte[][]::new);
        return (out, bits, length) -> {
            if (length > IN_LINE) {
                LETTERS.write(out, bits, length);
                return;
            }
            int left = length;
            for (long draw = 1; left > 0; draw++) {
                double unit = RowRandom.unit(RowRandom.further(bits, draw));
                byte[] word = words[(int) (unit * unit * unit * words.length)];
                if (left == 1) {
                    // No space at the end.
                    out.ascii('.');
                    return;
                }
                out.ascii(' ');
                left--;
                if (word.length <= left) {
                    out.raw(word);
                    left -= word.length;
                } else {
                    for (int place = 0; left > 0; place++, left--) {
                        out.ascii(word[place]);
                    }
                }
            }
        };
    }

    /** The padding of a name. */
    static Padding of(TextKind.Style style, Dictionaries dictionaries) {
        return switch (style) {
            case PROSE -> prose(dictionaries);
            case LETTERS -> LETTERS;
            case DIGITS -> DIGITS;
            case HEX -> HEX;
        };
    }

    /** The characters of the codes that go with it, ascending. */
    static List<String> codes(TextKind.Style style) {
        String digits = "0123456789";
        return switch (style) {
            case DIGITS -> List.of(digits);
            case HEX -> List.of(digits + "abcdef");
            case PROSE, LETTERS ->
                List.of(
                        digits + "abcdefghijklmnopqrstuvwxyz",
                        // Only where that does not do, since many collations do not put them in this order.
                        digits + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
        };
    }
}
