package dev.pgrehearse.values;

import dev.pgrehearse.scenario.ValueSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Makes generators from what a scenario says. Thread-safe.
 *
 * <p>Whatever cannot be made is an {@link IllegalArgumentException}, at once and not at the first row, whose message
 * says what was found.
 */
public final class ValueGenerators {
    private final long seed;
    private final Keys keys;
    private final Dictionaries dictionaries;

    /**
     * @param seed what all random choices come from
     * @param keys what references point at
     * @param dictionaries shared between generators of the same seed
     */
    public ValueGenerators(long seed, Keys keys, Dictionaries dictionaries) {
        this.seed = seed;
        this.keys = keys;
        this.dictionaries = dictionaries;
    }

    /**
     * One generator.
     *
     * @param table the table's name; for a parameter, the operation's
     * @param column the column's name; for a parameter, its own
     * @throws IllegalArgumentException when the specification makes no sense
     */
    public static ValueGenerator of(ValueSpec spec, long seed, String table, String column, Keys keys) {
        return new ValueGenerators(seed, keys, new Dictionaries(seed)).of(spec, table, column);
    }

    /** As {@link #of(ValueSpec, long, String, String, Keys)}, with what was given to the constructor. */
    public ValueGenerator of(ValueSpec spec, String table, String column) {
        return withNulls(spec, table, column, values(spec.source(), table, column));
    }

    /**
     * A generator for a column of a unique key.
     *
     * @param draw one of those made for the whole key; weights and skew of the specification give way to it
     * @throws IllegalArgumentException when the source has no values that could be drawn by number
     */
    public ValueGenerator of(ValueSpec spec, String table, String column, DistinctDraw draw) {
        Domain domain = domain(spec.source());
        if (domain == null || domain.size() != draw.size()) {
            throw new IllegalArgumentException("a source whose values cannot be drawn without repetition");
        }
        return withNulls(spec, table, column, new IndexedValues(domain, draw));
    }

    /**
     * How many different values a source can be drawn from by number; empty for sources that are not drawn so: sequences
     * and ascending times, which follow the row number, texts and UUIDs.
     */
    public OptionalLong distinct(ValueSpec.Source source) {
        if (source instanceof ValueSpec.Reference reference) {
            // Without the keys themselves, which may depend on this very answer.
            return OptionalLong.of(keys.rows(reference.table()));
        }
        Domain domain = domain(source);
        return domain == null ? OptionalLong.empty() : OptionalLong.of(domain.size());
    }

    private ValueGenerator withNulls(ValueSpec spec, String table, String column, ValueGenerator values) {
        double share = spec.nullShare();
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("a share of NULLs of " + share + "; it is 0 to 1");
        }
        return share == 0 ? values : new WithNulls(values, new RowRandom(seed, "null", table, column), share);
    }

    private ValueGenerator values(ValueSpec.Source source, String table, String column) {
        RowRandom random = new RowRandom(seed, "value", table, column);
        if (source instanceof ValueSpec.Sequence sequence) {
            return new IndexedValues(new Integers(sequence.start(), sequence.step(), Long.MAX_VALUE), row -> row);
        }
        if (source instanceof ValueSpec.Text text) {
            return new RandomText(random, text);
        }
        if (source instanceof ValueSpec.RandomUuid) {
            return new RandomUuids(random);
        }
        if (source instanceof ValueSpec.Timestamp times && times.ascending()) {
            Times period = Times.period(times.from(), times.to());
            return new IndexedValues(period, new AscendingDraw(random, keys.rows(table), period.size()));
        }
        Domain domain = domain(source);
        if (domain == null) {
            throw new IllegalStateException("no domain for " + source);
        }
        if (source instanceof ValueSpec.OneOf oneOf) {
            return new IndexedValues(domain, new WeightedDraw(random, weights(oneOf)));
        }
        if (source instanceof ValueSpec.Reference reference && reference.skew() != 0) {
            // Of the keys alone: the same ones are hot for every column and parameter that refers to them.
            long scatter = new RowRandom(seed, "hot", reference.table(), reference.column()).seed();
            return new IndexedValues(domain, Draw.skewed(random, domain.size(), reference.skew(), scatter));
        }
        return new IndexedValues(domain, Draw.uniform(random, domain.size()));
    }

    private @Nullable Domain domain(ValueSpec.Source source) {
        if (source instanceof ValueSpec.IntegerRange range) {
            return Integers.range(range.from(), range.to());
        }
        if (source instanceof ValueSpec.DecimalRange range) {
            return Decimals.range(range.from(), range.to(), range.scale());
        }
        if (source instanceof ValueSpec.OneOf oneOf) {
            return new Dictionary(weighted(oneOf));
        }
        if (source instanceof ValueSpec.Faker faker) {
            return dictionaries.of(faker);
        }
        if (source instanceof ValueSpec.Constant constant) {
            return new Dictionary(List.of(constant.value()));
        }
        if (source instanceof ValueSpec.Timestamp times) {
            return times.ascending() ? null : Times.period(times.from(), times.to());
        }
        if (source instanceof ValueSpec.Reference reference) {
            long rows = keys.rows(reference.table());
            if (rows < 1) {
                throw new IllegalArgumentException(
                        "a reference to '" + reference.table() + "', which is given no rows in this size");
            }
            return new ReferencedKeys(keys.generatorOf(reference.table(), reference.column()), rows);
        }
        return null;
    }

    /** Those that occur at all: a value of weight 0 never does. */
    private static List<String> weighted(ValueSpec.OneOf oneOf) {
        List<String> values = new ArrayList<>();
        for (Map.Entry<String, Double> entry : oneOf.weights().entrySet()) {
            if (entry.getValue() != 0) {
                values.add(entry.getKey());
            }
        }
        if (values.isEmpty()) {
            throw new IllegalArgumentException("values of which none has a weight above 0");
        }
        return values;
    }

    private static double[] weights(ValueSpec.OneOf oneOf) {
        return oneOf.weights().values().stream()
                .mapToDouble(Double::doubleValue)
                .filter(weight -> weight != 0)
                .toArray();
    }
}
