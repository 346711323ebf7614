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
 */
public record Choices(List<String> variants, @Nullable String size, double scale, long seed, int repeat) {}
