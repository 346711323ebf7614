package dev.pgrehearse.dataset;

import dev.pgrehearse.profile.Profile;
import dev.pgrehearse.values.Arrangement;
import dev.pgrehearse.values.Domain;
import dev.pgrehearse.values.Domains;
import dev.pgrehearse.values.Draw;
import dev.pgrehearse.values.NullRows;
import dev.pgrehearse.values.PairedDraws;
import dev.pgrehearse.values.Quotas;
import dev.pgrehearse.values.RankedValues;
import dev.pgrehearse.values.ValueGenerator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The columns of one table of a profile: which values each has, and which row gets which.
 *
 * <p>What needs another table's values asks {@link ProfiledKeys}; so everything is made when first asked for, and kept. Not
 * thread-safe by itself: {@link ProfiledKeys} sees to that.
 */
final class ProfiledColumns {
    /** Share of rows in which a value may be mended without anybody seeing it in the statistics. */
    private static final double SELDOM = 0.02;

    private final ProfiledTarget target;
    private final List<ColumnGroup> groups;
    private final Map<CatalogueColumn, ValueGenerator> specified;
    private final ProfiledShapes shapes;
    private final ProfiledKeys keys;
    private final long seed;
    /** Groups whose values never repeat. */
    private final Set<ColumnGroup> unique = new HashSet<>();
    /** By group, the other one of a unique key of two; the first of both comes first in the map. */
    private final Map<ColumnGroup, ColumnGroup> pairs = new LinkedHashMap<>();

    /** By the greater of two compared columns, the lesser. */
    private final Map<ColumnGroup, ColumnGroup> lesser = new LinkedHashMap<>();

    /** Those of the greater ones that go by the lesser one's ranks. */
    private final Set<ColumnGroup> coupled = new HashSet<>();

    private final Map<ColumnGroup, CommonValues> values = new HashMap<>();
    private final Map<ColumnGroup, Draw> draws = new HashMap<>();
    private final Map<ColumnGroup, PairedDraws> pairedDraws = new HashMap<>();
    private final Map<CatalogueColumn, Domain> domains = new HashMap<>();
    private final Set<CatalogueColumn> beingMade = new LinkedHashSet<>();

    /**
     * @param groups of all columns that come from the profile
     * @param specified those whose values come from the scenario
     */
    ProfiledColumns(
            ProfiledTarget target,
            List<ColumnGroup> groups,
            Map<CatalogueColumn, ValueGenerator> specified,
            ProfiledShapes shapes,
            ProfiledKeys keys,
            long seed) {
        this.target = target;
        this.groups = List.copyOf(groups);
        this.specified = Map.copyOf(specified);
        this.shapes = shapes;
        this.keys = keys;
        this.seed = seed;
    }

    ProfiledTarget target() {
        return target;
    }

    /**
     * Sees to it that in each row one column is not above another. Where that would often be so, both take their values in
     * the same order of the rows, so that a row's place among the values is the same in both; what is left is mended value
     * by value ({@link NotBelow}). Columns that refer to others, or come from the scenario, are left to the server's check.
     */
    void compare(List<TableLimits.Pair> comparisons) {
        for (TableLimits.Pair pair : comparisons) {
            ColumnGroup low = plainGroup(pair.lesser());
            ColumnGroup high = plainGroup(pair.greater());
            if (low != null && high != null && !lesser.containsKey(high)) {
                lesser.put(high, low);
            }
        }
    }

    private @Nullable ColumnGroup plainGroup(String column) {
        CatalogueColumn found = target.table().column(column);
        ColumnGroup group = found == null ? null : groupOf(found.number());
        return group == null || group.reference() != null ? null : group;
    }

    /**
     * Sees to it that unique keys hold: narrow ones first, since what makes a part unique makes the whole unique.
     *
     * @param problem told of keys that cannot be seen to, and why
     */
    void keep(List<UniqueKey> uniqueKeys, BiConsumer<UniqueKey, String> problem) {
        List<UniqueKey> narrowFirst = uniqueKeys.stream()
                .sorted((left, right) ->
                        Integer.compare(left.columns().size(), right.columns().size()))
                .toList();
        for (UniqueKey key : narrowFirst) {
            Set<ColumnGroup> members = new LinkedHashSet<>();
            boolean ours = true;
            for (int column : key.columns()) {
                ColumnGroup group = groupOf(column);
                ours &= group != null;
                if (group != null) {
                    members.add(group);
                }
            }
            if (!ours || members.stream().anyMatch(unique::contains)) {
                continue; // The scenario or the server fills a column, so they alone can say; or it holds already.
            }
            Optional<ColumnGroup> allDifferent =
                    members.stream().filter(ProfiledColumns::isAllDifferent).findFirst();
            if (members.size() == 1) {
                keepSingle(key, members.iterator().next());
            } else if (allDifferent.isPresent()) {
                unique.add(allDifferent.get());
            } else {
                keepPair(key, List.copyOf(members), problem);
            }
        }
    }

