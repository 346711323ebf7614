package dev.pgrehearse.dataset;

import dev.pgrehearse.profile.Profile;
import dev.pgrehearse.values.ColumnShape;
import dev.pgrehearse.values.Dictionaries;
import dev.pgrehearse.values.Domain;
import dev.pgrehearse.values.Domains;
import dev.pgrehearse.values.ProfiledDomains;
import dev.pgrehearse.values.RowHash;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** From a column's statistics, its type and what the schema allows to the values it gets. Immutable. */
final class ProfiledShapes {
    /** The server keeps values longer than this out of line ({@code TOAST_TUPLE_THRESHOLD}). */
    private static final int IN_LINE = 2000;

    /** Share of the different values of a profile that has to be there. */
    private static final double ENOUGH = 0.9;

    private static final int MOST_CODES = 20;
    private static final List<String> BOOLEANS = List.of("f", "t");

    private final Map<Long, Map<Integer, ColumnType>> types;
    /** By OID of a table. */
    private final Map<Long, TableLimits> limits;

    private final Dictionaries dictionaries;
    private final long seed;

    ProfiledShapes(Map<Long, Map<Integer, ColumnType>> types, Map<Long, TableLimits> limits, long seed) {
        this.dictionaries = new Dictionaries(seed);
        this.types = types;
        this.limits = limits;
        this.seed = seed;
    }

    /**
     * Which values a group has, and how often.
     *
     * @param ranks how many rows have one, above 0
     * @param unique whether none may come twice
     * @param parentRows how many rows there are to refer to; 0 for a group that refers to none
     * @param parentGrowth those rows as a multiple of the profile's
     * @param least how many different values there must be, whatever the statistics estimate
     */
    CommonValues valuesOf(
            ProfiledTarget target,
            ColumnGroup group,
            long ranks,
            boolean unique,
            long parentRows,
            double parentGrowth,
            long least) {
        List<String> listed = parentRows > 0 ? List.of() : listedOf(target, group.first());
        long most = parentRows > 0 ? parentRows : listed.isEmpty() ? Long.MAX_VALUE : listed.size();
        if (unique) {
            if (most < ranks) {
                throw new IllegalArgumentException("unique, but " + most + " different values for " + ranks + " rows");
            }
            return CommonValues.even(ranks, ranks, listed);
        }
        Profile.Column profile = group.profile();
        if (profile == null) {
            return CommonValues.even(Math.min(most, ranks), ranks, listed);
        }
        double distinct = profile.distinctOf(target.profile().rows());
        if (group.columns().size() > 1) {
            return pairs(target, group, ranks, parentRows);
        }
        if (profile.distinct() == 0) {
            distinct = ranks; // a type without order and equality, such as json
        } else if (parentRows > 0) {
            distinct *= parentGrowth;
        } else if (profile.distinct() < 0) {
            distinct *= target.growth();
        }
        long values = Math.max(1, Math.min(Math.min(Math.max(least, Math.round(distinct)), most), ranks));
        CommonValues common = common(target, group, profile, values, ranks, listed);
        if (parentRows > 0) {
            return common;
        }
        long possible = possible(target, group, common, values, least > 1);
        return possible == values ? common : common(target, group, profile, possible, ranks, listed);
    }

    /**
     * Of a foreign key of several columns: as many different rows as its columns have combinations. PostgreSQL knows how
     * often each column's values come, not how often the rows do; so these come equally often, unless one column tells all.
     */
    private CommonValues pairs(ProfiledTarget target, ColumnGroup group, long ranks, long parentRows) {
        double combinations = 1;
        double most = 1;
        for (CatalogueColumn column : group.columns()) {
            double distinct = target.statisticsOf(column)
                    .map(statistics -> statistics.distinctOf(target.profile().rows()))
                    .orElse(1.0);
            combinations *= Math.max(1, distinct);
            most = Math.max(most, distinct);
        }
        long rows = (long) Math.max(
                1, Math.min(Math.min(combinations * target.growth(), (double) parentRows), (double) ranks));
        Profile.Column telling = group.profile();
        return telling != null && most >= ENOUGH * rows
                ? common(target, group, telling, rows, ranks, List.of())
                : CommonValues.even(rows, ranks, List.of());
    }

    private CommonValues common(
            ProfiledTarget target,
            ColumnGroup group,
            Profile.Column profile,
            long distinct,
            long ranks,
            List<String> listed) {
        return CommonValues.of(
                profile,
                distinct,
                ranks,
                listed,
                number -> RowHash.unit(seed, number, "common", target.family(), group.name()));
    }

