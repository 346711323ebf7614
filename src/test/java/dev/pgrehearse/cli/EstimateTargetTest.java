package dev.pgrehearse.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgrehearse.ladder.Target;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EstimateTargetTest {
    private static final Map<String, Long> SIZE = size();

    private static Map<String, Long> size() {
        Map<String, Long> size = new LinkedHashMap<>();
        size.put("orders", 1_000_000L);
        size.put("customers", 100_000L);
        size.put("currencies", 160L);
        return size;
    }

    @Test
    void tablesThatNobodyNamedGrowWithThoseThatWereAndSmallOnesStay() {
        Target target = EstimateTarget.of(SIZE, List.of("orders=50M"), null);
        assertThat(target.rows())
                .containsExactly(
                        Map.entry("orders", 50_000_000L),
                        Map.entry("customers", 5_000_000L),
                        Map.entry("currencies", 160L));
        assertThat(target.times(0.02))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("orders", 1_000_000L, "customers", 100_000L, "currencies", 160L));
        assertThat(target.largest()).isEqualTo(50e6);
        assertThat(target.named()).containsExactly("orders");
    }

    @Test
    void severalMayBeNamedWithCommasOrAgain() {
        assertThat(EstimateTarget.of(SIZE, List.of("orders=2M, customers=50k", "currencies=200"), null)
                        .rows())
                .containsEntry("orders", 2_000_000L)
                .containsEntry("customers", 50_000L)
                .containsEntry("currencies", 200L);
        assertThat(EstimateTarget.of(SIZE, List.of(), null).rows()).isEqualTo(SIZE);
    }

    @Test
    void everyMistakeIsToldAtOnce() {
        assertThatThrownBy(
                        () -> EstimateTarget.of(SIZE, List.of("ordres=5M", "orders", "orders=many,customers=0"), null))
                .isInstanceOf(WrongInput.class)
                .hasMessageContaining("--target ordres=5M: the scenario fills no table ordres")
                .hasMessageContaining("did you mean `orders`?")
                .hasMessageContaining("found `orders`, expected a table and its rows, such as orders=50M")
                .hasMessageContaining("found `orders=many`")
                .hasMessageContaining("found `customers=0`");
        assertThatThrownBy(() -> EstimateTarget.of(SIZE, List.of(), Path.of("no-such.profile.json")))
                .isInstanceOf(WrongInput.class)
                .hasMessageContaining("--profile no-such.profile.json cannot be read");
    }
}
