package dev.pgrehearse.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.RecordingJson;
import dev.pgrehearse.recording.SampleRecordings;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where a statement's time went, on a statement from 0 to 63 s whose phases are written down here. */
class StatementPhasesTest {
    private static String phase(String name, double from, double to, String counted) {
        return "{\"command\": \"CREATE INDEX CONCURRENTLY\", \"name\": \"" + name
                + "\", \"relation\": \"orders\", \"source\": \"pg_stat_progress_create_index\", \"startMs\": " + from
                + ", \"endMs\": " + to + ", " + counted + "}";
    }

    private static final String NOTHING = "\"unit\": null, \"total\": null, \"points\": []";

    private static Recording recording(String waits, String... phases) throws IOException {
        ObjectNode tree =
                (ObjectNode) RecordingJson.mapper().readTree(RecordingJson.write(SampleRecordings.asWritten()));
        ObjectNode statement = (ObjectNode) tree.at("/migration/statements/0");
        statement.put("startMs", 0.0).put("endMs", 63_000.0);
        tree.set("lockWaits", RecordingJson.mapper().readTree(waits));
        tree.set(
                "progress",
                RecordingJson.mapper()
                        .readTree("[{\"statement\": 1, \"attempt\": 1, \"phasesLeftOut\": 0, \"phases\": ["
                                + String.join(",", phases) + "]}]"));
        return RecordingJson.read(tree.toString());
    }

    private static String wait(double from, double ms, String relation) {
        return "{\"startMs\": " + from + ", \"durationMs\": " + ms + ", \"pid\": 7, \"relation\": \"" + relation
                + "\", \"mode\": \"SHARE\", \"operation\": \"migration\", \"behind\": \"adversary oldSnapshot\","
                + " \"ended\": \"granted\", \"source\": \"log\"}";
    }

    @Test
    void theLongestPhaseIsTheAnswer() throws IOException {
        // Its wait for the snapshot is a lock wait, too, and is not told twice.
        Recording recording = recording(
                "[" + wait(22_000, 40_900, "(virtual transaction)") + "]",
                phase(
                        "building index: scanning table",
                        0,
                        20_000,
                        "\"unit\": \"blocks\", \"total\": 800, \"points\": [{\"atMs\": 0, \"done\": 1},"
                                + " {\"atMs\": 20000, \"done\": 800}]"),
                phase("index validation: scanning table", 20_000, 22_000, NOTHING),
                phase("waiting for old snapshots", 22_000, 63_000, NOTHING));

        List<StatementPhases> all = StatementPhases.of(recording);

        assertThat(all).hasSize(1);
        assertThat(all.get(0).parts())
                .extracting(StatementPhases.Part::name)
                .containsExactly(
                        "building index: scanning table (orders)",
                        "index validation: scanning table (orders)",
                        "waiting for old snapshots (orders)");
        assertThat(all.get(0).parts().get(0).progress()).isEqualTo("800 of 800 blocks");
        assertThat(all.get(0).longestInWords().replace('\u00a0', ' '))
                .isEqualTo("waiting for old snapshots (orders) 41.0 s of 1 min 03 s");
    }

    @Test
    void whatComesAgainIsAddedUp() throws IOException {
        Recording recording = recording(
                "[]",
                phase("scanning heap", 0, 20_000, NOTHING),
                phase("vacuuming indexes", 20_000, 30_000, NOTHING),
                phase("scanning heap", 30_000, 63_000, NOTHING));

        assertThat(StatementPhases.of(recording).get(0).parts())
                .extracting(StatementPhases.Part::times, StatementPhases.Part::lengthMs)
                .containsExactly(tuple(2, 53_000.0), tuple(1, 10_000.0));
    }

    @Test
    void whatNobodyTellsIsSaidToBeUntold() throws IOException {
        List<StatementPhases.Part> parts = StatementPhases.of(recording("[" + wait(0, 20_000, "orders") + "]"))
                .get(0)
                .parts();

        assertThat(parts).hasSize(2);
        assertThat(parts.get(0).name()).isEqualTo("waiting for SHARE on orders, behind an old snapshot");
        assertThat(parts.get(0).lengthMs()).isEqualTo(20_000);
        assertThat(parts.get(1).name()).isEqualTo(StatementPhases.UNTOLD);
        assertThat(parts.get(1).lengthMs()).isEqualTo(43_000);
        // A twentieth of the statement is the sampling's.
        assertThat(StatementPhases.of(recording("[]", phase("scanning heap", 3_100, 63_000, NOTHING)))
                        .get(0)
                        .parts())
                .hasSize(1);
        assertThat(StatementPhases.of(recording("[]", phase("scanning heap", 3_200, 63_000, NOTHING)))
                        .get(0)
                        .parts())
                .hasSize(2);
    }

    @Test
    void aShortStatementHasNothingToExplain() {
        Recording recording = SampleRecordings.withTimeout();

        assertThat(StatementPhases.of(recording))
                .allMatch(phases -> phases.run().endMs() - phases.run().startMs() >= 1_000);
    }
}
