package dev.pgrehearse.plan;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a command line chooses from a scenario.
 *
 * @param variants names; empty for all
 * @param size a size's name; null for the scenario's default
 * @param scale the factor on row counts, above 0
 * @param seed of all random choices
 * @param repeat how often each variant is rehearsed, at least 1
 * @param adversaries which adversaries are planted
 */
public record Choices(
        List<String> variants, @Nullable String size, double scale, long seed, int repeat, Adversaries adversaries) {
    /** With the scenario's own adversaries. */
    public Choices(List<String> variants, @Nullable String size, double scale, long seed, int repeat) {
        this(variants, size, scale, seed, repeat, Adversaries.DECLARED);
    }

    /** Which adversaries are planted. */
    public enum Adversaries {
        /** Those that the scenario lists, all at once; or each of the standard set, where it says {@code standard}. */
        DECLARED,
        /** Each of the standard set alone, and none. */
        EACH,
        /** None. */
        NONE
    }
}
