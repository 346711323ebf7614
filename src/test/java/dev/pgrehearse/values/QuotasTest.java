package dev.pgrehearse.values;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pgrehearse.values.Quotas.Common;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuotasTest {
    private static final long SEED = 7;

    private static NavigableMap<Long, Long> counts(Quotas quotas) {
        TreeMap<Long, Long> counts = new TreeMap<>();
        for (long rank = 0; rank < quotas.ranks(); rank++) {
            counts.merge(quotas.indexAt(rank), 1L, Long::sum);
        }
        return counts;
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 10", "3, 10", "10, 10", "20, 10", "7, 1000", "999, 1000"})
    void everyValueOccursAsOftenAsTheOthersButForOne(long distinct, long ranks) {
        NavigableMap<Long, Long> counts = counts(Quotas.even(distinct, ranks));

        long values = Math.min(distinct, ranks);
        assertThat(counts.keySet())
                .containsExactlyElementsOf(LongStream.range(0, values).boxed().toList());
        assertThat(counts.values())
                .allSatisfy(count -> assertThat(count).isBetween(ranks / values, ranks / values + 1));
    }

    @Test
    void commonValuesOccurAsOftenAsTheyShouldAtTheirPlaces() {
        Quotas quotas = Quotas.of(12, 1000, List.of(new Common(0.5, 0.4), new Common(0, 0.1), new Common(1, 0.3)));

        NavigableMap<Long, Long> counts = counts(quotas);
        assertThat(counts).hasSize(12).containsEntry(0L, 100L).containsEntry(11L, 300L);
        // Nine others, of which half (rounded up) come before the middle one.
        assertThat(counts).containsEntry(6L, 400L);
        assertThat(counts.headMap(6L).tailMap(1L).values()).allMatch(count -> count == 22 || count == 23);
        assertThat(quotas.largest()).isEqualTo(400);
        // A shuffled column's correlation is the sum of the squares of its frequencies.
        assertThat(new Correlation(quotas, false).of(0))
                .isCloseTo(0.16 + 0.01 + 0.09 + 9 * Math.pow(0.2 / 9, 2), within(1e-4));
    }

    @Test
    void allRanksGoToTheCommonValuesWhenThereAreNoOthers() {
        assertThat(counts(Quotas.of(3, 10, List.of(new Common(0, 0.5), new Common(0.5, 0.3), new Common(1, 0.19)))))
                .containsEntry(0L, 5L)
                .containsEntry(1L, 3L)
                .containsEntry(2L, 2L);
    }

    @Test
    void ranksAreGivenOutInOrderAndFoundAgain() {
        Quotas quotas = Quotas.of(
                57,
                10_007,
                IntStream.range(0, 9)
                        .mapToObj(i -> new Common(i / 9.0, 0.05 + i * 0.01))
                        .toList());

        long before = -1;
        for (long rank = 0; rank < quotas.ranks(); rank++) {
            long index = quotas.indexAt(rank);
            assertThat(index).isBetween(Math.max(0, before), before + 1);
            assertThat(rank).isBetween(quotas.startOf(index), quotas.startOf(index + 1) - 1);
            before = index;
        }
        assertThat(before).isEqualTo(quotas.distinct() - 1).isEqualTo(56);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 999, 1000, 1001, 1500, 12_345})
    void anArrangementIsOneToOneWhateverItsCorrelation(long size) {
        for (double correlation : new double[] {-1, -0.6, 0, 0.3, 0.999, 1}) {
            Arrangement arrangement = Arrangement.of(Quotas.even(size, size), correlation, SEED, "a");
            Set<Long> ranks = new HashSet<>();
            for (long position = 0; position < size; position++) {
                long rank = arrangement.rankAt(position);
                assertThat(rank).isBetween(0L, size - 1);
                ranks.add(rank);
            }
            assertThat(ranks).hasSize((int) size);
        }
    }

    /** As {@code compare_scalars} of PostgreSQL orders them: by value, and equal ones by position. */
    private static double correlation(Quotas quotas, Arrangement arrangement) {
        int size = (int) quotas.ranks();
        List<Integer> sorted = IntStream.range(0, size)
                .boxed()
                .sorted(Comparator.comparingLong((Integer position) -> quotas.indexAt(arrangement.rankAt(position))))
                .toList();
        double mean = (size - 1) / 2.0;
        double covariance = 0;
        double variance = 0;
        for (int rank = 0; rank < size; rank++) {
            covariance += (rank - mean) * (sorted.get(rank) - mean);
            variance += (rank - mean) * (rank - mean);
        }
        return covariance / variance;
    }

    @ParameterizedTest
    @CsvSource({
        "20000, 1",
        "20000, 0.9",
        "20000, 0.3",
        "20000, 0",
        "20000, -0.4",
        "20000, -1",
        "5, 0.9",
        "40, 0.5",
        "40, -0.8",
        "2, 0.6",
        "2, 1",
        "2, 0.5"
    })
    void theCorrelationIsTheOneAskedFor(long distinct, double correlation) {
        Quotas quotas = Quotas.even(distinct, 20_000);
        assertThat(correlation(quotas, Arrangement.of(quotas, correlation, SEED, "b")))
                .isCloseTo(correlation, within(0.03));
    }

    @Test
    void theCorrelationOfSkewedValuesIsTheOneAskedFor() {
        Quotas quotas = Quotas.of(
                500,
                20_000,
                IntStream.range(1, 50)
                        .mapToObj(i -> new Common((i * 37 % 50) / 50.0, 0.15 / i))
                        .toList());
        for (double correlation : new double[] {-0.7, 0.2, 0.8}) {
            assertThat(correlation(quotas, Arrangement.of(quotas, correlation, SEED, "c")))
                    .isCloseTo(correlation, within(0.05));
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 10", "1, 10", "5, 10", "9, 10", "10, 10", "333, 1000", "1, 1", "0, 1"})
    void asManyRowsAreNullAsShouldAndTheOthersAreNumberedWithoutGaps(long nulls, long rows) {
        NullRows nullRows = new NullRows(rows, nulls, SEED, "d");

        long next = 0;
        for (long row = 0; row < rows; row++) {
            long number = nullRows.numberOf(row);
            assertThat(number).isIn(-1L, next);
            next += number < 0 ? 0 : 1;
        }
        assertThat(next).isEqualTo(rows - nulls).isEqualTo(nullRows.present());
    }

    @Test
    void noPairComesTwiceAndBothColumnsKeepTheirQuotas() {
        List<Common> skewed = IntStream.range(1, 20)
                .mapToObj(i -> new Common(i / 20.0, 0.02 / i))
                .toList();
        Quotas first = Quotas.of(1000, 20_000, skewed);
        Quotas second = Quotas.of(700, 20_000, List.of(new Common(0.5, 0.04)));
        PairedDraws draws = PairedDraws.of(first, second, 0.5, SEED, "e");

        Set<Long> pairs = new HashSet<>();
        TreeMap<Long, Long> seconds = new TreeMap<>();
        TreeMap<Long, Long> firsts = new TreeMap<>();
        for (long row = 0; row < 20_000; row++) {
            pairs.add(draws.firstAt(row) * 1000 + draws.secondAt(row));
            seconds.merge(draws.secondAt(row), 1L, Long::sum);
            firsts.merge(draws.firstAt(row), 1L, Long::sum);
        }
        assertThat(pairs).hasSize(20_000);
        assertThat(firsts).isEqualTo(counts(first));
        // Beside frequent first values it gave way a little.
        assertThat(seconds).hasSize(700);
        assertThat(seconds.get(second.indexAt(second.startOf(350)))).isBetween(720L, 800L);
    }

    @Test
    void linesOfOrdersAreNeverTwiceInOne() {
        // Each of 1000 orders has a line 1: a value as frequent as there are first values.
        PairedDraws draws = PairedDraws.of(
                Quotas.even(1000, 3000), Quotas.of(10, 3000, List.of(new Common(0, 1 / 3.0))), 1, SEED, "f");

        Set<Long> pairs = new HashSet<>();
        for (long row = 0; row < 3000; row++) {
            pairs.add(draws.firstAt(row) * 10 + draws.secondAt(row));
        }
        assertThat(pairs).hasSize(3000);
    }

    @Test
    void tooFewPairsAreTold() {
        assertThatThrownBy(() -> PairedDraws.of(Quotas.even(3, 10), Quotas.even(3, 10), 0, SEED, "g"))
                .hasMessageContaining("4 rows with the same first value, and 3 different second values");
    }
}
