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
    private KeptKeys kept = KeptKeys.NONE;
    /** By the greater of two compared columns, the lesser. */
    private final Map<ColumnGroup, ColumnGroup> lesser = new LinkedHashMap<>();

    /** Those of the greater ones that go by the lesser one's ranks. */
    private final Set<ColumnGroup> coupled = new HashSet<>();

    private final Map<ColumnGroup, CommonValues> values = new HashMap<>();
    private final Map<ColumnGroup, Draw> draws = new HashMap<>();
    private final Map<KeptKeys.Together, PairedDraws> pairedDraws = new HashMap<>();
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
     * Sees to it that unique keys hold.
     *
     * @param problem told of keys that cannot be seen to, and why
     */
    void keep(List<UniqueKey> uniqueKeys, BiConsumer<UniqueKey, String> problem) {
        kept = KeptKeys.of(target, groups, uniqueKeys, this::referredRows, problem);
    }

    /** How many rows a group can refer to; as many as there are rows when that is nobody's limit. */
    private long referredRows(ColumnGroup group) {
        try {
            return group.reference() == null ? Long.MAX_VALUE : parentRowsOf(group);
        } catch (IllegalArgumentException nothing) {
            return Long.MAX_VALUE; // told when the column's values are made
        }
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
        if (isTogether(group)) {
            return new RankedValues(domainOf(column), column.notNull() ? drawOf(group) : withNulls(group));
        }
        ColumnGroup low = lesser.get(group);
        ValueGenerator below = low == null ? null : generatorOf(low.first());
        if (low == null || below == null) {
            Draw own = isSelfReference(group) ? aboveItself(group) : drawOf(group);
            return new RankedValues(domainOf(column), own);
        }
        NotBelow values = new NotBelow(below, new RankedValues(domainOf(column), drawOf(group)));
        if (values.mended(target.rows()) > SELDOM && coupled.add(group)) {
            forget(group);
            values = new NotBelow(below, new RankedValues(domainOf(column), drawOf(group)));
        }
        return values;
    }

    private boolean isSelfReference(ColumnGroup group) {
        ForeignKey reference = group.reference();
        ColumnGroup key =
                reference == null ? null : groupOf(reference.parentColumns().get(0));
        return reference != null && reference.parent() == target.table().oid() && key != null && !isTogether(key);
    }

    /**
     * A tree: who is referred to has a lower key than who refers. Parents are the lowest keys, and a row whose parent would
     * not be below it takes another one that is; the row with the lowest key of all has none or, where it must, itself.
     */
    private Draw aboveItself(ColumnGroup group) {
        ForeignKey reference = Objects.requireNonNull(group.reference());
        Draw key =
                drawOf(Objects.requireNonNull(groupOf(reference.parentColumns().get(0))));
        Draw parent = drawOf(group);
        boolean mayBeNull = !group.first().notNull();
        return row -> {
            long own = key.indexAt(row);
            long drawn = parent.indexAt(row);
            if (drawn < 0 || drawn < own) {
                return drawn;
            }
            if (own <= 0) {
                return mayBeNull ? -1 : 0;
            }
            return drawn % own;
        };
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
            return isSelfReference(group)
                    ? Domains.first(parent, common.quotas().distinct())
                    : Domains.thinned(parent, common.quotas().distinct());
        }
        return shapes.domainOf(target, column, group, common, kept.isUnique(group), kept.isPaired(group));
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
            boolean ranked = kept.isPaired(group) || isCoupled(group) || isTogether(group);
            long ranks = ranked ? target.rows() : presentOf(group);
            long least = kept.ledBy(group).stream()
                    .mapToLong(key -> leastBeside(key.others()))
                    .max()
                    .orElse(1);
            found = shapes.valuesOf(
                    target, group, ranks, kept.isUnique(group), parentRowsOf(group), growthOf(group), least);
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

    /** Each value, or combination, of the others comes at most once beside one of the first. */
    private long leastBeside(List<ColumnGroup> others) {
        Quotas quotas = together(others);
        return Math.max(quotas.largest(), (target.rows() + quotas.distinct() - 1) / quotas.distinct());
    }

    /** The quotas of one group; of several those of their combinations, each as frequent as the others. */
    private Quotas together(List<ColumnGroup> others) {
        if (others.size() == 1) {
            return valuesOf(others.get(0)).quotas();
        }
        long combinations = 1;
        for (ColumnGroup other : others) {
            long distinct = valuesOf(other).quotas().distinct();
            combinations = combinations > target.rows() ? combinations : combinations * distinct;
        }
        return Quotas.even(combinations, target.rows());
    }

    private double growthOf(ColumnGroup group) {
        ForeignKey reference = group.reference();
        return reference == null ? 1 : keys.growthOf(reference.parent());
    }

    private static boolean isTogether(ColumnGroup group) {
        return group.columns().size() > 1;
    }

    private boolean isCoupled(ColumnGroup group) {
        return coupled.contains(group);
    }

    private Draw drawOf(ColumnGroup group) {
        Draw draw = draws.get(group);
        if (draw == null) {
            draw = kept.isPaired(group) ? pairedDraw(group) : isCoupled(group) ? coupledDraw(group) : singleDraw(group);
            draws.put(group, draw);
        }
        return draw;
    }

    /** Of columns that are drawn together those are NULL in the same rows that may be: then the key refers to nothing. */
    private Draw withNulls(ColumnGroup group) {
        Draw draw = drawOf(group);
        NullRows nulls = new NullRows(
                target.rows(), nullsOf(group), seed, "null", target.table().displayName(), group.name());
        return row -> nulls.numberOf(row) < 0 ? -1 : draw.indexAt(row);
    }

    private Draw singleDraw(ColumnGroup group) {
        CommonValues common = valuesOf(group);
        String table = target.table().displayName();
        Arrangement arrangement =
                Arrangement.of(common.quotas(), group.correlation(), seed, "order", table, group.name());
        long none = isTogether(group) ? 0 : nullsOf(group);
        NullRows nulls = new NullRows(target.rows(), none, seed, "null", table, group.name());
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
                Arrangement.of(common.quotas(), group.correlation(), seed, "order", table, group.name());
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
        KeptKeys.Together key = kept.of(group);
        ColumnGroup first = key.first();
        List<ColumnGroup> others = key.others();
        boolean isFirst = first.equals(group);
        String table = target.table().displayName();
        PairedDraws both = pairedDraws.get(key);
        if (both == null) {
            Quotas firstQuotas = valuesOf(first).quotas();
            Quotas secondQuotas = together(others);
            // The most frequent first value may be estimated to have more rows than there are second values.
            if (firstQuotas.largest() > secondQuotas.distinct()) {
                firstQuotas = Quotas.even(firstQuotas.distinct(), firstQuotas.ranks());
            }
            both = PairedDraws.of(firstQuotas, secondQuotas, first.correlation(), seed, "pair", table, first.name());
            pairedDraws.put(key, both);
        }
        PairedDraws draws = both;
        NullRows nulls = new NullRows(target.rows(), nullsOf(group), seed, "null", table, group.name());
        boolean together = isTogether(group);
        long divisor = divisorOf(group, others);
        long radix = valuesOf(group).quotas().distinct();
        return row -> {
            if (!together && nulls.numberOf(row) < 0) {
                return -1;
            }
            if (isFirst) {
                return draws.firstAt(row);
            }
            long second = draws.secondAt(row);
            return others.size() == 1 ? second : second / divisor % radix;
        };
    }

    /** A combination's number is written in the mixed radix of the groups' sizes: the place value of one. */
    private long divisorOf(ColumnGroup group, List<ColumnGroup> others) {
        long divisor = 1;
        for (ColumnGroup other : others) {
            if (other.equals(group)) {
                return divisor;
            }
            divisor *= valuesOf(other).quotas().distinct();
        }
        return 1;
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