    /**
     * How many of the wanted different values there can be. Fewer are no mistake of ranges, of which PostgreSQL counts none
     * and claims that all differ (source: {@code rangetypes_typanalyze.c}), nor when a rounded bound cost a few.
     */
    private long possible(ProfiledTarget target, ColumnGroup group, CommonValues common, long wanted, boolean grows) {
        try {
            makeDomain(target, group.first(), group, common, wanted, grows);
            return wanted;
        } catch (IllegalArgumentException tooMany) {
            long low = 0;
            long high = wanted;
            while (high - low > 1) {
                long middle = low + (high - low) / 2;
                try {
                    makeDomain(target, group.first(), group, common, middle, grows);
                    low = middle;
                } catch (IllegalArgumentException stillTooMany) {
                    high = middle;
                }
            }
            // More rows than production has need no more different values than the type and the bounds allow.
            boolean mayRepeat = typeOf(target, group.first()).isRange() || target.growth() > 1;
            if (low == 0 || (!mayRepeat && low < ENOUGH * wanted)) {
                throw tooMany;
            }
            return low;
        }
    }

    /** All values that a column may have, in their order; empty when nobody lists them. */
    private List<String> listedOf(ProfiledTarget target, CatalogueColumn column) {
        ColumnType type = typeOf(target, column);
        if (type.name().equals("boolean")) {
            return BOOLEANS;
        }
        if (!type.labels().isEmpty() && !type.isArray()) {
            return type.labels();
        }
        List<String> allowed = limitsOf(target.table()).column(column.name()).values();
        return allowed == null
                ? List.of()
                : allowed.stream().sorted(ValueOrder.INSTANCE::compare).toList();
    }

    /** The values of a column that refers to nothing. */
    Domain domainOf(
            ProfiledTarget target,
            CatalogueColumn column,
            ColumnGroup group,
            CommonValues common,
            boolean unique,
            boolean paired) {
        long distinct = common.quotas().distinct();
        if (!common.overlaid().isEmpty()) {
            return overlaid(target, column, group, common, distinct);
        }
        boolean slices = unique && target.slices() > 1 && target.isAllDifferent(column);
        if (slices) {
            try {
                // Values that are all different in the whole table are so across its partitions.
                Domain all = makeDomain(target, column, group, common, distinct * target.slices(), true);
                return Domains.inSteps(all, distinct, target.slice(), target.slices());
            } catch (IllegalArgumentException apart) {
                // The partitions' values lie apart: there is no room for others between them.
                return makeDomain(target, column, group, common, distinct, true);
            }
        }
        return makeDomain(target, column, group, common, distinct, unique || paired);
    }

    /** Known values among others, of which none is a known one. */
    private Domain overlaid(
            ProfiledTarget target, CatalogueColumn column, ColumnGroup group, CommonValues common, long distinct) {
        long known = common.overlaid().size();
        Domain others;
        try {
            others = makeDomain(target, column, group, common, distinct + known, false);
        } catch (IllegalArgumentException noRoom) {
            others = makeDomain(target, column, group, common, distinct, false);
        }
        return Overlaid.on(others, distinct, common.overlaid());
    }

    private Domain makeDomain(
            ProfiledTarget target,
            CatalogueColumn column,
            ColumnGroup group,
            CommonValues common,
            long distinct,
            boolean unique) {
        ColumnType type = typeOf(target, column);
        Profile.Column profile = group.profile();
        ColumnShape shape = ColumnShape.of(column.name(), type.name(), distinct)
                .withLimits(limitsOf(target.table()).column(column.name()).forShape())
                .withKnown(common.known())
                .withLengthAt(common.lengths());
        if (profile != null) {
            shape = shape.withBounds(boundsOf(target, profile, unique))
                    .withLengths(target.lengthsOf(profile).lengths())
                    .withAverageWidth(widthOf(target, profile))
                    .withFractionDigits(profile.fractionDigits())
                    .withElements(elementsOf(profile, type))
                    .withEmptyShare(profile.emptyShare())
                    .withRangeLengths(profile.rangeLengths());
        }
        // The partitions of a table have the same values.
        long own = RowHash.seed(seed, "domain", target.family(), column.name());
        return new ProfiledDomains(dictionaries, own).of(shape);
    }

    /** What the rows of a table must meet. */
    TableLimits limitsOf(CatalogueTable table) {
        return Objects.requireNonNull(limits.get(table.oid()), "limits are read of every table");
    }

