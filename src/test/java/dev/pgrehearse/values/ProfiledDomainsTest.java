package dev.pgrehearse.values;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ProfiledDomainsTest {
    private static final long SEED = 20_261_120;
    private static final ProfiledDomains DOMAINS = new ProfiledDomains(new Dictionaries(SEED), SEED);

    private static ColumnShape shape(String column, String type, long distinct) {
        return ColumnShape.of(column, type, distinct);
    }

    private static ColumnShape.Limits from(String lowest, boolean included, String highest, boolean highestIncluded) {
        return new ColumnShape.Limits(lowest, included, highest, highestIncluded, 0, null);
    }

    private static List<String> all(ColumnShape shape) {
        Domain domain = DOMAINS.of(shape);
        return LongStream.range(0, domain.size()).mapToObj(domain::textAt).toList();
    }

    @Test
    void eachPartBetweenBoundsGetsItsShareAndANarrowOneWhatItHolds() {
        // Shares of 10 each: the first part holds 4, so the others get 13 each.
        Spread spread = new Spread(new long[] {0, 4, 100, 1000}, 30);
        long[] numbers = LongStream.range(0, 30).map(spread::at).toArray();
        assertThat(Arrays.stream(numbers).filter(number -> number < 4).count()).isEqualTo(4);
        assertThat(Arrays.stream(numbers)
                        .filter(number -> number >= 4 && number < 100)
                        .count())
                .isEqualTo(13);
        assertThat(numbers)
                .isSorted()
                .doesNotHaveDuplicates()
                .startsWith(0, 1, 2, 3)
                .endsWith(1000);
        assertThat(spread.isRoomy()).isFalse();
    }

    @Test
    void everyNumberBetweenTheBoundsWhenThereAreJustAsMany() {
        Spread spread = new Spread(new long[] {-3, 0, 1, 6}, 10);
        assertThat(LongStream.range(0, 10).map(spread::at)).containsExactly(-3L, -2L, -1L, 0L, 1L, 2L, 3L, 4L, 5L, 6L);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Spread(new long[] {-3, 0, 1, 6}, 11))
                .withMessageContaining("11 different values");
    }

    @Test
    void allOfBigintIsNoLongerThanAnyOtherSpread() {
        Spread spread = new Spread(new long[] {Long.MIN_VALUE, Long.MAX_VALUE}, 1_000_000_000);
        assertThat(spread.at(0)).isEqualTo(Long.MIN_VALUE);
        // One short of the end: a long cannot count from 0 to there.
        assertThat(spread.at(999_999_999)).isEqualTo(Long.MAX_VALUE - 1);
        assertThat(spread.at(499_999_999)).isNegative();
        assertThat(spread.at(500_000_000)).isZero();
    }

    @Test
    void moreValuesThanThereAreIsSaidWithTheNumbers() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DOMAINS.of(shape("n", "integer", 12).withBounds(List.of("1", "10"))))
                .withMessage("12 different values, more than integer has from 1 to 10");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DOMAINS.of(shape("n", "boolean", 3)))
                .withMessageContaining("3 different values");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DOMAINS.of(shape("code", "character(1)", 63)))
                .withMessageContaining("63 different values");
        assertThat(all(shape("code", "character(1)", 62))).doesNotHaveDuplicates();
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        DOMAINS.of(shape("d", "date", 32).withLimits(from("2024-01-01", true, "2024-02-01", false))))
                .withMessageContaining("2024-01-31");
        assertThat(all(shape("d", "date", 31).withLimits(from("2024-01-01", true, "2024-02-01", false))))
                .startsWith("2024-01-01")
                .endsWith("2024-01-31");
    }

    @Test
    void whatCannotBeMadeIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DOMAINS.of(shape("x", "shop.address_parts", 3)))
                .withMessageContaining("shop.address_parts");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DOMAINS.of(shape("x", "mood", 3).withKnown(List.of("sad", "ok"))))
                .withMessageContaining("only 2 are known");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DOMAINS.of(shape("x", "date", 3).withBounds(List.of("soon"))))
                .withMessageContaining("'soon'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DOMAINS.of(shape("x", "bytea", 3).withLimits(from("\\x00", true, "\\xff", true))))
                .withMessageContaining("bytea");
    }

    static Stream<Arguments> limited() {
        return Stream.of(
                Arguments.of("integer", from("0", false, "5", false), "1", "4"),
                Arguments.of("integer", from("0.5", true, "4.5", true), "1", "4"),
                Arguments.of("numeric(4,1)", from("0", false, "0.5", false), "0.1", "0.4"),
                Arguments.of("date", from("2024-02-27", false, "2024-03-02", true), "2024-02-28", "2024-03-02"),
                Arguments.of(
                        "timestamp(0) without time zone",
                        from("2024-01-01 00:00:00", true, "2024-01-01 00:00:04", false),
                        "2024-01-01 00:00:00",
                        "2024-01-01 00:00:03"));
    }

    @ParameterizedTest
    @MethodSource("limited")
    void limitsHoldToTheLastValue(String type, ColumnShape.Limits limits, String first, String last) {
        List<String> values = all(shape("n", type, 4).withFractionDigits(1).withLimits(limits));
        assertThat(values).hasSize(4).startsWith(first).endsWith(last);
    }

    @Test
    void textsBetweenLimitsBeginAlike() {
        List<String> values = all(shape("name", "text", 5000).withLimits(from("m", true, "n", false)));
        assertThat(values)
                .allMatch(value -> value.compareTo("m") >= 0 && value.compareTo("n") < 0)
                .doesNotHaveDuplicates();
        assertThat(all(shape("name", "text", 100).withLimits(new ColumnShape.Limits(null, true, "b", false, 0, null))))
                .allMatch(value -> value.compareTo("b") < 0);
    }

    @Test
    void knownTextsAreWhatTheOthersBeginWith() {
        List<String> known = List.of("a \"quoted\" one", "b\\s", "ü🐘");
        Domain domain = DOMAINS.of(shape("x", "text", 10).withKnown(known));
        List<String> values = LongStream.range(0, 10).mapToObj(domain::textAt).toList();
        assertThat(values).containsAll(known).doesNotHaveDuplicates();
        assertThat(values).allMatch(value -> known.stream().anyMatch(value::startsWith));
        CopyBuffer field = new CopyBuffer(16);
        domain.copyTo(field, values.indexOf("b\\s"));
        assertThat(field.asciiText()).isEqualTo("b\\\\s");
    }

    @ParameterizedTest
    @CsvSource({
        "email, '[a-z.]+[0-9a-z]*@example\\.(com|net|org)'",
        "billing_email, '[a-z.]+[0-9a-z]*@example\\.(com|net|org)'",
        "phone, '\\+4930\\d+'",
        "zip_code, '\\d+'",
        "access_token, '[0-9a-f]+'",
        "client_ip, '(\\d{2,3}\\.){3}\\d{2,3}'",
        "website, 'https://.*\\.example\\.(com|net|org)/'",
        "currency, '[A-Z]{3}[0-9a-z]*'"
    })
    void textsLookLikeWhatTheirColumnIsCalled(String column, String pattern) {
        assertThat(all(shape(column, "text", 500)
                        .withAverageWidth(34)
                        .withLengths(column.equals("currency") ? List.of(3, 3) : List.of())))
                .allMatch(value -> value.matches(pattern + (column.equals("currency") ? "[a-z]*" : "")))
                .doesNotHaveDuplicates();
    }

    @Test
    void textsStayWithinTheirTypeAndLengths() {
        assertThat(all(shape("email", "character varying(24)", 3000).withAverageWidth(23)))
                .allMatch(value -> value.length() <= 24)
                .doesNotHaveDuplicates();
        assertThat(all(shape("note", "text", 3000)
                        .withAverageWidth(30)
                        .withLimits(new ColumnShape.Limits(null, true, null, true, 20, 35))))
                .allMatch(value -> value.length() >= 20 && value.length() <= 35)
                .doesNotHaveDuplicates();
    }

    @Test
    void widthsAverageToWhatWasAskedForOnBothSidesOfTheLongHeader() {
        for (double width : new double[] {2, 7.3, 40, 126, 127, 131, 400}) {
            Lengths lengths = Lengths.of(List.of(5, 10, 12, 40), width, new int[] {0}, Integer.MAX_VALUE);
            double average = LongStream.range(0, 1024)
                    .mapToInt(lengths::at)
                    .map(Lengths::width)
                    .average()
                    .orElseThrow();
            assertThat(average).as("width %s", width).isCloseTo(width, within(Math.max(0.3, width * 0.02)));
        }
    }

    @Test
    void aBillionValuesTakeNoMoreThanAFew() {
        for (String type :
                List.of("text", "uuid", "bigint", "timestamp with time zone", "numeric(14,2)", "bytea", "jsonb")) {
            Domain domain = DOMAINS.of(shape("description", type, 1_000_000_000).withAverageWidth(60));
            Set<String> values = new HashSet<>();
            for (long index = 0; index < 1000; index++) {
                values.add(domain.textAt(index));
                values.add(domain.textAt(999_999_999 - index));
            }
            assertThat(values).as(type).hasSize(2000);
        }
    }
}
