package dev.pgrehearse.dataset;

import dev.pgrehearse.profile.Profile;
import dev.pgrehearse.values.Quotas;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The common values of a profiled column: how often, and where among the column's values in their order.
 *
 * <p>A value is known when the profile was taken with values, when it is the label of an enum or a boolean, or when a CHECK
 * lists all values there may be: then it stands where it belongs. Of any other only its length is known, if that, and it
 * stands anywhere.
 *
 * @param quotas of the column
 * @param known all values in their order, when every one is known; empty otherwise
 * @param overlaid by index, known values among others that are not
 * @param lengths by index, lengths in bytes of common values that are not known
 */
record CommonValues(Quotas quotas, List<String> known, Map<Long, String> overlaid, Map<Long, Integer> lengths) {
    private record Placed(
            Quotas.Common common,
            @Nullable String value,
            @Nullable Integer length) {}

    /** Where a value goes of which nothing is known but a number. */
    interface Place {
        double of(int number);
    }

    /** Values of which none is more common than others. */
    static CommonValues even(long distinct, long ranks, List<String> listed) {
        List<String> known = listed.isEmpty() ? listed : listed.subList(0, (int) Math.min(distinct, listed.size()));
        return new CommonValues(Quotas.even(distinct, ranks), List.copyOf(known), Map.of(), Map.of());
    }

    /**
     * Of a column.
     *
     * @param column its statistics
     * @param distinct how many different values it has
     * @param ranks how many rows have one
     * @param listed all values that it may have, in their order; empty when there is no such list
     * @param anywhere for values whose place is not known
     */
    static CommonValues of(Profile.Column column, long distinct, long ranks, List<String> listed, Place anywhere) {
        double present = Math.max(1e-9, 1 - column.nullShare());
        List<String> values = listed.isEmpty() ? written(column, distinct) : chosen(column, distinct, listed);
        List<Placed> placed = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (int number = 0; number < column.common().size(); number++) {
            Profile.Common common = column.common().get(number);
            String value = common.value();
            if (value == null || (!listed.isEmpty() && !values.contains(value))) {
                value = values.isEmpty() ? null : ofLength(values, taken, common.length());
            }
            if (value != null) {
                taken.add(value);
            }
            Double told = common.place();
            double place = told != null ? told : anywhere.of(number);
            placed.add(new Placed(
                    new Quotas.Common(place, Math.min(1, common.frequency() / present)), value, common.length()));
        }
        if (column.emptyShare() > 0) {
            // The first of all ranges in PostgreSQL's order; pg_stats has its share of those that are not NULL.
            placed.add(new Placed(new Quotas.Common(0, column.emptyShare()), null, null));
        }
        if (!values.isEmpty()) {
            return allKnown(values, placed, ranks);
        }
        return someKnown(placed, distinct, ranks);
    }

    private static CommonValues allKnown(List<String> values, List<Placed> placed, long ranks) {
        Map<String, Double> frequencies = new HashMap<>();
        placed.forEach(value ->
                frequencies.put(String.valueOf(value.value()), value.common().frequency()));
        List<Quotas.Common> commons = new ArrayList<>();
        int others = values.size() - frequencies.size();
        int othersBefore = 0;
        for (int index = 0; index < values.size(); index++) {
            Double frequency = frequencies.get(values.get(index));
            if (frequency == null) {
                othersBefore++;
            } else {
                // Among values in a row with no others between, the index alone tells the order.
                double place = others == 0 ? index / (double) values.size() : othersBefore / (double) others;
                commons.add(new Quotas.Common(place + index * 1e-9, frequency));
            }
        }
        Quotas quotas = Quotas.of(values.size(), ranks, commons);
        return new CommonValues(
                quotas,
                List.copyOf(values.subList(0, (int) Math.min(values.size(), quotas.distinct()))),
                Map.of(),
                Map.of());
    }

    private static CommonValues someKnown(List<Placed> placed, long distinct, long ranks) {
        List<Placed> inOrder = placed.stream()
                .sorted(Comparator.comparingDouble(value -> value.common().place()))
                .toList();
        Quotas quotas =
                Quotas.of(distinct, ranks, inOrder.stream().map(Placed::common).toList());
        Map<Long, String> overlaid = new HashMap<>();
        Map<Long, Integer> lengths = new HashMap<>();
        for (int number = 0; number < quotas.common().size(); number++) {
            Quotas.Common common = quotas.common().get(number);
            long index = quotas.indexOfCommon(number);
            for (Placed placedValue : inOrder) {
                String value = placedValue.value();
                Integer length = placedValue.length();
                if (!placedValue.common().equals(common)) {
                    continue;
                }
                if (value != null) {
                    overlaid.put(index, value);
                } else if (length != null) {
                    lengths.put(index, length);
                }
            }
        }
        return new CommonValues(quotas, List.of(), overlaid, lengths);
    }

    /** All values of the column, in their order, when the profile has them all; else none. */
    private static List<String> written(Profile.Column column, long distinct) {
        List<String> values = new ArrayList<>();
        for (Profile.Common common : column.common()) {
            if (common.value() != null) {
                values.add(common.value());
            }
        }
        boolean all = !values.isEmpty() && values.size() == column.common().size() && values.size() >= distinct;
        return all ? values.stream().sorted(ValueOrder.INSTANCE::compare).toList() : List.of();
    }

    /** As many of the listed values as occur: those that are common, then the first others. */
    private static List<String> chosen(Profile.Column column, long distinct, List<String> listed) {
        Set<String> chosen = new HashSet<>();
        for (Profile.Common common : column.common()) {
            String value = common.value();
            if (value != null && listed.contains(value)) {
                chosen.add(value);
            } else {
                chosen.add(ofLength(listed, chosen, common.length()));
            }
        }
        for (String value : listed) {
            if (chosen.size() < distinct) {
                chosen.add(value);
            }
        }
        return listed.stream().filter(chosen::contains).toList();
    }

    /** A value that is not taken yet: of that length if there is one. */
    private static String ofLength(List<String> values, Set<String> taken, @Nullable Integer length) {
        List<String> free =
                values.stream().filter(value -> !taken.contains(value)).toList();
        if (free.isEmpty()) {
            return values.get(0);
        }
        return free.stream()
                .filter(value -> length != null && value.length() == length)
                .findFirst()
                .orElse(free.get(0));
    }
}