    private ColumnType typeOf(ProfiledTarget target, CatalogueColumn column) {
        return Objects.requireNonNull(
                types.getOrDefault(target.table().oid(), Map.of()).get(column.number()), column.name());
    }

    /** Numbers that are counted up go on being counted up when there are more rows. */
    private static List<String> boundsOf(ProfiledTarget target, Profile.Column profile, boolean unique) {
        List<String> bounds = profile.bounds();
        if (isCode(profile)) {
            // Rounded bounds tell the magnitude; that codes follow on each other is more likely than anything else.
            BigDecimal low = new BigDecimal(bounds.get(0));
            BigDecimal first = low.signum() == 0 && profile.distinct() > 2 ? BigDecimal.ONE : low;
            return List.of(
                    first.toPlainString(),
                    first.add(BigDecimal.valueOf(profile.common().size() - 1L)).toPlainString());
        }
        if (!unique || target.growth() <= 1 || bounds.size() < 2) {
            return bounds;
        }
        try {
            BigDecimal first = new BigDecimal(bounds.get(0));
            BigDecimal last = new BigDecimal(bounds.get(bounds.size() - 1));
            List<String> longer = new ArrayList<>(bounds);
            // From the first to the last there is one value more than the distance.
            BigDecimal values = last.subtract(first).add(BigDecimal.ONE);
            longer.set(
                    bounds.size() - 1,
                    first.add(values.multiply(BigDecimal.valueOf(target.growth())))
                            .toBigInteger()
                            .toString());
            return longer;
        } catch (NumberFormatException noNumbers) {
            return longerDates(bounds, target.growth());
        }
    }

    /** A few whole numbers, each of them common, whose values are not known. */
    private static boolean isCode(Profile.Column profile) {
        return (profile.type().endsWith("int") || profile.type().equals("integer"))
                && profile.bounds().size() == 2
                && profile.common().size() <= MOST_CODES
                && profile.common().size() == profile.distinct()
                && profile.common().stream().allMatch(common -> common.value() == null);
    }

    private static List<String> longerDates(List<String> bounds, double growth) {
        try {
            LocalDate first = LocalDate.parse(bounds.get(0));
            LocalDate last = LocalDate.parse(bounds.get(bounds.size() - 1));
            List<String> longer = new ArrayList<>(bounds);
            longer.set(
                    bounds.size() - 1,
                    first.plusDays((long) Math.ceil((ChronoUnit.DAYS.between(first, last) + 1) * growth))
                            .toString());
            return longer;
        } catch (DateTimeException noDates) {
            return bounds; // times of day come in microseconds, of which there are enough
        }
    }

    /**
     * Of values that are kept out of line, statistics have the width of the pointer: what the TOAST table holds is divided
     * among those columns of which PostgreSQL kept neither common values nor bounds, since they were too wide.
     */
    private static double widthOf(ProfiledTarget target, Profile.Column profile) {
        Profile.Table table = target.profile();
        List<Profile.Column> wide =
                table.columns().stream().filter(ProfiledShapes::mayBeOutOfLine).toList();
        if (table.toastPages() == 0 || !wide.contains(profile) || table.rows() < 1) {
            return target.lengthsOf(profile).averageWidth();
        }
        double present = wide.stream()
                .mapToDouble(column -> (1 - column.nullShare()) * table.rows())
                .sum();
        long outOfLine = ToastWidth.of((double) table.toastPages(), present);
        return outOfLine > IN_LINE
                ? (double) outOfLine
                : target.lengthsOf(profile).averageWidth();
    }

    private static boolean mayBeOutOfLine(Profile.Column column) {
        return column.hasStatistics()
                && column.common().isEmpty()
                && column.lengths().isEmpty()
                && column.bounds().isEmpty()
                && column.averageWidth() >= 18
                && (column.type().startsWith("text")
                        || column.type().startsWith("character varying")
                        || column.type().equals("bytea")
                        || column.type().startsWith("json")
                        || column.type().equals("xml"));
    }

    private static ColumnShape.@Nullable Elements elementsOf(Profile.Column profile, ColumnType type) {
        Profile.Elements elements = profile.elements();
        if (elements == null) {
            return null;
        }
        List<String> known = elements.common().stream()
                .map(Profile.Common::value)
                .filter(Objects::nonNull)
                .map(String::valueOf)
                .toList();
        return new ColumnShape.Elements(
                elements.averageCount(),
                elements.counts(),
                known.isEmpty() ? type.labels() : known,
                elements.common().size(),
                elements.common().stream().map(Profile.Common::frequency).toList());
    }
}
