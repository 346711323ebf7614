package dev.pgrehearse.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Password;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.scenario.AdversarySpec;
import dev.pgrehearse.workload.AdversaryGround;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdversariesTest {
    @Test
    void oneThatWasNeverPlantedIsToldAndDidNotStand() {
        AdversarySpec spec = new AdversarySpec(
                AdversarySpec.Kind.LONG_READ, "orders", null, Duration.ofMillis(1), Duration.ofSeconds(9));
        ConnectionDetails nowhere = new ConnectionDetails("127.0.0.1", 1, "app", "app", new Password("none"));
        try (Supervisor supervisor = Supervisor.start();
                Adversaries adversaries = new Adversaries(
                        List.of(spec),
                        new AdversaryGround(
                                nowhere,
                                nowhere,
                                RehearsalClock.start(),
                                new Sessions(),
                                supervisor,
                                Path.of("."),
                                null),
                        fact -> {})) {
            assertThat(adversaries.neverPlanted()).singleElement().satisfies(fact -> {
                assertThat(fact.kind()).isEqualTo("longRead");
                assertThat(fact.stood()).isFalse();
                assertThat(fact.proof()).contains("never planted");
            });
        }
    }
}
