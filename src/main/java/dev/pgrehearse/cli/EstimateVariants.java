package dev.pgrehearse.cli;

import dev.pgrehearse.scenario.NearestName;
import dev.pgrehearse.scenario.Scenario;
import dev.pgrehearse.scenario.Variant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which variants can be estimated. Stateless. */
final class EstimateVariants {
    private EstimateVariants() {}

    /**
     * Those that were asked for; without any, all that run to their end.
     *
     * @throws WrongInput with every mistake
     */
    static List<Variant> of(Scenario scenario, List<String> asked) {
        List<String> names = scenario.variants().stream().map(Variant::name).toList();
        List<String> mistakes = new ArrayList<>();
        for (String name : asked) {
            if (!names.contains(name)) {
                String nearest = NearestName.of(name, names);
                mistakes.add("--variant " + name + ": the scenario has no such variant; it has "
                        + String.join(", ", names) + (nearest == null ? "" : "; did you mean `" + nearest + "`?"));
            }
        }
        List<Variant> chosen = scenario.variants().stream()
                .filter(variant -> asked.isEmpty() ? !isStopped(variant) : asked.contains(variant.name()))
                .toList();
        for (Variant variant : chosen) {
            if (isStopped(variant)) {
                mistakes.add(
                        variant.name() + " is stopped half-way, as the scenario says: it has no duration to estimate");
            }
            if (variant.conditions().dataset().restore() != null) {
                mistakes.add(
                        variant.name() + ": its dataset is restored, with the rows that it has, so there are no smaller"
                                + " sizes to measure. Take a profile of it (pgrehearse profile), and let the scenario generate"
                                + " its data from that.");
            }
        }
        if (chosen.isEmpty() && mistakes.isEmpty()) {
            mistakes.add("every variant of the scenario is stopped half-way: there is no duration to estimate");
        }
        if (!mistakes.isEmpty()) {
            throw new WrongInput(String.join("\n", mistakes));
        }
        return chosen;
    }

    private static boolean isStopped(Variant variant) {
        return variant.migration().stop() != null
                || variant.migration().steps().stream().anyMatch(step -> step.stop() != null);
    }

    /**
     * Rows by table in one of the variant's sizes.
     *
     * @param asked its name; null for the default
     */
    static Map<String, Long> size(Variant variant, @Nullable String asked) {
        Map<String, Map<String, Long>> sizes = variant.conditions().dataset().sizes();
        String name = asked == null ? variant.conditions().dataset().defaultSize() : asked;
        Map<String, Long> size = sizes.get(name);
        if (size == null || size.isEmpty()) {
            throw new WrongInput("--size " + name + ": the scenario has no such size with rows in it; it has "
                    + String.join(", ", sizes.keySet()));
        }
        return size;
    }
}
