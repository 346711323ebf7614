package dev.pgrehearse.values;

import java.util.Arrays;
import java.util.List;

/** Chooses words and codes for texts so that they differ, fit the type, and have the width that is wanted. */
final class Texts {
    private final Dictionaries dictionaries;
    private final long seed;

    Texts(Dictionaries dictionaries, long seed) {
        this.dictionaries = dictionaries;
        this.seed = seed;
    }

    /**
     * Texts.
     *
     * @param longest of the type, in characters
     * @param averageWidth to come to, with the header; 0 for none
     * @throws IllegalArgumentException when there are not so many different ones
     */
    Domain of(ColumnShape shape, TextKind kind, int longest, double averageWidth) {
        RowRandom random = new RowRandom(seed, "text", shape.column(), shape.type());
        boolean known = !shape.known().isEmpty();
        int most = shape.limits().longest() == null
                ? longest
                : Math.min(longest, shape.limits().longest());
        TextDomain.Frame frame = known ? known(shape, kind, most) : frame(shape, kind, most, averageWidth, random);
        int[] least = frame.least();
        Lengths lengths = Lengths.of(shape.lengths(), averageWidth, least, most);
        if (shape.limits().shortest() > 0) {
            lengths = lengths.atLeast(Math.min(most, shape.limits().shortest()));
        }
        return new TextDomain(frame, Padding.of(kind.style(), dictionaries), lengths, most, shape, random);
    }

    private static TextDomain.Frame known(ColumnShape shape, TextKind kind, int most) {
        String codes = Padding.codes(kind.style()).get(0);
        TextDomain.Frame frame = TextDomain.Frame.of(shape.distinct(), kind, shape.known(), codes, true);
        int longest = shape.known().stream()
                .mapToInt(word -> word.codePointCount(0, word.length()))
                .max()
                .orElse(0);
        if (longest + kind.separator().length() + frame.codeWidth() > most) {
            throw new IllegalArgumentException(shape.distinct() + " different values, of which "
                    + shape.known().size() + " are known; others that begin with these do not fit into "
                    + shape.type());
        }
        return frame;
    }

    /** The longest words with which the texts are neither too long for the type nor wider than wanted. */
    private TextDomain.Frame frame(ColumnShape shape, TextKind kind, int most, double averageWidth, RowRandom random) {
        List<String> all = kind.allWords(dictionaries);
        String codes = Padding.codes(kind.style()).get(0);
        int cut = all.stream().mapToInt(String::length).max().orElse(0);
        for (; cut > 0; cut--) {
            List<String> words = Words.ordered(all, cut);
            if (shape.distinct() <= words.size()) {
                words = Words.chosen(words, wantedLengths(shape, kind, averageWidth, most, random));
            }
            TextDomain.Frame frame = TextDomain.Frame.of(shape.distinct(), kind, words, codes, false);
            if (fits(frame.least(), most, averageWidth)) {
                return frame;
            }
        }
        return codesAlone(shape, kind, most, averageWidth);
    }

    private static boolean fits(int[] least, int most, double averageWidth) {
        double width = Arrays.stream(least).map(Lengths::width).average().orElse(0);
        return Arrays.stream(least).max().orElse(0) <= most && (averageWidth == 0 || width <= averageWidth + 0.5);
    }

    /** Distinctness comes before width, and before looks. */
    private static TextDomain.Frame codesAlone(ColumnShape shape, TextKind kind, int most, double averageWidth) {
        TextDomain.Frame last = null;
        for (TextKind plain : List.of(kind, bare(kind, kind.style()), bare(kind, TextKind.Style.LETTERS))) {
            for (String codes : Padding.codes(plain.style())) {
                last = TextDomain.Frame.of(shape.distinct(), plain, List.of(""), codes, false);
                if (fits(last.least(), most, averageWidth)) {
                    return last;
                }
            }
        }
        if (last == null || last.least()[0] > most) {
            throw new IllegalArgumentException(
                    shape.distinct() + " different values, more than fit into " + most + " characters");
        }
        return last;
    }

    private static TextKind bare(TextKind kind, TextKind.Style style) {
        return new TextKind(kind.column(), null, List.of(), "", "", List.of(""), kind.small(), style);
    }

    private static int[] wantedLengths(
            ColumnShape shape, TextKind kind, double averageWidth, int most, RowRandom random) {
        int[] wanted = new int[(int) shape.distinct()];
        int around = kind.lead().length() + kind.suffixes().get(0).length();
        Lengths lengths = Lengths.of(shape.lengths(), averageWidth, new int[] {0}, most);
        for (int index = 0; index < wanted.length; index++) {
            Integer fixed = shape.lengthAt().get((long) index);
            int length = fixed != null ? fixed : lengths.at(random.bits(index));
            wanted[index] = averageWidth == 0 && shape.lengths().isEmpty() && fixed == null ? most : length - around;
        }
        return wanted;
    }
}
