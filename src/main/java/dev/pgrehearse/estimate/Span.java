package dev.pgrehearse.estimate;

/**
 * A value with what it lies between in eight of ten cases.
 *
 * @param lower which the true value stays above in nine of ten cases
 * @param central as likely too high as too low
 * @param upper which the true value stays below in nine of ten cases
 */
record Span(double lower, double central, double upper) {
    static final Span NOTHING = new Span(0, 0, 0);

    static Span of(double known) {
        return new Span(known, known, known);
    }

    Span plus(Span other) {
        return new Span(lower + other.lower, central + other.central, upper + other.upper);
    }

    Span plus(double known) {
        return new Span(lower + known, central + known, upper + known);
    }

    /** The same so many times as long by its central and its upper value; the lower one remains, as if nothing stretched it. */
    Span stretched(double factor) {
        return new Span(lower, central * factor, upper * factor);
    }

    /** Between this and another one, which are at 0 and at 1. */
    Span towards(Span other, double share) {
        return new Span(
                lower + share * (other.lower - lower),
                central + share * (other.central - central),
                upper + share * (other.upper - upper));
    }
}
