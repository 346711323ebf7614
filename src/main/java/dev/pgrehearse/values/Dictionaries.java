package dev.pgrehearse.values;

import dev.pgrehearse.scenario.ValueSpec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import net.datafaker.Faker;
import org.jspecify.annotations.Nullable;

/**
 * Datafaker's values, made once per expression and shared by all who ask for the same.
 *
 * <p>One seeded Faker fills each dictionary, in one thread: a Faker per value is 7 to 65 times slower. Seed and
 * expression alone decide the values, so a column and a parameter with the same expression draw from the same ones, and
 * a smaller dictionary is the beginning of a larger one. Providers that look at the clock, such as birthdays, give
 * other values on other days. Thread-safe.
 */
public final class Dictionaries {
    /** Draws in a row without a new value after which the provider is taken to be exhausted. */
    private static final int FRUITLESS_DRAWS = 20_000;

    private record Key(String expression, int distinct) {}

    private final long seed;
    private final Map<Key, Dictionary> dictionaries = new ConcurrentHashMap<>();

    public Dictionaries(long seed) {
        this.seed = seed;
    }

    /**
     * How many different values could be reached; below {@code faker.distinct()} when the provider has no more.
     *
     * @throws IllegalArgumentException when Datafaker knows no such expression
     */
    public int reached(ValueSpec.Faker faker) {
        return (int) of(faker).size();
    }

    Dictionary of(ValueSpec.Faker faker) {
        return dictionaries.computeIfAbsent(new Key(faker.expression(), faker.distinct()), this::fill);
    }

    private Dictionary fill(Key key) {
        if (key.distinct < 1) {
            throw new IllegalArgumentException("a dictionary of " + key.distinct + " values");
        }
        Faker faker = new Faker(Locale.ENGLISH, new Random(new RowRandom(seed, "dictionary", key.expression).seed()));
        String expression = directive(key.expression);
        Set<String> values = new LinkedHashSet<>();
        int fruitless = 0;
        while (values.size() < key.distinct && fruitless < FRUITLESS_DRAWS) {
            fruitless = values.add(evaluate(faker, expression, key.expression)) ? 0 : fruitless + 1;
        }
        List<String> listed = new ArrayList<>(values);
        return new Dictionary(listed);
    }

    /**
     * Providers with a capital, as Datafaker's own texts have them: {@code commerce.productName} would be looked up as
     * a list of its data files, where it is something else.
     */
    private static String directive(String written) {
        if (written.contains("#{") || written.isEmpty()) {
            return written;
        }
        return "#{" + Character.toUpperCase(written.charAt(0)) + written.substring(1) + "}";
    }

    private static String evaluate(Faker faker, String expression, String written) {
        @Nullable String value;
        try {
            value = faker.expression(expression);
        } catch (RuntimeException unknown) {
            throw new IllegalArgumentException(
                    "the Datafaker expression '" + written + "', which Datafaker cannot evaluate; is it written as"
                            + " provider.method, such as internet.emailAddress?",
                    unknown);
        }
        if (value == null) {
            throw new IllegalArgumentException("the Datafaker expression '" + written + "', which has no value");
        }
        return value;
    }
}
