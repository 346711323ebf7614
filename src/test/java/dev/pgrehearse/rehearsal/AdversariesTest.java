package dev.pgrehearse.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Password;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.scenario.AdversarySpec;
import dev.pgrehearse.workload.Adversary;
import dev.pgrehearse.workload.AdversaryGround;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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

    @Test
    void allAreClosedAlsoAfterOneThatThrows() {
        List<String> closed = new ArrayList<>();

        assertThatThrownBy(() -> Adversaries.closeAll(List.of(
                        new Closed("first", closed, true),
                        new Closed("second", closed, false),
                        new Closed("third", closed, true))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("first")
                .satisfies(failure -> assertThat(failure.getSuppressed())
                        .singleElement()
                        .satisfies(other -> assertThat(other).hasMessage("third")));
        assertThat(closed).containsExactly("first", "second", "third");
    }

    /** Notes that it was closed. */
    private record Closed(String name, List<String> closed, boolean fails) implements Adversary {
        @Override
        public AdversarySpec spec() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Integer pid() {
            return null;
        }

        @Override
        public Long plantedNanos() {
            return null;
        }

        @Override
        public String remark() {
            return "";
        }

        @Override
        public void close() {
            closed.add(name);
            if (fails) {
                throw new IllegalStateException(name);
            }
        }
    }
}
