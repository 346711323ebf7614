package dev.pgrehearse.scenario;

import dev.pgrehearse.profile.Profile;
import java.nio.file.Path;

/**
 * A dataset that is made like a profile says.
 *
 * @param file the profile's, absolute
 * @param profile what is in it
 * @param digest of its bytes, SHA-256 in hexadecimal
 * @param scale rows as a multiple of the profile's, above 0
 */
public record ProfiledSpec(Path file, Profile profile, String digest, double scale) {
    /** Tables of at most so many rows are kept whole at any scale: currencies do not grow with the orders. */
    private static final long LOOKUP_ROWS = 1000;

    /** Rows of a table at a scale; at least one where there is any. */
    public static long scaled(long rows, double scale) {
        return rows <= LOOKUP_ROWS ? rows : Math.max(1, Math.round(rows * scale));
    }

    /** The name of its only size. */
    public static final String SIZE = "profiled";

    /** The digest stands for the profile, which is long. */
    @Override
    public String toString() {
        return "ProfiledSpec[digest=" + digest + ", scale=" + scale + "]";
    }
}
