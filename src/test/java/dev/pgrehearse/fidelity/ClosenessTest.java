package dev.pgrehearse.fidelity;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Both sides of every limit; the limits themselves by hand. */
class ClosenessTest {
    @ParameterizedTest
    @CsvSource({
        "1000, 1100, true",
        "1000, 1101, false",
        "1000, 900, true",
        "1000, 899, false",
        "5, 5, true",
        "5, 4, false",
        "0, 0, true",
        "0, 1, false",
        "1000, NaN, false"
    })
    void countsWithinATenth(double asked, double got, boolean within) {
        assertThat(Closeness.count("rows", "rows", asked, got).within()).isEqualTo(within);
    }

    @ParameterizedTest
    @CsvSource({"5, 6, true", "5, 7, false", "1, 0, true", "100, 110, true", "100, 111, false"})
    void pagesWithinATenthOrOne(double asked, double got, boolean within) {
        assertThat(Closeness.pages("pages", asked, got).within()).isEqualTo(within);
    }

    @ParameterizedTest
    @CsvSource({"4, 5, true", "4, 6, false", "60, 66, true", "60, 67, false"})
    void widthsWithinATenthOrOneByte(double asked, double got, boolean within) {
        assertThat(Closeness.width(asked, got).within()).isEqualTo(within);
    }

    /**
     * Of 0.5 a tenth is 0.05, of 30 000 rows on both sides chance moves it by 3 × √(0.25 × 2 / 30 000) = 0.0122; at 0.01
     * against 0.0125, by 3 × √(0.0125 × 0.9875 × 2 / 30 000) = 0.002722; of 0 against 0.0006, by 3 × √(0.0006 × 0.9994 × 2
     * / 30 000) = 0.0006.
     */
    @ParameterizedTest
    @CsvSource({
        "0.5, 0.55, true",
        "0.5, 0.551, false",
        "0.01, 0.0125, true",
        "0.01, 0.0129, false",
        "0, 0.00059, true",
        "0, 0.00061, false",
        "0, 0.0099, false",
        "1, 0.95, true",
        "1, 0.89, false"
    })
    void sharesWithinATenthOrChance(double asked, double got, boolean within) {
        assertThat(Closeness.share("null share", asked, got, 30_000, 30_000).within())
                .isEqualTo(within);
    }

    /** Of 200 rows chance moves a tenth by 3 × √(0.1 × 0.9 × 2 / 200) = 0.09. */
    @Test
    void fewerRowsAreMovedFurtherByChance() {
        assertThat(Closeness.shareLimit(0.1, 0.05, 200, 200)).isBetween(0.0899, 0.0901);
        assertThat(Closeness.shareLimit(0.1, 0.05, 30_000, 30_000)).isBetween(0.00999, 0.01001);
    }

    @ParameterizedTest
    @CsvSource({"0.3, 0.4, true", "0.3, 0.401, false", "0.3, 0.2, true", "0.3, 0.199, false"})
    void pointsOfShare(double asked, double got, boolean within) {
        assertThat(Closeness.points("dead rows", asked, got).within()).isEqualTo(within);
    }

    /** Chance: 3 / √(n − 1), 0.3 for 101 rows in no order, and nothing for rows in perfect order. */
    @ParameterizedTest
    @CsvSource({
        "0, 0.1, 30000, true",
        "0, 0.101, 30000, false",
        "0, 0.3, 101, true",
        "0, 0.301, 101, false",
        "1, 0.9, 101, true",
        "1, 0.899, 101, false",
        "1, NaN, 101, false"
    })
    void correlation(double asked, double got, double rows, boolean within) {
        assertThat(Closeness.correlation(asked, got, rows).within()).isEqualTo(within);
    }
}
