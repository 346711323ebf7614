package dev.pgrehearse.recording;

import static dev.pgrehearse.recording.Requests.nanos;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressFoldTest {
    private static final Phases PHASES = new Phases(List.of(new Phases.Span("baseline", 0, nanos(600_000))), 0);

    private static Fact.ProgressSeen seen(int index, String phase, double atMs, long done) {
        return new Fact.ProgressSeen(
                index, 1, "pg_stat_progress_vacuum", "VACUUM", phase, "orders", nanos(atMs), done, 1_000L, "blocks");
    }

    @Test
    void aPhaseEndsWhereTheNextIsSeen() {
        List<StatementProgress> folded = new ProgressFold(
                        List.of(
                                seen(1, "scanning heap", 100, 1),
                                seen(1, "scanning heap", 900, 700),
                                seen(1, "vacuuming indexes", 1_000, 0),
                                seen(1, "vacuuming indexes", 4_000, 2),
                                seen(1, "scanning heap", 4_100, 701),
                                seen(1, "scanning heap", 5_000, 1_000),
                                seen(2, "scanning heap", 6_000, 5)),
                        PHASES)
                .fold();

        assertThat(folded).hasSize(2);
        assertThat(folded.get(0).phases())
                .extracting(
                        StatementProgress.Phase::name, StatementProgress.Phase::startMs, StatementProgress.Phase::endMs)
                .containsExactly(
                        tuple("scanning heap", 100.0, 1_000.0),
                        tuple("vacuuming indexes", 1_000.0, 4_100.0),
                        tuple("scanning heap", 4_100.0, 5_000.0));
        assertThat(folded.get(0).phases().get(0).points())
                .containsExactly(new StatementProgress.Point(100, 1), new StatementProgress.Point(900, 700));
        assertThat(folded.get(1).phases().get(0).lengthMs()).isZero();
    }

    @Test
    void hoursAreThinnedEvenlyBetweenTheFirstAndTheLast() {
        List<Fact.ProgressSeen> hour = new ArrayList<>();
        for (int second = 0; second <= 3_600; second++) {
            hour.add(seen(1, "scanning heap", second * 100, second));
        }

        List<StatementProgress.Point> points =
                new ProgressFold(hour, PHASES).fold().get(0).phases().get(0).points();

        assertThat(points).hasSize(ProgressFold.MOST_POINTS);
        assertThat(points.get(0).done()).isZero();
        assertThat(points.get(points.size() - 1).done()).isEqualTo(3_600);
        for (int i = 1; i < points.size(); i++) {
            assertThat(points.get(i).done() - points.get(i - 1).done()).isBetween(18L, 19L);
        }
    }

    @Test
    void phasesThatAreTooManyAreCounted() {
        List<Fact.ProgressSeen> many = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            many.add(seen(1, i % 2 == 0 ? "scanning heap" : "vacuuming indexes", i * 10, i));
        }

        StatementProgress folded = new ProgressFold(many, PHASES).fold().get(0);

        assertThat(folded.phases()).hasSize(200);
        assertThat(folded.phasesLeftOut()).isEqualTo(50);
    }
}
