package dev.pgrehearse.values;

import dev.pgrehearse.scenario.ValueSpec;
import java.util.ArrayList;
import java.util.List;

/** Words that texts begin with: ascending, and none the beginning of another. */
final class Words {
    /** As many words as a dictionary holds at most. */
    static final int MOST = 1000;

    private Words() {}

    /** A dictionary of Datafaker: what is plain ASCII in it, in the order of its making. */
    static List<String> faker(Dictionaries dictionaries, String expression, int most) {
        Dictionary dictionary = dictionaries.of(new ValueSpec.Faker(expression, most));
        List<String> words = new ArrayList<>();
        for (int index = 0; index < dictionary.size(); index++) {
            String word = dictionary.textAt(index);
            if (word.matches("[ -\\[\\]-~]*[!-\\[\\]-~]")) {
                words.add(word);
            }
        }
        return words;
    }

    /**
     * Sorted, cut to a length, without those that are the beginning of another: so the order of texts is decided before
     * whatever follows a word.
     */
    static List<String> ordered(List<String> words, int longest) {
        List<String> sorted = words.stream()
                .map(word -> word.substring(0, Math.min(longest, word.length())).stripTrailing())
                .filter(word -> !word.isEmpty())
                .distinct()
                .sorted()
                .toList();
        List<String> kept = new ArrayList<>();
        for (int word = 0; word < sorted.size(); word++) {
            // All that begin with a word follow it at once.
            if (word + 1 == sorted.size() || !sorted.get(word + 1).startsWith(sorted.get(word))) {
                kept.add(sorted.get(word));
            }
        }
        return kept;
    }

    /**
     * As many of ordered words as are wanted, from all over the alphabet, of lengths near those wanted.
     *
     * @param lengths wanted, one for each
     */
    static List<String> chosen(List<String> ordered, int[] lengths) {
        List<String> chosen = new ArrayList<>();
        for (int index = 0; index < lengths.length; index++) {
            int from = (int) ((long) index * ordered.size() / lengths.length);
            int to = (int) ((index + 1L) * ordered.size() / lengths.length);
            String best = ordered.get(from);
            for (String word : ordered.subList(from, to)) {
                if (distance(word, lengths[index]) < distance(best, lengths[index])) {
                    best = word;
                }
            }
            chosen.add(best);
        }
        return chosen;
    }

    /** A word can be made longer, but not shorter. */
    private static int distance(String word, int length) {
        return word.length() <= length ? length - word.length() : 1000 + word.length() - length;
    }
}
