package dev.pgrehearse.traffic;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** What a statement does, in words: {@code select orders by id}. */
final class StatementName {
    private StatementName() {}

    /**
     * A name.
     *
     * @param tables by alias; of a partition the partitioned table
     */
    static String of(GenericPlan plan, Map<String, TargetTable> tables, Bindings bindings) {
        List<Binding> compared = bindings.found().values().stream()
                .filter(binding -> binding.column() != null)
                .toList();
        Relation main = plan.changed();
        if (main == null) {
            main = compared.stream()
                    .map(binding -> tables.get(binding.alias()))
                    .filter(Objects::nonNull)
                    .map(TargetTable::relation)
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
