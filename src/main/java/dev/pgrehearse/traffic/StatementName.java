package dev.pgrehearse.traffic;

import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** What a statement does, in words: {@code select orders by id}. */
final class StatementName {
    private StatementName() {}

    static String of(GenericPlan plan, Bindings bindings) {
        List<Binding> compared = bindings.found().values().stream()
                .filter(binding -> binding.column() != null)
                .toList();
        Relation changed = plan.changed();
        Relation main = changed;
        if (main == null) {
            main = compared.stream()
                    .map(binding -> plan.relations().get(binding.alias()))
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElse(plan.relations().values().stream().findFirst().orElse(null));
        }
        String by = String.join(
                ", ",
                compared.stream()
                        .map(binding -> String.valueOf(binding.column()))
                        .distinct()
                        .limit(3)
                        .toList());
        return plan.operation().toLowerCase(Locale.ROOT)
                + (main == null ? "" : " " + (main.schema().equals("public") ? "" : main.schema() + ".") + main.name())
                + (by.isEmpty() ? "" : " by " + by);
    }
}