    /** Whether ANALYZE saw no value twice, as of a column that counts up beside the one of a partition key. */
    private static boolean isAllDifferent(ColumnGroup group) {
        Profile.Column profile = group.profile();
        return profile != null && group.reference() == null && profile.distinct() == -1;
    }

    private void keepSingle(UniqueKey key, ColumnGroup group) {
        Profile.Column profile = group.profile();
        // Over some rows only: the statistics are of all rows, and say whether values may repeat elsewhere.
        boolean mayRepeat = key.partial()
                && profile != null
                && profile.distinctOf(target.profile().rows())
                        < 0.5 * target.profile().rows();
        if (!mayRepeat) {
            unique.add(group);
        }
    }

    private void keepPair(UniqueKey key, List<ColumnGroup> members, BiConsumer<UniqueKey, String> problem) {
        if (members.stream().anyMatch(member -> pairs.containsKey(member) || pairs.containsValue(member))) {
            boolean kept = pairs.entrySet().stream()
                    .anyMatch(pair -> members.contains(pair.getKey()) && members.contains(pair.getValue()));
            if (!kept && !key.partial()) {
                problem.accept(key, "shares a column with another unique key, of which one alone can be seen to");
            }
            return;
        }
        // The two with the most values: if they are unique together, so are all.
        List<ColumnGroup> widest = members.stream()
                .sorted((left, right) -> Double.compare(distinctShare(right), distinctShare(left)))
                .limit(2)
                .toList();
        ColumnGroup first = widest.get(0);
        ColumnGroup second = widest.get(1);
        // The first one keeps its order in the table.
        if (Math.abs(correlationOf(second)) > Math.abs(correlationOf(first))) {
            first = widest.get(1);
            second = widest.get(0);
        }
        pairs.put(first, second);
    }

    private double distinctShare(ColumnGroup group) {
        Profile.Column profile = group.profile();
        return profile == null ? 1 : profile.distinctOf(target.profile().rows());
    }

    private static double correlationOf(ColumnGroup group) {
        Profile.Column profile = group.profile();
        return profile == null || profile.correlation() == null ? 0 : profile.correlation();
    }

    private @Nullable ColumnGroup groupOf(int column) {
        for (ColumnGroup group : groups) {
            if (group.holds(column)) {
                return group;
            }
        }
        return null;
    }

    /** The generator of a column; null when neither scenario nor profile fills it. */
    @Nullable
    ValueGenerator generatorOf(CatalogueColumn column) {
        ValueGenerator given = specified.get(column);
        ColumnGroup group = groupOf(column.number());
        if (given != null || group == null) {
            return given;
        }
        if (presentOf(group) == 0) {
            return new RankedValues(Domains.NONE, row -> -1);
        }
        ColumnGroup low = lesser.get(group);
        ValueGenerator below = low == null ? null : generatorOf(low.first());
        if (low == null || below == null) {
            return new RankedValues(domainOf(column), drawOf(group));
        }
        NotBelow values = new NotBelow(below, new RankedValues(domainOf(column), drawOf(group)));
        if (values.mended(target.rows()) > SELDOM && coupled.add(group)) {
            forget(group);
            values = new NotBelow(below, new RankedValues(domainOf(column), drawOf(group)));
        }
        return values;
    }

    /** What was made of a group before it was known that it goes by another's ranks. */
    private void forget(ColumnGroup group) {
        values.remove(group);
        draws.remove(group);
        group.columns().forEach(domains::remove);
    }

    /**
     * The values of a column.
     *
     * @throws IllegalArgumentException when there are none, or none can be made; the message says why
     */
    Domain domainOf(CatalogueColumn column) {
        Domain domain = domains.get(column);
        if (domain == null) {
            if (!beingMade.add(column)) {
                throw new IllegalArgumentException("a foreign key that comes back to itself");
            }
            try {
                domain = makeDomain(column);
            } finally {
                beingMade.remove(column);
            }
            domains.put(column, domain);
        }
        return domain;
    }

    private Domain makeDomain(CatalogueColumn column) {
        ValueGenerator given = specified.get(column);
        if (given != null) {
            return Domains.byRow(given, target.rows());
        }
        ColumnGroup group = Objects.requireNonNull(groupOf(column.number()), "a column that nobody fills");
        CommonValues common = valuesOf(group);
        ForeignKey reference = group.reference();
        if (reference != null) {
            Domain parent = group.columns().size() == 1
                    ? keys.domainOf(reference.parent(), group.parentColumnOf(column))
                    : keys.rowsInOrder(reference.parent(), group.parentColumnOf(column), sortedBy(group));
            return Domains.thinned(parent, common.quotas().distinct());
        }
        return shapes.domainOf(target, column, group, common, unique.contains(group));
    }

    /** The number of the parent's column by which its rows are put in order: that of the statistics. */
    private int sortedBy(ColumnGroup group) {
        Profile.Column telling = group.profile();
        for (CatalogueColumn column : group.columns()) {
            if (telling != null && column.name().equals(telling.name())) {
                return group.parentColumnOf(column);
            }
        }
        return group.parentColumnOf(group.first());
    }

    private long presentOf(ColumnGroup group) {
        return target.rows() - nullsOf(group);
    }

