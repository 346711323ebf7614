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

    /** The same with an upper value so many times as high, when that is more. */
    Span stretched(double factor) {
        return new Span(lower, central, upper * Math.max(1, factor));
    }

    /** Between this and another one, which are at 0 and at 1. */
    Span towards(Span other, double share) {
        return new Span(
                lower + share * (other.lower - lower),
                central + share * (other.central - central),
                upper + share * (other.upper - upper));
    }
}
