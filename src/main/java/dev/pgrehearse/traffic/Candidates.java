package dev.pgrehearse.traffic;

import dev.pgrehearse.values.RowRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes sets of parameters of sampled rows. What is compared comes from one row, so that it belongs together; the several
 * values of a list come from several rows, the ends of a range from two rows in their order, and what is assigned from
 * another row than the one that is looked for.
 */
final class Candidates {
    private static final int STEP = 7919;
    private static final int MOST_CHOICES = 32;

    private final int parameters;
    private final RowRandom random;
    private final Map<Integer, List<String>> known = new LinkedHashMap<>();
    private final Map<Integer, Integer> place = new LinkedHashMap<>();
    private final Map<Integer, Binding> bound = new LinkedHashMap<>();
    private Sampler.Rows rows = new Sampler.Rows(List.of(), new int[0]);
    private Sampler.Rows assigned = new Sampler.Rows(List.of(), new int[0]);
    private final Map<Integer, Integer> assignedPlace = new LinkedHashMap<>();
    private boolean openEnds;
    private final Set<Integer> apart = new LinkedHashSet<>();

    Candidates(int parameters, RowRandom random) {
        this.parameters = parameters;
        this.random = random;
    }

    /**
     * What a text says the same in every call, such as a LIMIT: all combinations of such parameters, each to be tried by
     * itself; one that says nothing when there are none.
     *
     * @param varying parameters that are not the same in every call
     */
    List<Map<Integer, String>> choices(Set<Integer> varying) {
        List<Map<Integer, String>> choices = new ArrayList<>(List.of(Map.of()));
        known.forEach((parameter, values) -> {
            if (values.size() > 1
                    && !varying.contains(parameter)
                    && !bound.containsKey(parameter)
                    && choices.size() * values.size() <= MOST_CHOICES) {
                List<Map<Integer, String>> longer = new ArrayList<>();
                for (Map<Integer, String> choice : choices) {
                    for (String value : values) {
                        Map<Integer, String> more = new LinkedHashMap<>(choice);
                        more.put(parameter, value);
                        longer.add(more);
                    }
                }
                choices.clear();
                choices.addAll(longer);
            }
        });
        return choices;
    }

    /** Without it an open end is taken from any row; with it as often from those next to the end. */
    void askForOpenEnds() {
        openEnds = true;
    }

    /** Values that a parameter has by its place. */
    void know(int parameter, List<String> values) {
        known.put(parameter, values);
    }

    /** What is compared: the bindings in the order of the rows' expressions. */
    void compare(List<Binding> bindings, Sampler.Rows sampled) {
        rows = sampled;
        for (int i = 0; i < bindings.size(); i++) {
            place.put(bindings.get(i).parameter(), i);
            bound.put(bindings.get(i).parameter(), bindings.get(i));
        }
    }

    /**
     * What is assigned.
     *
     * @param order the parameters in the order of the rows' expressions
     * @param parted those that come from rows of their own each, so that they make keys that mostly do not exist
     */
    void assign(List<Integer> order, Sampler.Rows sampled, Set<Integer> parted) {
        assigned = sampled;
        apart.addAll(parted);
        for (int i = 0; i < order.size(); i++) {
            assignedPlace.put(order.get(i), i);
        }
    }

    boolean isRange() {
        return bound.values().stream().anyMatch(binding -> binding.use() == Binding.Use.FROM)
                && bound.values().stream().anyMatch(binding -> binding.use() == Binding.Use.TO);
    }

    /** How many there are: as many as rows, and some when there are none. */
    int size() {
        int most = Math.max(rows.values().size(), assigned.values().size());
        int choices = known.values().stream().mapToInt(List::size).max().orElse(1);
        return Math.max(most, choices);
    }

    /** All of them. */
    List<@Nullable String[]> sets() {
        List<@Nullable String[]> sets = new ArrayList<>();
        boolean range = isRange();
        int count = rows.values().size();
        int[] byRank = new int[count];
        for (int row = 0; row < count; row++) {
            byRank[rows.ranks()[row]] = row;
        }
        for (int i = 0; i < size(); i++) {
            @Nullable String[] set = new String[parameters];
            int low = count == 0 ? 0 : rows.ranks()[i % count];
            // Short ranges are as many as long ones, by the logarithm, and some of any length: the fit decides.
            double drawn = RowRandom.unit(random.bits(i));
            double width = i % 4 == 3 ? drawn * count : Math.exp(drawn * Math.log(count + 1.0)) - 1;
            int high = low + (int) width;
            for (int parameter = 1; parameter <= parameters; parameter++) {
                set[parameter - 1] = value(parameter, i, count, range, byRank, low, high);
            }
            sets.add(set);
        }
        return sets;
    }

    private @Nullable String value(int parameter, int i, int count, boolean range, int[] byRank, int low, int high) {
        Binding binding = bound.get(parameter);
        if (binding != null && count > 0) {
            int at = (int) ((i + (long) binding.element() * STEP) % count);
            if (openEnds && !range && binding.use() != Binding.Use.COMPARED && i % 2 == 0) {
                // An open end: what is next to it is asked for as often as all the rest, by the logarithm.
                int fromEnd = Math.min(count - 1, high - low);
                at = byRank[binding.use() == Binding.Use.FROM ? count - 1 - fromEnd : fromEnd];
            } else if (range && binding.use() == Binding.Use.FROM) {
                at = byRank[low];
            } else if (range && binding.use() == Binding.Use.TO) {
                at = byRank[Math.min(count - 1, high)];
            }
            return rows.values().get(at)[place.getOrDefault(parameter, 0)];
        }
        Integer column = assignedPlace.get(parameter);
        if (column != null && !assigned.values().isEmpty()) {
            int size = assigned.values().size();
            long row = apart.contains(parameter)
                    ? RowRandom.below(RowRandom.mix(random.bits(i) + parameter), size)
                    : (i + size / 2 + 1) % size;
            return assigned.values().get((int) row)[column];
        }
        List<String> values = known.get(parameter);
        if (values == null) {
            return null;
        }
        // By a hash, so that two parameters of the same kind are not tied to each other.
        return values.size() == 1
                ? values.get(0)
                : values.get((int) RowRandom.below(RowRandom.mix(random.bits(i) + parameter), values.size()));
    }

    /** Sets with a value that no row has in place of the first value that is looked for. */
    List<@Nullable String[]> misses(List<@Nullable String[]> of, List<String> types) {
        for (Binding binding : bound.values()) {
            String type = types.get(binding.parameter() - 1);
            if (binding.use() == Binding.Use.COMPARED && MISSES.containsKey(type)) {
                List<@Nullable String[]> misses = new ArrayList<>();
                for (int i = 0; i < of.size(); i++) {
                    @Nullable String[] miss = Arrays.copyOf(of.get(i), parameters);
                    miss[binding.parameter() - 1] = type.equals("uuid")
                            ? new java.util.UUID(random.bits(i), random.bits(~i)).toString()
                            : MISSES.get(type) + i;
                    misses.add(miss);
                }
                return misses;
            }
        }
        return List.of();
    }

    private static final Map<String, String> MISSES = Map.of(
            "integer", "-", "bigint", "-", "uuid", "", "text", "nobody-has-", "character varying", "nobody-has-");
}
