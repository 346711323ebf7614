package dev.pgrehearse.recording;

import static dev.pgrehearse.recording.Requests.nanos;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Figures from arithmetic: a baseline of 10 s, the migration from 10 s on, the end at 40 s. */
class StandbyFoldTest {
    private static final long END = nanos(40_000);

    private final List<Fact> facts = new ArrayList<>(List.of(
            new Fact.PhaseBegan(Recording.Phase.BASELINE, nanos(0)),
            new Fact.PhaseBegan(Recording.Phase.MIGRATION, nanos(10_000)),
            new Fact.StandbyStarted(Map.of("max_standby_streaming_delay", "30s"), 1.5, List.of("read_order"))));

    private void lag(double atMs, double ms, long bytes) {
        facts.add(new Fact.Sampled(StandbyFacts.LAG_MS, nanos(atMs), ms));
        facts.add(new Fact.Sampled(StandbyFacts.LAG_BYTES, nanos(atMs), bytes));
    }

    private void waited(String relation, String behind, double fromMs, double toMs) {
        facts.add(
                new Fact.StandbyWaited(7, relation, "ACCESS SHARE", "read_order", behind, nanos(fromMs), nanos(toMs)));
    }

    /** Statement 1 had ACCESS EXCLUSIVE on orders from 12 s to 15 s on the primary. */
    private StandbyFacts fold() {
        facts.add(new Fact.MigrationBegan("sql", null, nanos(10_000)));
        facts.add(new Fact.StatementRan(
                1,
                1,
                0,
                "m.sql",
                1,
                "ALTER TABLE orders …",
                nanos(12_000),
                nanos(15_000),
                "ok",
                null,
                null,
                true,
                true,
                List.of(new Fact.HeldLock("orders", new Fact.LockModeName("ACCESS EXCLUSIVE"))),
                List.of(),
                List.of()));
        Phases phases = Phases.of(facts, END);
        Recording.MigrationFacts migration =
                new MigrationFold(facts, List.of("read_order"), phases).fold().orElseThrow();
        return new StandbyFold(facts, phases, END, migration).fold().orElseThrow();
    }

    @Test
    void peaksAreTheMigrationsAndTheBaselinesApart() {
        lag(1_000, 700, 10_000);
        lag(11_000, 300, 40_000);
        lag(12_000, 900, 20_000);

        StandbyFacts standby = fold();

        assertThat(standby.baselineLagPeakMs()).isEqualTo(700);
        assertThat(standby.lagPeakMs()).isEqualTo(900);
        assertThat(standby.lagPeakAtMs()).isEqualTo(12_000);
        assertThat(standby.lagPeakBytes()).isEqualTo(40_000);
        assertThat(standby.behind()).isEmpty();
    }

    @Test
    void itIsBehindAboveASecondUntilItIsNot() {
        lag(11_000, 1_000, 1);
        lag(12_000, 1_001, 2);
        lag(13_000, 2_001, 9);
        lag(14_000, 1_000, 3);
        lag(20_000, 5_000, 4);

        StandbyFacts standby = fold();

        assertThat(standby.behind())
                .containsExactly(
                        new StandbyFacts.Behind(12_000, 14_000.0, 2_001, 9),
                        new StandbyFacts.Behind(20_000, null, 5_000, 4));
        assertThat(StandbyFold.events(standby))
                .extracting(Recording.Event::kind)
                .containsExactly("standby-behind", "standby-caught-up", "standby-behind");
    }

    @Test
    void readsBehindReplayAreTheStatementsThatHadTheLock() {
        lag(14_000, 500, 1);
        waited("orders", StandbyFacts.REPLAY, 12_100, 15_100);
        waited("orders", StandbyFacts.REPLAY, 14_000, 15_100);
        // Replay is half a second behind, so its lock may stand for so long after the primary's.
        waited("orders", StandbyFacts.REPLAY, 15_300, 15_400);
        waited("orders", StandbyFacts.REPLAY, 11_000, 11_100);
        waited("orders", StandbyFacts.REPLAY, 20_000, 20_100);
        waited("items", StandbyFacts.REPLAY, 13_000, 13_100);
        waited("(advisory lock)", "other", 13_000, 13_100);

        StandbyFacts standby = fold();

        assertThat(standby.waitsInAll()).isEqualTo(7);
        assertThat(standby.blocked())
                .containsExactlyInAnyOrder(
                        new StandbyFacts.Blocked(1, "orders", 3, 3_000, 4_200, List.of("read_order")),
                        new StandbyFacts.Blocked(null, "orders", 2, 100, 200, List.of("read_order")),
                        new StandbyFacts.Blocked(null, "items", 1, 100, 100, List.of("read_order")));
    }

    @Test
    void whatWasNotMeasuredIsNull() {
        StandbyFacts standby = fold();

        assertThat(standby.lagPeakMs()).isNull();
        assertThat(standby.baselineLagPeakMs()).isNull();
        assertThat(standby.lagPeakBytes()).isNull();
        assertThat(standby.conflicts()).isNull();
    }

    @Test
    void ofVeryManyWaitsTheLongestAreToldAndAllAreCounted() {
        for (int i = 0; i < 3_000; i++) {
            waited("orders", StandbyFacts.REPLAY, 12_000 + i, 12_000 + i + i);
        }

        StandbyFacts standby = fold();

        assertThat(standby.waitsInAll()).isEqualTo(3_000);
        assertThat(standby.waits())
                .hasSize(StandbyFacts.MOST_TOLD)
                .allSatisfy(wait -> assertThat(wait.durationMs()).isGreaterThanOrEqualTo(2_000));
    }
}
