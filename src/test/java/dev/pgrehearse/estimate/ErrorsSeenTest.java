package dev.pgrehearse.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ErrorsSeenTest {
    private static String words(ErrorsSeen.@Nullable Group quiet, ErrorsSeen.@Nullable Group underLoad) {
        return new ErrorsSeen(quiet, underLoad).inWords().replace('\u00a0', ' ');
    }

    private static String words(ErrorsSeen.Group quiet) {
        return words(quiet, null);
    }

    @Test
    void severalAreToldFromTheHighestErrorToTheLowest() {
        assertThat(words(new ErrorsSeen.Group(4, 0, 0.03, -0.11, 0, 12)))
                .isEqualTo(
                        "4 checked at up to 12 × the top rung, +3.0 % to −11.0 % of what was measured, all below their"
                                + " upper value");
        assertThat(words(new ErrorsSeen.Group(5, 1, -0.11, -0.5, 2, 50)))
                .isEqualTo(
                        "5 checked at up to 50 × the top rung, −11.0 % to −50.0 % of what was measured, 2 above their"
                                + " upper value, 1 of them at most 50 ms, as estimated");
    }

    @Test
    void oneAloneHasOneError() {
        assertThat(words(new ErrorsSeen.Group(1, 0, 0.0, 0.0, 0, 1)))
                .isEqualTo("1 checked at up to 1 × the top rung, 0 % of what was measured, below its upper value");
        assertThat(words(new ErrorsSeen.Group(1, 0, -0.3, -0.3, 1, 1.5)))
                .isEqualTo(
                        "1 checked at up to 1.50 × the top rung, −30.0 % of what was measured, 1 above its upper value");
    }

    @Test
    void whatIsNegligibleHasNoError() {
        assertThat(words(new ErrorsSeen.Group(1, 1, null, null, 0, 1)))
                .isEqualTo("1 checked, at most 50 ms, as estimated");
        assertThat(words(new ErrorsSeen.Group(3, 3, null, null, 0, 9)))
                .isEqualTo("3 checked, all at most 50 ms, as estimated");
    }

    @Test
    void whatWasMeasuredUnderLoadIsToldApart() {
        ErrorsSeen.Group loaded = new ErrorsSeen.Group(1, 0, -0.3, -0.3, 1, 4);
        String words =
                "under load 1 checked at up to 4 × the top rung, −30.0 % of what was measured, 1 above its upper value";
        assertThat(words(null, loaded)).isEqualTo(words);
        assertThat(words(new ErrorsSeen.Group(1, 1, null, null, 0, 1), loaded))
                .isEqualTo("1 checked, at most 50 ms, as estimated; " + words);
    }
}
