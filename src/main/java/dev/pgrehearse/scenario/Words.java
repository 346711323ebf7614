package dev.pgrehearse.scenario;

import java.util.Collection;

/** Lists of names in a sentence. */
final class Words {
    private static final int MOST_NAMED = 25;

    private Words() {}

    /** {@code one of a, b, c}; {@code a} when there is one; says so when there is none. */
    static String oneOf(Collection<String> names) {
        if (names.isEmpty()) {
            return "nothing here, since there are none";
        }
        if (names.size() == 1) {
            return "`" + names.iterator().next() + "`";
        }
        String first = String.join(", ", names.stream().limit(MOST_NAMED).toList());
        return "one of " + first + (names.size() > MOST_NAMED ? ", …" : "");
    }
}
