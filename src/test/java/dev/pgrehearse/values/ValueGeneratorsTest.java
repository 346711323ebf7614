package dev.pgrehearse.values;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pgrehearse.scenario.ValueSpec;
import dev.pgrehearse.scenario.ValueSpec.LengthDistribution;
import dev.pgrehearse.scenario.ValueSpec.Source;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValueGeneratorsTest {
    private static final long SEED = 4711;
    private static final Instant FROM = Instant.parse("2024-01-01T00:00:00Z");
    private static final Instant TO = Instant.parse("2026-01-01T00:00:00Z");
    private static final long ROWS = 1000;

    static Stream<Source> everySource() {
        return Stream.of(
                new ValueSpec.Sequence(-5, 3),
                new ValueSpec.IntegerRange(-10, 10),
                new ValueSpec.IntegerRange(Long.MIN_VALUE, Long.MIN_VALUE + 100),
                new ValueSpec.DecimalRange(new BigDecimal("-1.5"), new BigDecimal("2"), 2),
                new ValueSpec.OneOf(weights("tab\there", 1, "line\nbreak", 2, "back\\slash", 3, "ünïcödé 🐘", 4)),
                new ValueSpec.Faker("internet.emailAddress", 50),
                new ValueSpec.Text(0, 200, LengthDistribution.UNIFORM),
                new ValueSpec.Text(3, 60, LengthDistribution.NORMAL),
                new ValueSpec.Text(0, 60, LengthDistribution.SHORT),
                new ValueSpec.Timestamp(FROM, TO, true),
                new ValueSpec.Timestamp(FROM, TO, false),
                new ValueSpec.Reference("customers", "id", 0),
                new ValueSpec.Reference("customers", "id", 1.1),
                new ValueSpec.Constant("a constant"),
                new ValueSpec.RandomUuid());
    }

    @ParameterizedTest
    @MethodSource("everySource")
    void theSameRowHasTheSameValueInWhateverOrder(Source source) {
        ValueGenerator forward = generator(new ValueSpec(source, 0.1));
        ValueGenerator shuffled = generator(new ValueSpec(source, 0.1));
        List<Long> order = new ArrayList<>();
        List<@Nullable String> values = new ArrayList<>();
        for (long row = 0; row < ROWS; row++) {
            values.add(forward.textAt(row));
            order.add(row);
        }
        Collections.shuffle(order, new Random(1));
        for (long row : order) {
            assertThat(shuffled.textAt(row)).as("row %d", row).isEqualTo(values.get((int) row));
        }
    }

    @ParameterizedTest
    @MethodSource("everySource")
    void whatCopyGetsIsTheTextEscaped(Source source) {
        ValueGenerator generator = generator(new ValueSpec(source, 0.1));
        for (long row = 0; row < ROWS; row++) {
            CopyBuffer copied = new CopyBuffer(8);
            generator.copyTo(copied, row);
            CopyBuffer expected = new CopyBuffer(8);
            expected.field(generator.textAt(row));
            assertThat(copied.toByteArray()).isEqualTo(expected.toByteArray());
        }
    }

    @ParameterizedTest
    @MethodSource("everySource")
    void theShareOfNullsIsWhatWasAsked(Source source) {
        ValueGenerator generator = generator(new ValueSpec(source, 0.1));
        long nulls = IntStream.range(0, 1000)
                .filter(row -> generator.textAt(row) == null)
                .count();
        // Binomial: 1000 * 0.1 with sqrt(1000 * 0.1 * 0.9) = 9.5 as deviation; four of them.
        assertThat((double) nulls).isCloseTo(100, within(38.0));
    }

    @Test
    void seedTableAndColumnEachChangeTheValues() {
        ValueSpec spec = new ValueSpec(new ValueSpec.IntegerRange(0, 1L << 60), 0);
        Set<String> values = new HashSet<>();
        for (long seed : new long[] {1, 2}) {
            for (String table : List.of("a", "ab")) {
                for (String column : List.of("b", "bb")) {
                    values.add(text(ValueGenerators.of(spec, seed, table, column, new Customers()), 0));
                }
            }
        }
        assertThat(values).hasSize(8);
    }

    @Test
    void wholeNumbersAreEachAsLikelyAndReachBothEnds() {
        int kinds = 20;
        int draws = 200_000;
        ValueGenerator generator = generator(plain(new ValueSpec.IntegerRange(-9, 10)));
        long[] counts = new long[kinds];
        for (long row = 0; row < draws; row++) {
            counts[Integer.parseInt(text(generator, row)) + 9]++;
        }
        double[] expected = new double[kinds];
        Arrays.fill(expected, (double) draws / kinds);
        // 19 degrees of freedom: exceeded once in 10 000 samples.
        assertThat(chiSquare(counts, expected)).isLessThan(50.8);
    }

    @Test
    void neighbouringRowsAreIndependent() {
        ValueGenerator generator = generator(plain(new ValueSpec.IntegerRange(0, 9)));
        long[] pairs = new long[100];
        int draws = 200_000;
        for (long row = 0; row < draws; row++) {
            pairs[Integer.parseInt(text(generator, row)) * 10 + Integer.parseInt(text(generator, row + 1))]++;
        }
        double[] expected = new double[100];
        Arrays.fill(expected, draws / 100.0);
        // 99 degrees of freedom: exceeded once in 10 000 samples.
        assertThat(chiSquare(pairs, expected)).isLessThan(161);
    }

    @Test
    void valuesComeByTheirWeights() {
        ValueGenerator generator =
                generator(plain(new ValueSpec.OneOf(weights("paid", 80, "open", 15, "lost", 5, "no", 0))));
        Map<String, Long> counts = new HashMap<>();
        int draws = 100_000;
        for (long row = 0; row < draws; row++) {
            counts.merge(text(generator, row), 1L, Long::sum);
        }
        assertThat(counts).containsOnlyKeys("paid", "open", "lost");
        long[] observed = {counts.get("paid"), counts.get("open"), counts.get("lost")};
        // 2 degrees of freedom: exceeded once in 10 000 samples.
        assertThat(chiSquare(observed, new double[] {80_000, 15_000, 5_000})).isLessThan(18.4);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 1.0, 1.1, 2.0, 3.5})
    void zipfFollowsTheExactProbabilities(double exponent) {
        int size = 30;
        int draws = 300_000;
        Zipf zipf = new Zipf(size, exponent);
        RowRandom random = new RowRandom(SEED, "zipf");
        long[] counts = new long[size];
        for (long row = 0; row < draws; row++) {
            counts[(int) zipf.rank(random.bits(row))]++;
        }
        double norm = IntStream.rangeClosed(1, size)
                .mapToDouble(rank -> Math.pow(rank, -exponent))
                .sum();
        double[] expected = IntStream.rangeClosed(1, size)
                .mapToDouble(rank -> draws * Math.pow(rank, -exponent) / norm)
                .toArray();
        // 29 degrees of freedom: exceeded once in 10 000 samples. Expected counts stay above 1.
        assertThat(chiSquare(counts, expected)).isLessThan(65.3);
    }

    @Test
    void zipfOverFiftyMillionKeysKeepsTheHottestShare() {
        long size = 50_000_000;
        Zipf zipf = new Zipf(size, 1);
        RowRandom random = new RowRandom(SEED, "zipf");
        int draws = 200_000;
        long first = 0;
        for (long row = 0; row < draws; row++) {
            long rank = zipf.rank(random.bits(row));
            assertThat(rank).isBetween(0L, size - 1);
            first += rank == 0 ? 1 : 0;
        }
        // 1 / H(n), with H(n) = ln n + Euler's constant to within 1 / n.
        double share = 1 / (Math.log((double) size) + 0.5772156649);
        double deviation = Math.sqrt(share * (1 - share) / draws);
        assertThat((double) first / draws).isCloseTo(share, within(4 * deviation));
    }

    @Test
    void hotKeysAreTheSameForEveryReferenceAndNotNeighbours() {
        ValueSpec spec = plain(new ValueSpec.Reference("customers", "id", 1.2));
        List<String> fromOrders = hottest(ValueGenerators.of(spec, SEED, "orders", "customer_id", new Customers()));
        List<String> fromRequests = hottest(ValueGenerators.of(spec, SEED, "read", "id", new Customers()));
        assertThat(fromOrders).isEqualTo(fromRequests);
        assertThat(Math.abs(Long.parseLong(fromOrders.get(0)) - Long.parseLong(fromOrders.get(1))))
                .isGreaterThan(2);
    }

    private static List<String> hottest(ValueGenerator generator) {
        Map<String, Integer> counts = new HashMap<>();
        for (long row = 0; row < 50_000; row++) {
            counts.merge(text(generator, row), 1, Integer::sum);
        }
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .limit(3)
                .map(Map.Entry::getKey)
                .toList();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 7, 8, 9, 1000, 4096, 4097})
    void aPermutationReachesEveryNumberOnce(long size) {
        Permutation permutation = new Permutation(size, SEED);
        Set<Long> reached = new HashSet<>();
        for (long number = 0; number < size; number++) {
            reached.add(permutation.at(number));
        }
        assertThat(reached).hasSize((int) size).allMatch(number -> number >= 0 && number < size);
    }

    @ParameterizedTest
    @MethodSource("keySizes")
    void drawsOfAUniqueKeyNeverRepeatACombination(List<Long> sizes, int rows) {
        DistinctDraw[] draws = DistinctDraw.forKey(
                SEED, "key", sizes.stream().mapToLong(Long::longValue).toArray());
        Set<List<Long>> seen = new HashSet<>();
        for (long row = 0; row < rows; row++) {
            List<Long> combination = new ArrayList<>();
            for (int column = 0; column < draws.length; column++) {
                long index = draws[column].indexAt(row);
                assertThat(index).isBetween(0L, sizes.get(column) - 1);
                combination.add(index);
            }
            seen.add(combination);
        }
        assertThat(seen).hasSize(rows);
    }

    static Stream<Arguments> keySizes() {
        return Stream.of(
                Arguments.of(List.of(1000L), 1000),
                Arguments.of(List.of(50L, 3L, 7L), 1050),
                Arguments.of(List.of(1L, 999L), 999),
                Arguments.of(List.of(1L << 40, 1L << 50), 5000),
                Arguments.of(List.of(1L << 62, Long.MAX_VALUE, 5L), 5000));
    }

    @Test
    void aDictionaryHasTheDistinctValuesAskedForOrSaysHowMany() {
        Dictionaries dictionaries = new Dictionaries(SEED);
        assertThat(dictionaries.reached(new ValueSpec.Faker("internet.emailAddress", 2000)))
                .isEqualTo(2000);
        assertThat(dictionaries.reached(new ValueSpec.Faker("#{numerify '#'}", 1000)))
                .isEqualTo(10);
    }

    @ParameterizedTest
    @ValueSource(strings = {"commerce.productName", "Commerce.productName", "name.fullName", "number.digits '3'"})
    void expressionsMayNameTheirProviderInEitherCase(String expression) {
        assertThat(new Dictionaries(SEED).reached(new ValueSpec.Faker(expression, 100)))
                .isEqualTo(100);
    }

    @Test
    void aSmallerDictionaryIsTheBeginningOfALargerAndFreshOnesAgree() {
        Dictionary small = new Dictionaries(SEED).of(new ValueSpec.Faker("#{Name.firstName} #{Name.lastName}", 40));
        Dictionary large = new Dictionaries(SEED).of(new ValueSpec.Faker("#{Name.firstName} #{Name.lastName}", 400));
        Dictionary other = new Dictionaries(SEED + 1).of(new ValueSpec.Faker("#{Name.firstName} #{Name.lastName}", 40));
        assertThat(listed(large).subList(0, 40)).isEqualTo(listed(small)).isNotEqualTo(listed(other));
    }

    private static List<String> listed(Dictionary dictionary) {
        List<String> values = new ArrayList<>();
        for (long index = 0; index < dictionary.size(); index++) {
            values.add(dictionary.textAt(index));
        }
        return values;
    }

    @Test
    void ascendingTimesGrowStrictlyAndFillThePeriod() {
        ValueGenerator generator = ValueGenerators.of(
                plain(new ValueSpec.Timestamp(FROM, TO, true)), SEED, "customers", "created_at", new Customers());
        Instant before = FROM.minusNanos(1000);
        long slot = Duration.between(FROM, TO).toMillis() / ROWS;
        for (long row = 0; row < ROWS; row++) {
            Instant time = instant(text(generator, row));
            assertThat(time).isAfter(before).isBetween(FROM.plusMillis(slot * row), FROM.plusMillis(slot * (row + 1)));
            before = time;
        }
        assertThat(before).isBefore(TO);
    }

    @Test
    void timesAreIsoInUtcWithMicroseconds() {
        ValueGenerator generator = generator(plain(new ValueSpec.Timestamp(
                Instant.parse("1969-12-31T23:59:59.000001Z"), Instant.parse("1969-12-31T23:59:59.000002Z"), false)));
        assertThat(generator.textAt(0)).isEqualTo("1969-12-31 23:59:59.000001+00");
    }

    @Test
    void decimalsKeepTheirDigitsBetweenTheirEnds() {
        ValueGenerator generator =
                generator(plain(new ValueSpec.DecimalRange(new BigDecimal("-0.02"), new BigDecimal("0.02"), 2)));
        Set<String> values = new HashSet<>();
        for (long row = 0; row < 1000; row++) {
            values.add(text(generator, row));
        }
        assertThat(values).containsExactlyInAnyOrder("-0.02", "-0.01", "0.00", "0.01", "0.02");
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void textsHaveTheMeanLengthOfTheirDistribution(LengthDistribution distribution, double mean, double deviation) {
        ValueGenerator generator = generator(plain(new ValueSpec.Text(10, 110, distribution)));
        int draws = 20_000;
        long sum = 0;
        for (long row = 0; row < draws; row++) {
            String text = text(generator, row);
            assertThat(text).hasSizeBetween(10, 110).matches("[a-z]([a-z ]*[a-z])?");
            sum += text.length();
        }
        assertThat((double) sum / draws).isCloseTo(mean, within(4 * deviation / Math.sqrt(draws)));
    }

    static Stream<Arguments> lengths() {
        // Exponential with mean 20 cut off at 101 whole steps: floor takes half a step, the cut some more.
        double decay = Math.exp(-1 / 20.0);
        double weights = 0;
        double lengths = 0;
        for (int length = 0; length <= 100; length++) {
            weights += Math.pow(decay, length);
            lengths += length * Math.pow(decay, length);
        }
        return Stream.of(
                Arguments.of(LengthDistribution.UNIFORM, 60, 101 / Math.sqrt(12)),
                Arguments.of(LengthDistribution.NORMAL, 60, 100 / 6.0),
                Arguments.of(LengthDistribution.SHORT, 10 + lengths / weights, 20));
    }

    @Test
    void uuidsAreRandomOnesOfVersion4() {
        ValueGenerator generator = generator(plain(new ValueSpec.RandomUuid()));
        Set<UUID> seen = new HashSet<>();
        for (long row = 0; row < 1000; row++) {
            UUID uuid = UUID.fromString(text(generator, row));
            assertThat(uuid.version()).isEqualTo(4);
            assertThat(uuid.variant()).isEqualTo(2);
            assertThat(uuid.toString()).isEqualTo(text(generator, row));
            seen.add(uuid);
        }
        assertThat(seen).hasSize(1000);
    }

    static Stream<Source> nonsense() {
        return Stream.of(
                new ValueSpec.IntegerRange(2, 1),
                new ValueSpec.IntegerRange(Long.MIN_VALUE, Long.MAX_VALUE),
                new ValueSpec.DecimalRange(new BigDecimal("0.001"), BigDecimal.ONE, 2),
                new ValueSpec.DecimalRange(BigDecimal.ZERO, BigDecimal.ONE, 19),
                new ValueSpec.OneOf(weights("a", 0)),
                new ValueSpec.OneOf(weights("a", -1, "b", 2)),
                new ValueSpec.OneOf(weights("nul\0", 1)),
                new ValueSpec.Constant("half \uD83D"),
                new ValueSpec.Faker("no.suchThing", 10),
                new ValueSpec.Faker("internet.emailAddress", 0),
                new ValueSpec.Text(5, 4, LengthDistribution.UNIFORM),
                new ValueSpec.Timestamp(TO, FROM, false),
                new ValueSpec.Timestamp(FROM, TO, true), // of a table that nobody knows
                new ValueSpec.Reference("nobody", "id", 0),
                new ValueSpec.Reference("customers", "id", -1));
    }

    @ParameterizedTest
    @MethodSource("nonsense")
    void whatMakesNoSenseIsRefusedAtOnce(Source source) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ValueGenerators.of(plain(source), SEED, "nobody", "column", new Customers()));
    }

    @Test
    void aShareOfNullsBeyondOneIsRefused() {
        ValueSpec spec = new ValueSpec(new ValueSpec.Constant("x"), 1.5);
        assertThatIllegalArgumentException().isThrownBy(() -> generator(spec));
    }

    @Test
    void aSequenceThatLeavesBigintFailsInsteadOfWrapping() {
        ValueGenerator generator = generator(plain(new ValueSpec.Sequence(Long.MAX_VALUE - 1, 1)));
        assertThat(generator.textAt(1)).isEqualTo(Long.toString(Long.MAX_VALUE));
        assertThatThrownBy(() -> generator.textAt(2)).isInstanceOf(ArithmeticException.class);
    }

    @Test
    void copyEscapesWhatItsFormatGivesAMeaning() {
        assertThat(copied("a\tb\nc\rd\\e")).isEqualTo("a\\tb\\nc\\rd\\\\e");
        assertThat(copied("\\.")).isEqualTo("\\\\.");
        assertThat(copied("\\N")).isEqualTo("\\\\N");
        assertThat(copied("")).isEmpty();
        assertThat(copied(null)).isEqualTo("\\N");
        assertThat(copied("é € 🐘 한")).isEqualTo("é € 🐘 한");
        assertThatIllegalArgumentException().isThrownBy(() -> copied("a\0b"));
        assertThatIllegalArgumentException().isThrownBy(() -> copied("\uDC00"));
    }

    @Test
    void numbersAreWrittenAsJavaWritesThem() {
        for (long number : new long[] {0, 9, 10, -1, 99, 100, Long.MAX_VALUE, Long.MIN_VALUE, -1_000_000}) {
            CopyBuffer buffer = new CopyBuffer(1);
            buffer.number(number);
            assertThat(buffer.asciiText()).isEqualTo(Long.toString(number));
        }
    }

    private static String copied(@Nullable String value) {
        CopyBuffer buffer = new CopyBuffer(1);
        buffer.field(value);
        return new String(buffer.toByteArray(), StandardCharsets.UTF_8);
    }

    private static double chiSquare(long[] observed, double[] expected) {
        double sum = 0;
        for (int index = 0; index < observed.length; index++) {
            sum += Math.pow(observed[index] - expected[index], 2) / expected[index];
        }
        return sum;
    }

    private static Instant instant(String text) {
        return Instant.parse(text.replace(' ', 'T').replace("+00", "Z"));
    }

    private static String text(ValueGenerator generator, long row) {
        return Objects.requireNonNull(generator.textAt(row));
    }

    private static ValueSpec plain(Source source) {
        return new ValueSpec(source, 0);
    }

    private static ValueGenerator generator(ValueSpec spec) {
        return ValueGenerators.of(spec, SEED, "customers", "column", new Customers());
    }

    private static Map<String, Double> weights(Object... pairs) {
        Map<String, Double> weights = new LinkedHashMap<>();
        for (int index = 0; index < pairs.length; index += 2) {
            weights.put((String) pairs[index], ((Number) pairs[index + 1]).doubleValue());
        }
        return weights;
    }

    /** A thousand customers, whose ids count from 1. */
    private static final class Customers implements Keys {
        @Override
        public long rows(String table) {
            return table.equals("customers") ? ROWS : 0;
        }

        @Override
        public String keyAt(String table, String column, long row) {
            return Long.toString(row + 1);
        }
    }
}
