package dev.pgrehearse.verdict;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Makes one finding of those that say the same of several operations: whoever reads them at night has one minute. */
final class Gathered {
    private Gathered() {}

    /** The worst finding of each severity, gravest first, with the others of the same severity named in its effect. */
    static List<Finding> ofOperations(List<Finding> findings) {
        List<Finding> gathered = new ArrayList<>();
        for (Severity severity : Severity.values()) {
            List<Finding> alike = findings.stream()
                    .filter(finding -> finding.severity() == severity)
                    .sorted(Comparator.comparingDouble(Finding::measured).reversed())
                    .toList();
            if (!alike.isEmpty()) {
                gathered.add(together(alike.get(0), alike.subList(1, alike.size())));
            }
        }
        return gathered;
    }

    private static Finding together(Finding worst, List<Finding> others) {
        if (others.isEmpty()) {
            return worst;
        }
        List<String> told = others.stream()
                .map(finding -> finding.title() + " (limit " + Figures.measured(finding.limit(), finding.unit()) + ")")
                .toList();
        return new Finding(
                worst.rule(),
                worst.severity(),
                worst.statement(),
                worst.measured(),
                worst.limit(),
                worst.unit(),
                worst.title() + "; likewise " + Figures.count(others.size(), "other operation", "other operations"),
                worst.effect() + " Likewise: " + String.join("; ", told) + ".",
                worst.safer());
    }
}
