package dev.pgrehearse.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.postgres.LockMode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Times are milliseconds of the server's clock. */
class StaleStartsTest {
    private final StaleStarts starts = new StaleStarts();

    @Test
    void aWaitThatTheLookBeforeDidNotShowCannotHaveBegunLongBeforeIt() {
        look(10_000, waits("orders", 1_000));
        look(10_020);
        assertThat(look(60_000)).isEmpty();

        assertThat(look(60_020, waits("items", 1_000)))
                .as("the start of the wait that is over")
                .containsExactly(0L);
        assertThat(look(60_040, waits("items", 60_019))).as("its own").containsExactly(60_019_000L);
    }

    @Test
    void aWaitThatGoesOnKeepsItsStart() {
        look(1_010, waits("orders", 1_000));

        assertThat(look(1_030, waits("orders", 1_000))).containsExactly(1_000_000L);
        assertThat(look(31_000, waits("orders", 1_000))).containsExactly(1_000_000L);
    }

    @Test
    void theFirstLookAndALateOneBelieveWhatTheyAreTold() {
        assertThat(look(50_000, waits("orders", 1_000))).containsExactly(1_000_000L);
        look(50_020);

        assertThat(look(58_000, waits("orders", 50_021)))
                .as("the looks between failed")
                .containsExactly(50_021_000L);
    }

    @Test
    void clocksThatDifferByLessThanADoubtAreNoProof() {
        look(1_000);
        assertThat(look(1_020, waits("orders", 995))).containsExactly(995_000L);
        look(1_040);
        assertThat(look(1_060, waits("orders", 1_034))).containsExactly(0L);
    }

    private List<Long> look(long askedMs, LockRow... rows) {
        return starts.checked(List.of(rows), askedMs * 1_000).stream()
                .map(LockRow::waitStartMicros)
                .toList();
    }

    private static LockRow waits(String object, long sinceMs) {
        return new LockRow("relation", object, 5, 1, 7, LockMode.ACCESS_SHARE, false, sinceMs * 1_000);
    }
}
