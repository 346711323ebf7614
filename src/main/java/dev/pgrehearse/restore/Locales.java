package dev.pgrehearse.restore;

import java.util.Locale;
import java.util.Set;

/** Whether two databases sort text in the same way, and about as fast. Pure. */
final class Locales {
    /** By code points. */
    private static final Set<String> PLAIN = Set.of("c", "posix", "c.utf-8", "c.utf8");

    private Locales() {}

    /**
     * Compares provider and name, such as {@code libc en_US.UTF-8}.
     *
     * @param one of a database
     * @param other of another
     */
    static boolean sortAlike(String one, String other) {
        return one.equalsIgnoreCase(other) || (isPlain(one) && isPlain(other));
    }

    private static boolean isPlain(String locale) {
        String[] parts = locale.split(" ", 2);
        return parts.length == 2 && !parts[0].equals("icu") && PLAIN.contains(parts[1].toLowerCase(Locale.ROOT));
    }
}
