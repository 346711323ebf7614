package dev.pgrehearse.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.Recording.Doubt;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ProbeLoopTest {
    private final List<Fact> facts = new CopyOnWriteArrayList<>();
    private final RehearsalClock clock = RehearsalClock.start();

    private record Sampled(String name, CountDownLatch looks, boolean fails) implements Probe {
        @Override
        public Duration period() {
            return Duration.ofSeconds(1);
        }

        @Override
        public void prepare() {}

        @Override
        public void sample() throws SQLException {
            looks.countDown();
            if (fails) {
                throw new SQLException("no answer", "58000");
            }
        }
    }

    @Test
    void whatSeveralProbesOfALoopMissedIsOneDoubt() throws Exception {
        assertThat(doubtsOf(true, false, true)).singleElement().satisfies(doubt -> {
            assertThat(doubt.id()).isEqualTo("observer-hole-probe-0");
            assertThat(doubt.text())
                    .contains("Watching probe 0 and probe 2 had 2 holes in all", "2 failed looks, the last: no answer");
        });
    }

    @Test
    void whatOneProbeMissedIsTold() throws Exception {
        assertThat(doubtsOf(false, true, false)).singleElement().satisfies(doubt -> {
            assertThat(doubt.id()).isEqualTo("observer-hole-probe-1");
            assertThat(doubt.text()).contains("Watching probe 1 had 1 hole between");
        });
    }

    @Test
    void whatMissedNothingRaisesNoDoubt() throws Exception {
        assertThat(doubtsOf(false, false)).isEmpty();
    }

    @Test
    void whatIsSeenMayBeWorthACloserLook() throws Exception {
        CountDownLatch looks = new CountDownLatch(3);
        Probe probe = new Probe() {
            @Override
            public String name() {
                return "probe";
            }

            @Override
            public Duration period() {
                return looks.getCount() == 3 ? Duration.ofHours(1) : Duration.ofMillis(1);
            }

            @Override
            public void sample() {
                looks.countDown();
            }
        };
        ProbeLoop loop = loop("probes", List.of(probe));
        loop.start();

        assertThat(looks.await(1, TimeUnit.MINUTES)).isTrue();
        loop.stop();
        assertThat(loop.paces())
                .singleElement()
                .satisfies(pace -> assertThat(pace.wantedPeriodMs()).isEqualTo(3_600_000));
    }

    @Test
    void aProbeThatIsHastenedLooksBeforeItIsDueAndNotBeforeItsPeriodAllows() throws Exception {
        AtomicReference<Duration> period = new AtomicReference<>(Duration.ofHours(1));
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch second = new CountDownLatch(2);
        Probe probe = new Probe() {
            @Override
            public String name() {
                return "probe";
            }

            @Override
            public Duration period() {
                return period.get();
            }

            @Override
            public Duration bearable() {
                return Duration.ofHours(2);
            }

            @Override
            public void sample() {
                first.countDown();
                second.countDown();
            }
        };
        Sampled other = new Sampled("other", new CountDownLatch(1_000), false);
        ProbeLoop loop = loop("probes", List.of(probe, other));
        loop.start();
        assertThat(first.await(1, TimeUnit.MINUTES)).isTrue();
        CountDownLatch heard = new CountDownLatch(1);
        loop.hasten(probe);
        loop.submit(heard::countDown);
        assertThat(heard.await(1, TimeUnit.MINUTES)).isTrue();
        assertThat(second.getCount()).isEqualTo(1);
        period.set(Duration.ofMillis(1));
        loop.hasten(probe);

        assertThat(second.await(1, TimeUnit.MINUTES)).isTrue();
        loop.stop();
        loop.report();
        assertThat(facts).isEmpty();
    }

    @Test
    void readingsThatFailAreToldWithFromWhenToWhen() throws Exception {
        ProbeLoop loop = loop("observer probes", List.of());
        CountDownLatch done = new CountDownLatch(1);
        loop.submit(() -> {
            throw new SQLException("no privilege", "42501");
        });
        loop.submit(() -> {});
        loop.submit(() -> {
            throw new SQLException("no such view", "42P01");
        });
        loop.submit(done::countDown);
        loop.start();
        assertThat(done.await(1, TimeUnit.MINUTES)).isTrue();
        loop.stop();
        loop.report();

        assertThat(facts).filteredOn(Fact.Happened.class::isInstance).hasSize(2);
        assertThat(facts)
                .filteredOn(Fact.Doubted.class::isInstance)
                .singleElement()
                .isInstanceOfSatisfying(Fact.Doubted.class, doubted -> {
                    assertThat(doubted.doubt().id()).isEqualTo("observer-reading-probes");
                    assertThat(doubted.doubt().text())
                            .matches(
                                    "2 readings of the server failed between [0-9.]+ s after the start, before the baseline and"
                                            + " [0-9.]+ s after the start, before the baseline, the last: no such view\\."
                                            + " What it would have told is missing\\.");
                });
    }

    private ProbeLoop loop(String name, List<? extends Probe> probes) {
        Doubts doubts = new Doubts(facts::add, clock);
        return new ProbeLoop(name, clock, doubts, new Silences(doubts, "server-silent", "server"), probes);
    }

    private List<Doubt> doubtsOf(boolean... fails) throws Exception {
        List<Sampled> probes = new CopyOnWriteArrayList<>();
        for (boolean failing : fails) {
            probes.add(new Sampled("probe " + probes.size(), new CountDownLatch(1), failing));
        }
        ProbeLoop loop = loop("probes", probes);
        loop.start();
        for (Sampled probe : probes) {
            probe.looks().await();
        }
        loop.stop();
        loop.report();
        return facts.stream()
                .filter(Fact.Doubted.class::isInstance)
                .map(fact -> ((Fact.Doubted) fact).doubt())
                .toList();
    }
}
