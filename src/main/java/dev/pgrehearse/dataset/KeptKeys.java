package dev.pgrehearse.dataset;

import dev.pgrehearse.profile.Profile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.ToLongFunction;

/**
 * How a table's unique keys are kept: by groups of columns whose values never repeat, and by groups that are unique together.
 * Immutable.
 */
final class KeptKeys {
    static final KeptKeys NONE = new KeptKeys(Set.of(), List.of());

    /** How many more pairs than rows there should be for two columns to be unique without a third. */
    private static final double AMPLE = 2;

    /**
     * Groups that are unique together.
     *
     * @param first keeps its order in the table
     */
    record Together(ColumnGroup first, List<ColumnGroup> others) {
        boolean holds(ColumnGroup group) {
            return first.equals(group) || others.contains(group);
        }
    }

    private final Set<ColumnGroup> unique;
    private final List<Together> together;

    private KeptKeys(Set<ColumnGroup> unique, List<Together> together) {
        this.unique = Set.copyOf(unique);
        this.together = List.copyOf(together);
    }

    /**
     * How to keep them: narrow ones first, since what makes a part unique makes the whole unique.
     *
     * @param groups of the columns that come from the profile; a key with another column is left to whoever fills that
     * @param referred how many different rows a group can refer to
     * @param problem told of keys that cannot be seen to, and why
     */
    static KeptKeys of(
            ProfiledTarget target,
            List<ColumnGroup> groups,
            List<UniqueKey> keys,
            ToLongFunction<ColumnGroup> referred,
            BiConsumer<UniqueKey, String> problem) {
        Set<ColumnGroup> unique = new HashSet<>();
        List<Together> together = new ArrayList<>();
        List<List<ColumnGroup>> wide = new ArrayList<>();
        List<UniqueKey> narrowFirst = keys.stream()
                .sorted(Comparator.comparingInt(key -> key.columns().size()))
                .toList();
        for (UniqueKey key : narrowFirst) {
            Optional<List<ColumnGroup>> members = members(key, groups);
            if (members.isEmpty() || members.get().stream().anyMatch(unique::contains)) {
                continue;
            }
            Optional<ColumnGroup> allDifferent =
                    members.get().stream().filter(KeptKeys::isAllDifferent).findFirst();
            if (members.get().size() == 1) {
                // Over some rows only: unique over all of them, unless there is not so much to refer to.
                if (!key.partial() || referred.applyAsLong(members.get().get(0)) >= target.rows()) {
                    unique.add(members.get().get(0));
                }
            } else if (allDifferent.isPresent()) {
                unique.add(allDifferent.get());
            } else {
                wide.add(members.get());
            }
        }
        for (UniqueKey key : narrowFirst) {
            members(key, groups)
                    .filter(members ->
                            wide.contains(members) && members.stream().noneMatch(unique::contains))
                    .filter(members -> !keep(target, members, wide, together) && !key.partial())
                    .ifPresent(members -> problem.accept(
                            key, "shares a column with another unique key, of which one alone can be seen to"));
        }
        return new KeptKeys(unique, together);
    }

    private static Optional<List<ColumnGroup>> members(UniqueKey key, List<ColumnGroup> groups) {
        Set<ColumnGroup> members = new LinkedHashSet<>();
        for (int column : key.columns()) {
            Optional<ColumnGroup> group =
                    groups.stream().filter(each -> each.holds(column)).findFirst();
            if (group.isEmpty()) {
                return Optional.empty();
            }
            members.add(group.get());
        }
        return Optional.of(List.copyOf(members));
    }

    /** Whether ANALYZE saw no value twice, as of a column that counts up beside the one of a partition key. */
    private static boolean isAllDifferent(ColumnGroup group) {
        Profile.Column profile = group.profile();
        return profile != null && group.reference() == null && profile.distinct() == -1;
    }

    /** Whether they can be kept beside those that are kept already: those may share their first group, and nothing else. */
    private static boolean keep(
            ProfiledTarget target, List<ColumnGroup> members, List<List<ColumnGroup>> wide, List<Together> together) {
        for (Together other : together) {
            if (members.contains(other.first()) && members.containsAll(other.others())) {
                return true;
            }
        }
        List<ColumnGroup> taken = members.stream()
                .filter(member -> together.stream().anyMatch(other -> other.holds(member)))
                .toList();
        boolean sharesFirst = taken.size() == 1
                && together.stream().noneMatch(other -> other.others().contains(taken.get(0)));
        if (!taken.isEmpty() && !sharesFirst) {
            return false;
        }
        List<ColumnGroup> widest = members.stream()
                .sorted(Comparator.comparingDouble((ColumnGroup member) -> distinctOf(member, target))
                        .reversed())
                .toList();
        // The two with the most values if they can be unique together, since then so are all.
        boolean two = distinctOf(widest.get(0), target) * distinctOf(widest.get(1), target) > target.rows() * AMPLE;
        List<ColumnGroup> chosen = two && taken.isEmpty() ? widest.subList(0, 2) : widest;
        // One that other keys share, so that they can be kept as well; then the one that has an order in the table.
        ColumnGroup first = taken.isEmpty()
                ? chosen.stream()
                        .max(Comparator.comparingLong((ColumnGroup member) -> wide.stream()
                                        .filter(key -> key.contains(member))
                                        .count())
                                .thenComparingDouble(member -> Math.abs(member.correlation())))
                        .orElseThrow()
                : taken.get(0);
        together.add(new Together(
                first, chosen.stream().filter(member -> !member.equals(first)).toList()));
        return true;
    }

    private static double distinctOf(ColumnGroup group, ProfiledTarget target) {
        Profile.Column profile = group.profile();
        return profile == null ? 1 : profile.distinctOf(target.profile().rows());
    }

    /** Whether the group's values never repeat. */
    boolean isUnique(ColumnGroup group) {
        return unique.contains(group);
    }

    /** Whether the group is unique together with others. */
    boolean isPaired(ColumnGroup group) {
        return together.stream().anyMatch(each -> each.holds(group));
    }

    /** All keys of which the group is the first. */
    List<Together> ledBy(ColumnGroup group) {
        return together.stream().filter(each -> each.first().equals(group)).toList();
    }

    /** The key that a paired group is in; of a first one any. */
    Together of(ColumnGroup group) {
        return together.stream().filter(each -> each.holds(group)).findFirst().orElseThrow();
    }
}
