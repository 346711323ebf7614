package dev.pgrehearse.verdict;

import dev.pgrehearse.recording.Recording.OperationFacts;
import dev.pgrehearse.recording.Recording.OperationPhase;
import dev.pgrehearse.recording.Recording.Phase;
import dev.pgrehearse.scenario.Limits.ResponseLimit;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Whether an operation's p99 is within its limit, and whether that can be told at all. Pure.
 *
 * <p>A request that was given up has no response time, only the age at which it was given up. So a p99 has a lower
 * bound, the recorded one, and an upper one: with {@code k} of {@code n} requests given up, whichever they were, the
 * true p99 is at most the value at rank {@code ⌈0.99 n⌉ + k} of what was recorded. Above the limit at the lower bound
 * is broken; within it at the upper bound is held; in between nobody can tell.
 */
final class ResponseTime {
    /** The p99 of fewer values is their maximum. */
    private static final long ENOUGH = 100;

    private static final double QUANTILE = 0.99;
    private static final double MICROS_PER_MILLI = 1000;

    private ResponseTime() {}

    /** What can be said. */
    enum Answer {
        HELD,
        BROKEN,
        NOT_MEASURABLE
    }

    /**
     * @param answer what can be said
     * @param p99Ms the p99 that decided it: its lower bound
     * @param count of how many requests
     * @param phase where
     */
    record Assessment(Answer answer, double p99Ms, long count, String phase) {}

    /** The largest p99 that the limit allows, in milliseconds; null when it sets none, NaN when that needs a baseline. */
    static @Nullable Double allowedMs(OperationFacts operation, ResponseLimit limit) {
        Duration absolute = limit.p99();
        Double times = limit.p99TimesBaseline();
        if (absolute == null && times == null) {
            return null;
        }
        double bound = absolute == null ? Double.NEGATIVE_INFINITY : absolute.toNanos() / 1e6;
        if (times != null) {
            OperationPhase baseline = operation.phases().get(Phase.BASELINE);
            boolean measured = baseline != null && baseline.count() > 0 && !Double.isNaN(baseline.p99Ms());
            if (!measured && absolute == null) {
                return Double.NaN;
            }
            if (baseline != null && measured) {
                bound = Math.max(bound, times * baseline.p99Ms());
            }
        }
        return bound;
    }

    /**
     * Holds the operation's response times against a bound: each phase by itself, and all of them together where one
     * has too few requests to have a p99 of its own.
     */
    static List<Assessment> assess(OperationFacts operation, double allowedMs, List<String> phases) {
        List<Assessment> assessments = new ArrayList<>();
        List<String> thin = new ArrayList<>();
        List<String> all = new ArrayList<>();
        for (String phase : phases) {
            OperationPhase facts = operation.phases().get(phase);
            if (facts == null || facts.count() == 0) {
                continue;
            }
            all.add(phase);
            if (facts.count() >= ENOUGH) {
                assessments.add(ofPhase(operation, phase, facts, allowedMs));
            } else {
                thin.add(phase);
            }
        }
        if (!thin.isEmpty()) {
            assessments.add(together(operation, all, allowedMs));
        }
        return assessments;
    }

    private static Assessment ofPhase(OperationFacts operation, String phase, OperationPhase facts, double allowedMs) {
        double p99 = facts.p99Ms();
        if (Double.isNaN(p99)) {
            return new Assessment(Answer.NOT_MEASURABLE, p99, facts.count(), phase);
        }
        if (p99 > allowedMs) {
            return new Assessment(Answer.BROKEN, p99, facts.count(), phase);
        }
        long failed = Traffic.failed(operation, phase);
        if (failed == 0) {
            return new Assessment(Answer.HELD, p99, facts.count(), phase);
        }
        double upper = upperBound(decode(facts.histogram()), facts.count(), failed, facts.maxMs());
        return new Assessment(upper <= allowedMs ? Answer.HELD : Answer.NOT_MEASURABLE, p99, facts.count(), phase);
    }

    private static Assessment together(OperationFacts operation, List<String> phases, double allowedMs) {
        String where = String.join(" and ", phases);
        long count = 0;
        long failed = 0;
        double max = 0;
        @Nullable Histogram merged = null;
        boolean whole = true;
        for (String phase : phases) {
            OperationPhase facts = operation.phases().get(phase);
            if (facts == null) {
                continue;
            }
            count += facts.count();
            failed += Traffic.failed(operation, phase);
            max = Double.isNaN(facts.maxMs()) ? Double.NaN : Math.max(max, facts.maxMs());
            Histogram histogram = decode(facts.histogram());
            whole &= histogram != null;
            if (merged == null) {
                merged = histogram;
            } else if (histogram != null) {
                merged.setAutoResize(true);
                merged.add(histogram);
            }
        }
        if (failed == 0 && max <= allowedMs) {
            return new Assessment(Answer.HELD, max, count, where);
        }
        if (merged == null || !whole || Double.isNaN(max)) {
            return new Assessment(Answer.NOT_MEASURABLE, max, count, where);
        }
        if (count < ENOUGH) {
            double median = merged.getValueAtPercentile(50) / MICROS_PER_MILLI;
            return median > allowedMs
                    ? new Assessment(Answer.BROKEN, max, count, where)
                    : new Assessment(Answer.NOT_MEASURABLE, max, count, where);
        }
        double p99 = merged.getValueAtPercentile(QUANTILE * 100) / MICROS_PER_MILLI;
        if (p99 > allowedMs) {
            return new Assessment(Answer.BROKEN, p99, count, where);
        }
        boolean held = failed == 0 || upperBound(merged, count, failed, max) <= allowedMs;
        return new Assessment(held ? Answer.HELD : Answer.NOT_MEASURABLE, p99, count, where);
    }

    private static double upperBound(@Nullable Histogram histogram, long count, long failed, double maxMs) {
        double rank = Math.ceil(QUANTILE * count) + failed;
        if (rank > count) {
            return Double.POSITIVE_INFINITY;
        }
        return histogram == null ? maxMs : histogram.getValueAtPercentile(100 * rank / count) / MICROS_PER_MILLI;
    }

    private static @Nullable Histogram decode(String base64) {
        if (base64.isEmpty()) {
            return null;
        }
        try {
            return Histogram.decodeFromCompressedByteBuffer(
                    ByteBuffer.wrap(Base64.getDecoder().decode(base64)), 0);
        } catch (DataFormatException | IllegalArgumentException | IndexOutOfBoundsException e) {
            // The caller then says that it cannot be measured: a damaged histogram never passes a limit.
            return null;
        }
    }
}
