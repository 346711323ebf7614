package dev.pgrehearse.dataset;

import dev.pgrehearse.scenario.ValueSpec;
import dev.pgrehearse.values.DistinctDraw;
import dev.pgrehearse.values.ValueGenerators;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Sees to it that the columns of a table's unique keys never hold the same combination twice, or says why they must. */
final class UniqueDraws {
    /** Fewer bits of information than a random letter of a text has. */
    private static final int BITS_PER_CHARACTER = 4;
    /** Texts repeat with a probability of 2^-30 or less. */
    private static final int SAFE_BITS = 30;

    private final long seed;
    private final Catalogue catalogue;
    private final ValueGenerators generators;
    private final Consumer<DatasetMistake> mistakes;
    private final Consumer<String> notices;

    UniqueDraws(
            long seed,
            Catalogue catalogue,
            ValueGenerators generators,
            Consumer<DatasetMistake> mistakes,
            Consumer<String> notices) {
        this.seed = seed;
        this.catalogue = catalogue;
        this.generators = generators;
        this.mistakes = mistakes;
        this.notices = notices;
    }

    /** By column, the draws that its unique key asks for; columns that need none are absent. */
    Map<CatalogueColumn, DistinctDraw> of(CatalogueTable table, long rows, Map<CatalogueColumn, ValueSpec> sources) {
        Map<CatalogueColumn, DistinctDraw> draws = new HashMap<>();
        Set<Set<Integer>> drawn = new HashSet<>();
        // Narrow keys first: what makes a part unique makes the whole unique.
        List<UniqueKey> keys = catalogue.uniqueKeysOf(table).stream()
                .sorted(Comparator.comparingInt((UniqueKey key) -> key.columns().size())
                        .thenComparing(UniqueKey::name))
                .toList();
        for (UniqueKey key : keys) {
            List<CatalogueColumn> columns =
                    key.columns().stream().map(table::column).toList();
            Set<Integer> numbers = new TreeSet<>(key.columns());
            // The server fills a column, so the server alone can say; NULLs do not collide.
            boolean leftToServer = !sources.keySet().containsAll(columns);
            boolean holds = drawn.stream().anyMatch(numbers::containsAll)
                    || columns.stream().anyMatch(column -> isUnique(sources.get(column), rows));
            if (leftToServer || holds) {
                continue;
            }
            if (columns.stream().anyMatch(draws::containsKey)) {
                mistake(
                        table,
                        columns,
                        key.partial(),
                        "a column of two unique keys, of which one (" + key.name() + ") cannot be kept",
                        "a sequence in one of the columns");
            } else if (draw(table, rows, sources, key, columns, draws)) {
                drawn.add(numbers);
            }
        }
        return draws;
    }

    private boolean draw(
            CatalogueTable table,
            long rows,
            Map<CatalogueColumn, ValueSpec> sources,
            UniqueKey key,
            List<CatalogueColumn> columns,
            Map<CatalogueColumn, DistinctDraw> draws) {
        long[] sizes = new long[columns.size()];
        for (int index = 0; index < sizes.length; index++) {
            ValueSpec.Source source = sourceOf(sources, columns.get(index));
            OptionalLong distinct = generators.distinct(source);
            if (distinct.isEmpty()) {
                mistake(
                        table,
                        columns,
                        key.partial(),
                        "unique (" + key.name() + "), but its random values can repeat",
                        "longer texts, a longer period, or a sequence");
                return false;
            }
            if (distinct.getAsLong() < 1) {
                return false; // a reference to nothing, which is a mistake of its own
            }
            sizes[index] = distinct.getAsLong();
        }
        long combinations = DistinctDraw.combinations(sizes);
        if (combinations < rows) {
            mistake(
                    table,
                    columns,
                    key.partial(),
                    "unique (" + key.name() + "), but " + combinations + " different values for " + rows + " rows",
                    rows + " different values or more");
            return false;
        }
        DistinctDraw[] made = DistinctDraw.forKey(seed, table.displayName() + "." + key.name(), sizes);
        for (int index = 0; index < made.length; index++) {
            CatalogueColumn column = columns.get(index);
            draws.put(column, made[index]);
            if (isWeighted(sourceOf(sources, column))) {
                notices.accept(table.displayName() + "." + column.name() + ": its weights or skew give way to the"
                        + " unique key " + key.name() + ": every value is as likely");
            }
        }
        return true;
    }

    /** Whether the source by itself never repeats within {@code rows} rows, or hardly ever. */
    private static boolean isUnique(@Nullable ValueSpec spec, long rows) {
        if (spec == null) {
            return false;
        }
        if (spec.source() instanceof ValueSpec.Sequence sequence) {
            return sequence.step() != 0 || rows == 1;
        }
        if (spec.source() instanceof ValueSpec.Timestamp times && times.ascending()) {
            return ChronoUnit.MICROS.between(times.from(), times.to()) >= rows;
        }
        if (spec.source() instanceof ValueSpec.Text text) {
            // Rows squared, halved, over the number of texts: the birthday bound.
            int rowBits = Long.SIZE - Long.numberOfLeadingZeros(rows);
            return (long) BITS_PER_CHARACTER * text.minimumLength() >= 2L * rowBits + SAFE_BITS;
        }
        return spec.source() instanceof ValueSpec.RandomUuid;
    }

    private static ValueSpec.Source sourceOf(Map<CatalogueColumn, ValueSpec> sources, CatalogueColumn column) {
        return Objects.requireNonNull(sources.get(column)).source();
    }

    private static boolean isWeighted(ValueSpec.Source source) {
        if (source instanceof ValueSpec.OneOf oneOf) {
            return oneOf.weights().values().stream()
                            .filter(weight -> weight != 0)
                            .distinct()
                            .count()
                    > 1;
        }
        return source instanceof ValueSpec.Reference reference && reference.skew() != 0;
    }

    /** Over some rows only, a key may hold all the same: then the server says so when it is built. */
    private void mistake(
            CatalogueTable table, List<CatalogueColumn> columns, boolean partial, String what, String expected) {
        if (!partial) {
            String names = columns.stream().map(CatalogueColumn::name).collect(Collectors.joining(", "));
            mistakes.accept(new DatasetMistake(table.displayName(), names, what, expected));
        }
    }
}
