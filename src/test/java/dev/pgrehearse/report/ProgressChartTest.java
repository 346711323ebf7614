package dev.pgrehearse.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.pgrehearse.recording.Edited;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.RecordingJson;
import dev.pgrehearse.recording.SampleRecordings;
import dev.pgrehearse.recording.StatementProgress;
import dev.pgrehearse.recording.StatementProgress.Phase;
import dev.pgrehearse.recording.StatementProgress.Point;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ProgressChartTest {
    @Test
    void aPhaseIsDrawnWhereItIsToldHowMuchThereIsToDo() {
        Recording recording = with(
                phase("initializing", null, List.of()),
                phase("waiting for writers before build", 0L, List.of(new Point(10, 0), new Point(20, 0))),
                phase("seen once", 8L, List.of(new Point(30, 4))),
                phase("building index", 400L, List.of(new Point(100, 0), new Point(300, 100), new Point(900, 400))),
                phase("writing the new table", 50L, List.of(new Point(1_000, 0), new Point(2_000, 60))));

        assertThat(ProgressChart.isIn(recording)).isTrue();
        assertThat(chart(recording).toString())
                .as("an estimate of 50 turned out to be 60, and nobody hides that")
                .isEqualTo("[{\"what\":\"1 · building index\",\"points\":[[100.0,0.0],[300.0,0.25],[900.0,1.0]]},"
                        + "{\"what\":\"1 · writing the new table\",\"points\":[[1000.0,0.0],[2000.0,1.2]]}]");
    }

    @Test
    void nothingIsDrawnOfWhatTellsNoTotal() {
        Recording recording = with(phase("initializing", null, List.of(new Point(1, 1), new Point(2, 2))));

        assertThat(ProgressChart.isIn(recording)).isFalse();
        assertThat(chart(recording)).isEmpty();
    }

    @Test
    void manyPointsAreThinnedButForTheEnds() {
        List<Point> points = new ArrayList<>();
        for (int i = 0; i <= 5 * ChartData.MOST_POINTS; i++) {
            points.add(new Point(i, i));
        }
        ArrayNode chart = chart(with(phase("one", 3_000L, points), phase("other", 3_000L, points)));

        assertThat(chart).allSatisfy(phase -> {
            assertThat(phase.get("points")).hasSize(ChartData.MOST_POINTS / 2);
            assertThat(phase.at("/points/0/0").asInt()).isZero();
            assertThat(phase.at("/points/" + (ChartData.MOST_POINTS / 2 - 1) + "/1")
                            .asDouble())
                    .isEqualTo(1);
        });
    }

    private static ArrayNode chart(Recording recording) {
        ArrayNode chart = JsonNodeFactory.instance.arrayNode();
        ProgressChart.put(recording, chart);
        return chart;
    }

    private static Recording with(Phase... phases) {
        StatementProgress progress = new StatementProgress(1, 1, List.of(phases), 0);
        return Edited.of(SampleRecordings.asWritten())
                .set("/progress", json(List.of(progress)))
                .recording();
    }

    private static String json(List<StatementProgress> progress) {
        return RecordingJson.mapper().valueToTree(progress).toString();
    }

    private static Phase phase(String name, @Nullable Long total, List<Point> points) {
        return new Phase("CREATE INDEX", name, "orders", "files", 0, 1, "blocks", total, points);
    }
}
