package dev.pgrehearse.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgrehearse.estimate.Operation;
import dev.pgrehearse.history.Check;
import dev.pgrehearse.history.HistoryFile;
import dev.pgrehearse.history.MeasuredRun;
import dev.pgrehearse.history.Samples;
import dev.pgrehearse.history.Samples.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckSummaryTest {
    @TempDir
    Path folder;

    /** 12 s of 12.5 s, UNKNOWN, nothing of nothing, 2 s of 4 s. */
    private CheckSummary summary() throws Exception {
        Check check = Check.of(
                MeasuredRun.of(Samples.recording(
                        new Ran(Samples.INDEX, 12.5),
                        new Ran(Samples.VALIDATE, 3),
                        new Ran("alter table orders\n  add column \u001b[31mnote text", 0.002),
                        new Ran("update orders set note = ''", 4))),
                Samples.written(Samples.estimate(
                        Samples.known(1, Samples.INDEX, Operation.INDEX_BUILD, 12, 15),
                        Samples.unknown(2, Samples.VALIDATE),
                        Samples.known(
                                3,
                                "alter table orders\n  add column \u001b[31mnote text",
                                Operation.CATALOGUE,
                                0.001,
                                0.004),
                        Samples.known(4, "update orders set note = ''", Operation.BULK_UPDATE, 2, 3))),
                Samples.NOW);
        HistoryFile.Added added = HistoryFile.add(folder.resolve("estimates.ndjson"), check.checked());
        return new CheckSummary(check, "e/estimate.json", "h.ndjson", added, List.of("f cannot be read."));
    }

    @Test
    void theTableHasEachStatementAndTheHistoryIsTold() throws Exception {
        List<String> lines = summary().lines();
        assertThat(lines.get(0))
                .isEqualTo("as-written at customers 100 000, orders 1 000 000: e/estimate.json of 2026-03-01T01:00:00Z,"
                        + " against the recording of 2026-03-01T01:45:00Z");
        assertThat(lines.subList(2, 7).stream().map(line -> line.replaceAll(" {2,}", "  ")))
                .containsExactly(
                        "statement  operation  estimated  at most  measured  error  within",
                        "1  index build  12.0 s  15.0 s  12.5 s  −4.0 %  yes  create index i on orders (a)",
                        "2  scan  UNKNOWN  –  3.0 s  –  –  alter table orders validate constraint c",
                        "3  catalogue only  1.0 ms  4.0 ms  2.0 ms  ≤ 50 ms  yes  alter table orders add column  [31mnote text",
                        "4  bulk change of rows  2.0 s  3.0 s  4.0 s  −50.0 %  NO  update orders set note = ''");
        assertThat(lines)
                .contains(
                        "Statement 2 is not counted. It was UNKNOWN: A cliff is in the way.",
                        "It was measured beside a load, and the estimate is of a server that does nothing else.",
                        "3 statements were added to h.ndjson, which has 3 statements.",
                        "So far, catalogue only: under load 1 checked, at most 50 ms, as estimated.",
                        "f cannot be read.")
                .allSatisfy(line -> assertThat(line).doesNotContain("\u001b", "\u00a0"));
    }

    @Test
    void theSecondTimeItSaysThatNothingIsCountedTwice() throws Exception {
        summary();
        assertThat(summary().lines())
                .contains(
                        "This recording was checked before and is counted once. Nothing was added to h.ndjson, which has 3"
                                + " statements.");
    }

    @Test
    void linesOfJsonSayTheSame() throws Exception {
        Files.writeString(folder.resolve("estimates.ndjson"), "nonsense\n");
        ObjectMapper mapper = new ObjectMapper();
        List<String> lines = summary().json();
        assertThat(lines).hasSize(5).allSatisfy(line -> assertThat(line).doesNotContain("\n"));
        JsonNode first = mapper.readTree(lines.get(0));
        assertThat(first.path("kind").asText()).isEqualTo("CHECKED");
        assertThat(first.path("error").asDouble()).isEqualTo(-0.04);
        assertThat(first.path("within").asBoolean()).isTrue();
        assertThat(first.at("/checked/measuredSeconds").asDouble()).isEqualTo(12.5);
        JsonNode second = mapper.readTree(lines.get(1));
        assertThat(second.path("checked").isNull()).isTrue();
        assertThat(second.path("within").isNull()).isTrue();
        assertThat(second.path("leftOut").asText()).contains("UNKNOWN");
        assertThat(mapper.readTree(lines.get(2)).path("error").isNull()).isTrue();
        assertThat(mapper.readTree(lines.get(3)).path("within").asBoolean(true)).isFalse();
        JsonNode history = mapper.readTree(lines.get(4));
        assertThat(history.path("kind").asText()).isEqualTo("HISTORY");
        assertThat(history.path("added").asInt()).isEqualTo(3);
        assertThat(history.path("told")).hasSize(2);
        assertThat(history.at("/errorsSeen/BULK_UPDATE/underLoad/aboveUpper").asInt())
                .isEqualTo(1);
    }
}
