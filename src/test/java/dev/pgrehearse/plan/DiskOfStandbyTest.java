package dev.pgrehearse.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.scenario.Overrides;
import dev.pgrehearse.scenario.ScenarioReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A standby has a copy of the data of its own; it changes neither the dataset nor which server it is loaded on. */
class DiskOfStandbyTest {
    private static Plan plan(String standby) throws Exception {
        Overrides overrides = new Overrides(
                List.of(
                        new Overrides.Assignment("server.standby", standby),
                        new Overrides.Assignment("workload.operations.read_order.on", "primary")),
                List.of(),
                null);
        return Planner.plan(
                ScenarioReader.read(Path.of("src/test/resources/dev/pgrehearse/rehearsal/standby"), overrides),
                new Choices(List.of("locked", "long"), null, 1, 42, 1));
    }

    @Test
    void itIsOneCopyMoreAtATime() throws Exception {
        Plan with = plan("true");
        Plan without = plan("false");
        long data = without.rehearsals().get(0).dataBytes();

        assertThat(without.diskBytes(false, Set.of())).isEqualTo(2 * data);
        assertThat(with.diskBytes(false, Set.of())).isEqualTo(3 * data);
        // Kept is the primary's of both rehearsals; the standby's never.
        assertThat(without.diskBytes(true, Set.of())).isEqualTo(3 * data);
        assertThat(with.diskBytes(true, Set.of())).isEqualTo(4 * data);
    }

    @Test
    void theDatasetIsTheSame() throws Exception {
        assertThat(plan("true").rehearsals().get(0).data())
                .isEqualTo(plan("false").rehearsals().get(0).data());
    }
}
