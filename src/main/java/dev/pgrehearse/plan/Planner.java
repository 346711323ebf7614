package dev.pgrehearse.plan;

import dev.pgrehearse.dataset.DiskEstimate;
import dev.pgrehearse.restore.RestoreEstimate;
import dev.pgrehearse.scenario.AdversarySpec;
import dev.pgrehearse.scenario.DatasetSpec;
import dev.pgrehearse.scenario.NearestName;
import dev.pgrehearse.scenario.PhasesSpec;
import dev.pgrehearse.scenario.ProfiledSpec;
import dev.pgrehearse.scenario.RestoreSpec;
import dev.pgrehearse.scenario.Scenario;
import dev.pgrehearse.scenario.StandardAdversaries;
import dev.pgrehearse.scenario.StopSpec;
import dev.pgrehearse.scenario.Variant;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Turns a scenario and a command line's choices into a plan. Pure, but for the sizes of what is restored. */
public final class Planner {
    private static final MathContext UPWARD = new MathContext(2, RoundingMode.UP);

    private static final String QUIET = StandardAdversaries.QUIET;

    private Planner() {}

    /**
     * Makes the plan.
     *
     * @throws PlanMistakes when a variant or size is asked for that the scenario does not have, or a figure is out of range
     */
    public static Plan plan(Scenario scenario, Choices choices) throws PlanMistakes {
        List<String> mistakes = mistakes(scenario, choices);
        if (!mistakes.isEmpty()) {
            throw new PlanMistakes(mistakes);
        }
        List<Rehearsal> rehearsals = new ArrayList<>();
        List<String> unmeasured = new ArrayList<>();
        for (Variant variant : scenario.variants()) {
            if (choices.variants().isEmpty() || choices.variants().contains(variant.name())) {
                for (Planted planted : planted(variant, choices)) {
                    for (int run = 1; run <= choices.repeat(); run++) {
                        rehearsals.add(rehearsal(scenario, planted, choices, run));
                    }
                }
            }
        }
        rehearsals.forEach(rehearsal -> unmeasured.addAll(unmeasured(rehearsal, rehearsals)));
        if (!unmeasured.isEmpty()) {
            throw new PlanMistakes(unmeasured.stream().distinct().toList());
        }
        return new Plan(rehearsals);
    }

    /**
     * A variant at a size that the scenario does not name, without load and adversaries.
     *
     * @param size what to call it
     * @param rows by table
     */
    public static Rehearsal quiet(Scenario scenario, Variant variant, String size, Map<String, Long> rows, long seed) {
        return new Rehearsal(
                variant.name(),
                scenario,
                variant.withoutPauses().under(QUIET, List.of()),
                QUIET,
                size,
                1,
                rows,
                seed,
                Duration.ZERO,
                bytesFor(variant.conditions().dataset(), rows));
    }

    /**
     * A variant at a size that the scenario does not name, under the scenario's own load and adversaries.
     *
     * @param size what to call it
     * @param rows by table
     */
    public static Rehearsal underLoad(
            Scenario scenario, Variant variant, String size, Map<String, Long> rows, long seed) {
        return new Rehearsal(
                variant.name(),
                scenario,
                variant,
                null,
                size,
                1,
                rows,
                seed,
                leastTime(variant),
                bytesFor(variant.conditions().dataset(), rows));
    }

    /** What a rehearsal under load takes at least before its migration begins. */
    public static Duration leastTime(Variant variant) {
        PhasesSpec phases = variant.conditions().phases();
        Duration adversaries = variant.conditions().adversaries().stream()
                .map(AdversarySpec::startsBefore)
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
        Duration baseline = phases.baseline().compareTo(adversaries) > 0
                ? phases.baseline()
                : phases.baseline().plus(adversaries);
        return phases.warmup().plus(baseline);
    }

