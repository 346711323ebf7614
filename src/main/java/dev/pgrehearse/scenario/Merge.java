package dev.pgrehearse.scenario;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lays one document over another, as {@code extends} and {@code with} do. */
final class Merge {
    private Merge() {}

    /**
     * Mappings are merged key by key; everything else of {@code over} replaces what is below. So do sources of values: a
     * column cannot have two, and half of two lists of weights is neither.
     */
    static Part.Mapping deeply(Part.Mapping below, Part.Mapping over) {
        return merge(below, over, List.of());
    }

    private static Part.Mapping merge(Part.Mapping below, Part.Mapping over, List<String> path) {
        Map<String, Part.Entry> entries = new LinkedHashMap<>(below.entries());
        over.entries().forEach((key, entry) -> {
            List<String> here = new ArrayList<>(path);
            here.add(key);
            Part.Entry existing = entries.get(key);
            if (existing != null
                    && existing.value() instanceof Part.Mapping lower
                    && entry.value() instanceof Part.Mapping upper
                    && !isSource(here)
                    && !isOtherTraffic(here, lower, upper)) {
                entries.put(key, new Part.Entry(entry.keyPlace(), merge(lower, upper, here)));
            } else {
                entries.put(key, entry);
            }
        });
        return new Part.Mapping(over.place(), entries);
    }

    /** Steps over a daily curve, or the other way round: a rate has one of them, so they are not mixed. Nor are two lists. */
    private static boolean isOtherTraffic(List<String> path, Part.Mapping lower, Part.Mapping upper) {
        int size = path.size();
        return size >= 2
                && path.get(size - 2).equals("workload")
                && path.get(size - 1).equals("rate")
                && (lower.child("steps") != null || upper.child("steps") != null);
    }

    /** Whether a path leads to the source of a column's or a parameter's values, in the scenario or in a variant. */
    private static boolean isSource(List<String> path) {
        boolean inVariant = path.size() > 4
                && path.get(0).equals("migration")
                && path.get(3).equals("with");
        List<String> plain = inVariant ? path.subList(4, path.size()) : path;
        if (plain.size() != 5) {
            return false;
        }
        String place = plain.get(0) + "." + plain.get(1) + "." + plain.get(3);
        return place.equals("dataset.tables.columns") || place.equals("workload.operations.params");
    }
}
