package dev.pgrehearse.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.observe.LinuxProcesses.MachineTicks;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.Fact;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class MachineProbeTest {
    private static final MachineTicks BEFORE = new MachineTicks(500, 10, 1_000);

    /** Of the thousand ticks of the baseline so many were busy. */
    private static List<String> doubts(long busy) {
        List<Fact> facts = new ArrayList<>();
        RehearsalClock clock = RehearsalClock.start();
        MachineProbe probe = new MachineProbe(
                new LinuxProcesses(OptionalLong.empty()),
                new Parties(new Sessions()),
                clock,
                facts::add,
                new Doubts(facts::add, clock));
        probe.baselineBegan(BEFORE);
        probe.baselineEnded(new MachineTicks(500 + busy, 10, 2_000));
        assertThat(probe.costs(null, null, null, 0).baselineCpuShare()).isEqualTo(busy / 1e3);
        return facts.stream()
                .filter(Fact.Doubted.class::isInstance)
                .map(fact -> ((Fact.Doubted) fact).doubt().id() + ": "
                        + ((Fact.Doubted) fact).doubt().text())
                .toList();
    }

    @Test
    void aBaselineThatFillsTheMachineIsADoubt() {
        assertThat(doubts(800)).isEmpty();
        assertThat(doubts(810))
                .singleElement()
                .asString()
                .startsWith("baseline-cpu: The machine's CPU was 81 % busy in the baseline already");
    }
}