    /**
     * A variant with its adversaries.
     *
     * @param under which one of the standard set; null when it is not rehearsed under one of those alone
     */
    private record Planted(Variant variant, @Nullable String under) {
        String id() {
            return under == null ? variant.name() : variant.name() + StandardAdversaries.UNDER + under;
        }
    }

    private static List<Planted> planted(Variant variant, Choices choices) {
        StandardAdversaries declared = variant.conditions().standard();
        if (choices.adversaries() == Choices.Adversaries.NONE) {
            return List.of(new Planted(variant.under(QUIET, List.of()), QUIET));
        }
        if (choices.adversaries() == Choices.Adversaries.DECLARED && declared == null) {
            return List.of(new Planted(variant, null));
        }
        StandardAdversaries standard = declared == null ? StandardAdversaries.DEFAULT : declared;
        List<Planted> planted = new ArrayList<>();
        standard.planted(target(variant, standard, choices).orElseThrow())
                .forEach((name, adversaries) -> planted.add(new Planted(variant.under(name, adversaries), name)));
        return planted;
    }

    /** The table that the standard set holds on to; empty when nobody can tell which. */
    private static Optional<String> target(Variant variant, StandardAdversaries standard, Choices choices) {
        if (standard.table() != null) {
            return Optional.of(standard.table());
        }
        if (!variant.tables().isEmpty()) {
            return Optional.of(variant.tables().get(0));
        }
        return variant
                .conditions()
                .dataset()
                .sizes()
                .getOrDefault(sizeOf(variant, choices), Map.of())
                .entrySet()
                .stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey);
    }

    private static boolean isEach(Variant variant, Choices choices) {
        return choices.adversaries() == Choices.Adversaries.EACH
                || (choices.adversaries() == Choices.Adversaries.DECLARED
                        && variant.conditions().standard() != null);
    }

    /** Variants for which no table is known that the standard set could hold on to, as of a dump that is not read yet. */
    private static List<String> untargeted(Scenario scenario, Choices choices) {
        List<String> mistakes = new ArrayList<>();
        for (Variant variant : scenario.variants()) {
            StandardAdversaries declared = variant.conditions().standard();
            StandardAdversaries standard = declared == null ? StandardAdversaries.DEFAULT : declared;
            if (isEach(variant, choices) && target(variant, standard, choices).isEmpty()) {
                mistakes.add("--adversaries each: nobody can tell which table " + variant.name()
                        + " changes, since the dataset's tables are not known before it is restored; expected:"
                        + " `adversaries: { standard: { table: <name> } }` in the scenario");
            }
        }
        return mistakes;
    }

    /** Stops at a share of a duration that this plan will not have measured by then, at the same size. */
    private static List<String> unmeasured(Rehearsal rehearsal, List<Rehearsal> all) {
        List<Rehearsal> before = all.subList(0, all.indexOf(rehearsal));
        List<String> mistakes = new ArrayList<>();
        for (StopSpec.OfVariant stop : rehearsal.variant().migration().stopsOfVariants()) {
            boolean measured = before.stream()
                    .anyMatch(other -> other.variant().name().equals(stop.variant())
                            && other.size().equals(rehearsal.size())
                            && other.rows().equals(rehearsal.rows()));
            if (!measured) {
                boolean otherSize =
                        before.stream().anyMatch(other -> other.variant().name().equals(stop.variant()));
                mistakes.add(rehearsal.variant().name() + " is to be stopped " + stop.inWords() + ": " + stop.variant()
                        + (otherSize
                                ? " is rehearsed at another size; expected: the same size, or `expected:` in place of `of:`"
                                : " is not among the rehearsals; expected: also --variant " + stop.variant()
                                        + ", or `expected:` in place of `of:`"));
            }
        }
        return mistakes;
    }

    private static Rehearsal rehearsal(Scenario scenario, Planted planted, Choices choices, int run) {
        Variant variant = planted.variant();
        String size = sizeOf(variant, choices);
        Map<String, Long> rows = new LinkedHashMap<>();
        Objects.requireNonNull(variant.conditions().dataset().sizes().get(size))
                .forEach((table, count) -> rows.put(table, rowsOf(variant, count, choices.scale())));
        return new Rehearsal(
                choices.repeat() == 1 ? planted.id() : planted.id() + "-" + run,
                scenario,
                variant,
                planted.under(),
                size,
                choices.scale(),
                rows,
                choices.seed(),
                leastTime(variant),
                bytesFor(variant.conditions().dataset(), rows));
    }

    private static long bytesFor(DatasetSpec dataset, Map<String, Long> rows) {
        RestoreSpec restore = dataset.restore();
        return restore == null ? DiskEstimate.bytesFor(dataset, rows) : RestoreEstimate.bytesFor(restore);
    }

    private static long rowsOf(Variant variant, long count, double scale) {
        return variant.conditions().dataset().profile() == null
                ? Math.round(count * scale)
                : ProfiledSpec.scaled(count, scale);
    }

    private static List<String> mistakes(Scenario scenario, Choices choices) {
        List<String> mistakes = new ArrayList<>();
        List<String> names = scenario.variants().stream().map(Variant::name).toList();
        for (String asked : choices.variants()) {
            if (!names.contains(asked)) {
                mistakes.add("--variant " + asked + ": the scenario has no such variant; it has "
                        + String.join(", ", names) + nearest(asked, names));
            }
        }
        for (Variant variant : scenario.variants()) {
            Map<String, Map<String, Long>> sizes =
                    variant.conditions().dataset().sizes();
            if (!sizes.containsKey(sizeOf(variant, choices))) {
                mistakes.add("--size " + sizeOf(variant, choices) + ": the scenario has no such size; it has "
                        + String.join(", ", sizes.keySet()) + nearest(sizeOf(variant, choices), sizes.keySet()));
                break;
            }
        }
        boolean scales = choices.scale() > 0 && !Double.isInfinite(choices.scale());
        if (!scales) {
            mistakes.add("--scale " + choices.scale() + ": a factor above 0 is expected, such as 0.01");
        }
        if (scales && choices.scale() != 1) {
            scenario.variants().stream()
                    .filter(variant -> variant.conditions().dataset().restore() != null)
                    .findFirst()
                    .ifPresent(restored -> mistakes.add("--scale " + plain(choices.scale())
                            + ": the dataset is restored, with the rows that it has; leave --scale out"));
        }
        if (scales) {
            mistakes.addAll(emptied(scenario, choices));
        }
        mistakes.addAll(untargeted(scenario, choices));
        if (choices.repeat() < 1) {
            mistakes.add("--repeat " + choices.repeat() + ": a number of at least 1 is expected");
        }
        return mistakes;
    }

    private static String nearest(String wrong, Collection<String> names) {
        String nearest = NearestName.of(wrong, names);
        return nearest == null ? "" : "; did you mean `" + nearest + "`?";
    }

    /** A table that the scenario fills and the scale empties: the workload would find no row to ask for. */
    private static Set<String> emptied(Scenario scenario, Choices choices) {
        Set<String> emptied = new LinkedHashSet<>();
        for (Variant variant : scenario.variants()) {
            variant.conditions()
                    .dataset()
                    .sizes()
                    .getOrDefault(sizeOf(variant, choices), Map.of())
                    .forEach((table, count) -> {
                        if (count > 0 && rowsOf(variant, count, choices.scale()) == 0) {
                            emptied.add("--scale " + plain(choices.scale()) + " leaves " + table + " with 0 rows of "
                                    + count
                                    + "; a factor of at least "
                                    + BigDecimal.ONE
                                            .divide(BigDecimal.valueOf(count), UPWARD)
                                            .toPlainString()
                                    + " is expected");
                        }
                    });
        }
        return emptied;
    }

    private static String plain(double number) {
        return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
    }

    private static String sizeOf(Variant variant, Choices choices) {
        return choices.size() != null
                ? choices.size()
                : variant.conditions().dataset().defaultSize();
    }
}
