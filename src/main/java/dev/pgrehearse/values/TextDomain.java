package dev.pgrehearse.values;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Texts in ascending order: a word, a code of fixed width that makes texts with the same word differ, what fills the
 * length, and an end. The length has nothing to do with the index. Immutable.
 */
final class TextDomain implements Domain {
    private final long size;
    private final byte[] lead;
    private final byte[][] words;
    private final byte[][] escapedWords;
    private final byte[] separator;
    private final byte[] codes;
    private final int codeWidth;
    /** By how much the codes of neighbours differ. */
    private final long codeStep;
    /** Whether the first text of each word is the word alone. */
    private final boolean wordsAlone;

    private final byte[][] suffixes;
    private final Padding padding;
    private final Lengths lengths;
    private final int longest;
    private final long[] lengthIndexes;
    private final int[] lengthsThere;
    private final RowRandom random;

    /** What makes the texts differ, before their lengths are known. */
    record Frame(
            long size,
            String lead,
            List<String> words,
            String separator,
            String codes,
            int codeWidth,
            boolean wordsAlone,
            List<String> suffixes) {
        static Frame of(long size, TextKind kind, List<String> words, String codes, boolean wordsAlone) {
            long perWord = (size + words.size() - 1) / words.size();
            int width = 0;
            double room = 1;
            while (room < perWord) {
                room *= codes.length();
                width++;
            }
            return new Frame(
                    size,
                    kind.lead(),
                    words,
                    words.size() == 1 && words.get(0).isEmpty() ? "" : kind.separator(),
                    codes,
                    width,
                    wordsAlone,
                    kind.suffixes());
        }

        /** The least length of each word's texts, in bytes. */
        int[] least() {
            int around = lead.length()
                    + (codeWidth == 0 ? 0 : separator.length() + codeWidth)
                    + suffixes.get(0).length();
            return words.stream()
                    .mapToInt(word -> around + word.getBytes(StandardCharsets.UTF_8).length)
                    .toArray();
        }
    }

    TextDomain(Frame frame, Padding padding, Lengths lengths, int longest, ColumnShape shape, RowRandom random) {
        this.size = frame.size;
        this.lead = ascii(frame.lead);
        this.words = frame.words.stream()
                .map(word -> word.getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
        this.escapedWords = frame.words.stream()
                .map(word -> {
                    CopyBuffer escaped = new CopyBuffer(64);
                    escaped.escaped(word);
                    return escaped.toByteArray();
                })
                .toArray(byte[][]::new);
        this.separator = ascii(frame.separator);
        this.codes = ascii(frame.codes);
        this.codeWidth = frame.codeWidth;
        long perWord = (size + words.length - 1) / words.length;
        this.codeStep =
                Math.max(1, (long) (Math.min(Long.MAX_VALUE / 2.0, Math.pow(codes.length, codeWidth)) / perWord));
        this.wordsAlone = frame.wordsAlone;
        this.suffixes = frame.suffixes.stream().map(TextDomain::ascii).toArray(byte[][]::new);
        this.padding = padding;
        this.lengths = lengths;
        this.longest = longest;
        this.lengthIndexes = shape.lengthAt().keySet().stream()
                .mapToLong(Long::longValue)
                .sorted()
                .toArray();
        this.lengthsThere = Arrays.stream(lengthIndexes)
                .mapToInt(index -> shape.lengthAt().getOrDefault(index, 0))
                .toArray();
        this.random = random;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public String textAt(long index) {
        CopyBuffer text = new CopyBuffer(256);
        write(text, index, words);
        return new String(text.bytes(), 0, text.length(), StandardCharsets.UTF_8);
    }

    @Override
    public void copyTo(CopyBuffer out, long index) {
        write(out, index, escapedWords);
    }

    private void write(CopyBuffer out, long index, byte[][] form) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException(index + " is not below " + size);
        }
        int word = (int) (index * words.length / size);
        long place = index - (word * size + words.length - 1) / words.length;
        if (wordsAlone && place == 0) {
            out.raw(form[word]);
            return;
        }
        long bits = random.bits(index);
        byte[] suffix = suffixes[
                suffixes.length == 1 ? 0 : (int) RowRandom.below(RowRandom.further(bits, -1), suffixes.length)];
        out.raw(lead);
        out.raw(form[word]);
        int length = lead.length + words[word].length + suffix.length;
        if (codeWidth > 0) {
            out.raw(separator);
            code(out, place * codeStep);
            length += separator.length + codeWidth;
        }
        int wanted = lengthAt(index, bits);
        if (wanted > length) {
            padding.write(out, bits, wanted - length);
        }
        out.raw(suffix);
    }

    private void code(CopyBuffer out, long number) {
        long power = 1;
        for (int digit = 1; digit < codeWidth; digit++) {
            power *= codes.length;
        }
        long rest = number;
        for (int digit = 0; digit < codeWidth; digit++) {
            out.ascii(codes[(int) (rest / power)]);
            rest %= power;
            power /= codes.length;
        }
    }

    private int lengthAt(long index, long bits) {
        if (lengthIndexes.length > 0) {
            int found = Arrays.binarySearch(lengthIndexes, index);
            if (found >= 0) {
                return Math.min(longest, lengthsThere[found]);
            }
        }
        return lengths.at(bits);
    }
}
