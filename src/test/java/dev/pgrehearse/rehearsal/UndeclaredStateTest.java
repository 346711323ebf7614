package dev.pgrehearse.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class UndeclaredStateTest {
    @Test
    void nothingToDoubtWhenEveryTableHasAState() {
        assertThat(UndeclaredState.doubt(List.of())).isEmpty();
    }

    @Test
    void namesTheTables() {
        assertThat(UndeclaredState.doubt(List.of("orders", "customers"))).hasValueSatisfying(doubt -> {
            assertThat(doubt.id()).isEqualTo("table-state-undeclared");
            assertThat(doubt.text()).contains("the state of orders, customers:");
        });
        assertThat(UndeclaredState.doubt(List.of("a", "b", "c", "d", "e", "f", "g")))
                .hasValueSatisfying(doubt -> assertThat(doubt.text()).contains("a, b, c, d, e and 2 more:"));
    }
}
