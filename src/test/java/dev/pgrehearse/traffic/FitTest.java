package dev.pgrehearse.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FitTest {
    private static final double[] ROWS = figures(200, i -> i % 10);
    private static final double[] BUFFERS = figures(200, i -> 3 + i % 7);

    private static double[] figures(int count, java.util.function.IntToDoubleFunction figure) {
        double[] figures = new double[count];
        Arrays.setAll(figures, figure);
        return figures;
    }

    @Test
    void meansAreTheWantedOnes() {
        double[] weights = Fit.to(ROWS, 2, BUFFERS, 7);

        assertThat(Fit.mean(ROWS, weights)).isCloseTo(2, within(0.04));
        assertThat(Fit.mean(BUFFERS, weights)).isCloseTo(7, within(0.14));
    }

    @Test
    void whatIsRightAlreadyStaysAsItIs() {
        assertThat(Fit.to(ROWS, 4.5, BUFFERS, Fit.mean(BUFFERS, Fit.equal(200))))
                .containsOnly(1);
    }

    /** No weights give more rows than any parameters do. */
    @Test
    void whatNobodyCanReachIsNotTried() {
        assertThat(Fit.to(ROWS, 50, BUFFERS, 6)).containsOnly(1);
    }
}
