package dev.pgrehearse.scenario;

import java.time.Duration;

/** When a migration, or one step of it, is to be stopped half-way: a time counted from its start. */
public sealed interface StopSpec {
    /** As a scenario would write it: {@code at 50% of as-written}. */
    String inWords();

    /** So long after the start. */
    record After(Duration after) implements StopSpec {
        @Override
        public String inWords() {
            return "after " + Quantities.print(after);
        }
    }

    /**
     * At a share of a duration that the user expects.
     *
     * @param share above 0, at most 1
     */
    record OfExpected(double share, Duration expected) implements StopSpec {
        /** The time that this comes down to. */
        public Duration after() {
            return part(share, expected);
        }

        @Override
        public String inWords() {
            return "at " + percent(share) + " of the expected " + Quantities.print(expected);
        }
    }

    /**
     * At a share of the duration that another variant's migration had in the same run.
     *
     * @param share above 0, at most 1
     * @param variant that variant's name; it comes before this one in the scenario
     */
    record OfVariant(double share, String variant) implements StopSpec {
        /** The time that this comes down to when that migration took so long. */
        public Duration after(Duration measured) {
            return part(share, measured);
        }

        @Override
        public String inWords() {
            return "at " + percent(share) + " of " + variant;
        }
    }

    private static Duration part(double share, Duration whole) {
        return Duration.ofNanos(Math.round(share * whole.toNanos()));
    }

    private static String percent(double share) {
        return Quantities.plain(share * 100) + "%";
    }
}
