package dev.pgrehearse.values;

/**
 * Ranks 0 … n − 1 with probabilities proportional to {@code 1 / (rank + 1)^exponent}: exact, in constant memory.
 *
 * <p>Rejection-inversion after W. Hörmann and G. Derflinger, "Rejection-inversion to generate variates from monotone
 * discrete distributions", ACM TOMACS 6 (1996): invert the integral of the continuous hat {@code x^-exponent}, round,
 * and accept unless the draw fell into the sliver between hat and histogram. Fewer than 1.1 draws are needed on
 * average. Immutable.
 */
final class Zipf {
    /** Below this, {@code expm1(x)/x} and {@code log1p(x)/x} are taken from their series. */
    private static final double SMALL = 1e-8;

    private final long size;
    private final double exponent;
    private final double integralAtStart;
    private final double integralAtEnd;
    private final double squeeze;

    Zipf(long size, double exponent) {
        if (size < 1) {
            throw new IllegalArgumentException("a Zipf distribution over " + size + " keys");
        }
        if (!(exponent > 0) || Double.isInfinite(exponent)) {
            throw new IllegalArgumentException("a Zipf exponent of " + exponent + "; it must be above 0");
        }
        this.size = size;
        this.exponent = exponent;
        this.integralAtStart = integral(1.5) - 1;
        this.integralAtEnd = integral(size + 0.5);
        this.squeeze = 2 - integralInverse(integral(2.5) - hat(2));
    }

    /** The rank that a row's bits lead to. */
    long rank(long bits) {
        long draw = bits;
        for (long next = 1; ; next++) {
            double height = integralAtEnd + RowRandom.unit(draw) * (integralAtStart - integralAtEnd);
            double place = integralInverse(height);
            long candidate = Math.max(1, Math.min(size, (long) (place + 0.5)));
            if (candidate - place <= squeeze || height >= integral(candidate + 0.5) - hat((double) candidate)) {
                return candidate - 1;
            }
            draw = RowRandom.further(bits, next);
        }
    }

    /** {@code (x^(1-s) - 1) / (1 - s)}, which becomes {@code log x} at s = 1: an integral of the hat. */
    private double integral(double x) {
        double logarithm = Math.log(x);
        double t = (1 - exponent) * logarithm;
        double ratio = Math.abs(t) > SMALL ? Math.expm1(t) / t : 1 + t / 2;
        return ratio * logarithm;
    }

    private double integralInverse(double y) {
        // Rounding may take this below -1, where the logarithm ends.
        double t = Math.max(-1, y * (1 - exponent));
        double ratio = Math.abs(t) > SMALL ? Math.log1p(t) / t : 1 - t / 2;
        return Math.exp(ratio * y);
    }

    private double hat(double x) {
        return Math.exp(-exponent * Math.log(x));
    }
}
