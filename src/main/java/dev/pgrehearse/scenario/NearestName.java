package dev.pgrehearse.scenario;

import java.util.Collection;
import java.util.Locale;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.jspecify.annotations.Nullable;

/** Finds the right name that a wrong one resembles. */
public final class NearestName {
    /** Two letters swapped are two changes: from this length on a name may have them. */
    private static final int SHORT = 4;

    /** Two wrong letters in five still resemble: {@code maxPoolSize} is meant to be {@code maximumPoolSize}. */
    private static final double WRONG_SHARE = 0.4;

    private static final int LONGEST = 60;

    private NearestName() {}

    /** The name with the fewest letters to change, upper and lower case alike; null when none comes near. */
    public static @Nullable String of(String wrong, Collection<String> names) {
        String sought = wrong.toLowerCase(Locale.ROOT);
        int length = Math.min(wrong.length(), LONGEST);
        int bound = length < SHORT ? 1 : Math.max(2, (int) (length * WRONG_SHARE));
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
