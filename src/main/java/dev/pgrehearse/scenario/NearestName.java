package dev.pgrehearse.scenario;

import java.util.Collection;
import java.util.Locale;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.jspecify.annotations.Nullable;

/** Finds the right name that a wrong one resembles. */
final class NearestName {
    /** One wrong letter in three still resembles. */
    private static final int LETTERS_PER_ERROR = 3;

    private NearestName() {}

    /** The name with the fewest letters to change, upper and lower case alike; null when none comes near. */
    static @Nullable String of(String wrong, Collection<String> names) {
        String sought = wrong.toLowerCase(Locale.ROOT);
        int bound = Math.max(1, Math.min(wrong.length(), 60) / LETTERS_PER_ERROR);
        LevenshteinDistance distance = new LevenshteinDistance(bound);
        String nearest = null;
        int least = Integer.MAX_VALUE;
        for (String name : names) {
            int difference = distance.apply(sought, name.toLowerCase(Locale.ROOT));
            if (difference >= 0 && difference < least && !name.equals(wrong)) {
                nearest = name;
                least = difference;
            }
        }
        return nearest;
    }
}
