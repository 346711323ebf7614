package dev.pgrehearse.estimate;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The room that a statement needs at the target, beside what was there.
 *
 * @param temporaryBytes what it writes to temporary files, which are gone at its end; null when it is UNKNOWN
 * @param fileBytes by how much tables and indexes grow at most while it runs, those that it makes included; null when it is
 *     UNKNOWN
 * @param diskBytes files, temporary files and WAL together at their most; null when one of them is UNKNOWN
 * @param unknown why, in whole sentences; empty when all is known
 */
public record StatementSpace(
        @Nullable Extrapolation temporaryBytes,
        @Nullable Extrapolation fileBytes,
        @Nullable Bytes diskBytes,
        List<String> unknown) {
    /** Nothing is known of it, as in files of earlier versions. */
    public static final StatementSpace NONE = new StatementSpace(null, null, null, List.of());

    public StatementSpace {
        unknown = List.copyOf(unknown);
    }

    /** A sum of estimates: of central values, and of upper ones. */
    public record Bytes(double central, double upper) {
        static Bytes of(Extrapolation bytes) {
            return new Bytes(bytes.central(), bytes.upper());
        }

        Bytes plus(Bytes other) {
            return new Bytes(central + other.central, upper + other.upper);
        }

        Bytes orMore(Bytes other) {
            return new Bytes(Math.max(central, other.central), Math.max(upper, other.upper));
        }

        Bytes atMost(double centralBound, double upperBound) {
            return new Bytes(Math.min(central, centralBound), Math.min(upper, upperBound));
        }
    }
}