    private long nullsOf(ColumnGroup group) {
        return Math.round(target.rows() * group.nullShare());
    }

    /** Which values, how often; not for a group that is NULL everywhere. */
    private CommonValues valuesOf(ColumnGroup group) {
        CommonValues found = values.get(group);
        if (found == null) {
            // Rows that are NULL have a rank, too, where another column goes by the same ranks.
            long ranks = isPaired(group) || isCoupled(group) ? target.rows() : presentOf(group);
            // Each value of the second column comes at most once beside one of the first.
            long least = pairs.containsKey(group)
                    ? valuesOf(Objects.requireNonNull(pairs.get(group)))
                            .quotas()
                            .largest()
                    : 1;
            found = shapes.valuesOf(target, group, ranks, unique.contains(group), parentRowsOf(group), least);
            values.put(group, found);
        }
        return found;
    }

    /** How many different rows the group can refer to; 0 when it refers to nothing. */
    private long parentRowsOf(ColumnGroup group) {
        ForeignKey reference = group.reference();
        if (reference == null) {
            return 0;
        }
        long rows = group.columns().size() == 1
                ? keys.domainOf(reference.parent(), group.parentColumnOf(group.first()))
                        .size()
                : keys.rowsOf(reference.parent());
        if (rows < 1) {
            throw new IllegalArgumentException("refers (" + reference.name() + ") to a table that has no rows");
        }
        return rows;
    }

    private boolean isPaired(ColumnGroup group) {
        return pairs.containsKey(group) || pairs.containsValue(group);
    }

    private boolean isCoupled(ColumnGroup group) {
        return coupled.contains(group);
    }

    private Draw drawOf(ColumnGroup group) {
        Draw draw = draws.get(group);
        if (draw == null) {
            draw = isPaired(group) ? pairedDraw(group) : isCoupled(group) ? coupledDraw(group) : singleDraw(group);
            draws.put(group, draw);
        }
        return draw;
    }

    private Draw singleDraw(ColumnGroup group) {
        CommonValues common = valuesOf(group);
        String table = target.table().displayName();
        Arrangement arrangement =
                Arrangement.of(common.quotas(), correlationOf(group), seed, "order", table, group.name());
        NullRows nulls = new NullRows(target.rows(), nullsOf(group), seed, "null", table, group.name());
        return row -> {
            long number = nulls.numberOf(row);
            return number < 0 ? -1 : common.quotas().indexAt(arrangement.rankAt(number));
        };
    }

    /** By the ranks of the lesser column's rows, as far as those are not NULL. */
    private Draw coupledDraw(ColumnGroup group) {
        ColumnGroup low = Objects.requireNonNull(lesser.get(group));
        CommonValues common = valuesOf(group);
        String table = target.table().displayName();
        NullRows nulls = new NullRows(target.rows(), nullsOf(group), seed, "null", table, group.name());
        Quotas lowQuotas = valuesOf(low).quotas();
        Draw lowDraw = drawOf(low);
        Arrangement otherwise =
                Arrangement.of(common.quotas(), correlationOf(group), seed, "order", table, group.name());
        return row -> {
            if (nulls.numberOf(row) < 0) {
                return -1;
            }
            long index = lowDraw.indexAt(row);
            long rank = index < 0
                    ? otherwise.rankAt(row)
                    : Quotas.scaled(lowQuotas.startOf(index), lowQuotas.ranks(), target.rows());
            return common.quotas().indexAt(rank);
        };
    }

    private Draw pairedDraw(ColumnGroup group) {
        boolean isFirst = pairs.containsKey(group);
        ColumnGroup first = isFirst
                ? group
                : pairs.entrySet().stream()
                        .filter(pair -> pair.getValue().equals(group))
                        .map(Map.Entry::getKey)
                        .findFirst()
                        .orElseThrow();
        ColumnGroup second = Objects.requireNonNull(pairs.get(first));
        String table = target.table().displayName();
        PairedDraws both = pairedDraws.get(first);
        if (both == null) {
            Quotas firstQuotas = valuesOf(first).quotas();
            Quotas secondQuotas = valuesOf(second).quotas();
            // The most frequent first value may be estimated to have more rows than there are second values.
            if (firstQuotas.largest() > secondQuotas.distinct()) {
                firstQuotas = Quotas.even(firstQuotas.distinct(), firstQuotas.ranks());
            }
            both = PairedDraws.of(firstQuotas, secondQuotas, correlationOf(first), seed, "pair", table, first.name());
            pairedDraws.put(first, both);
        }
        PairedDraws draws = both;
        NullRows nulls = new NullRows(target.rows(), nullsOf(group), seed, "null", table, group.name());
        return row -> nulls.numberOf(row) < 0 ? -1 : isFirst ? draws.firstAt(row) : draws.secondAt(row);
    }

    /** The columns that COPY fills, in the table's order. */
    List<CatalogueColumn> filled() {
        List<CatalogueColumn> filled = new ArrayList<>();
        for (CatalogueColumn column : target.table().columns()) {
            if (specified.containsKey(column) || groupOf(column.number()) != null) {
                filled.add(column);
            }
        }
        return filled;
    }
}
