package dev.pgrehearse.golden;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.scenario.DatasetSpec;
import dev.pgrehearse.scenario.DatasetSpec.TableSpec;
import dev.pgrehearse.scenario.ValueSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything that decides what is in a dataset makes another key; nothing else does. */
class GoldenKeyTest {
    @TempDir
    private Path folder;

    private Path schema;

    @BeforeEach
    void write() throws IOException {
        schema = Files.writeString(folder.resolve("schema.sql"), "create table t (id bigint)");
    }

    private DatasetSpec dataset(Path file, long from, DatasetSpec.CacheState cache) {
        ValueSpec values = new ValueSpec(new ValueSpec.IntegerRange(from, 10), 0);
        return new DatasetSpec(
                file,
                Map.of("t", new TableSpec(Map.of("id", values))),
                Map.of("small", Map.of("t", 10L)),
                "small",
                cache);
    }

    private GoldenKey key(Map<String, String> settings) throws IOException {
        return key("embedded 1", settings, 1, 10, 1, "sample");
    }

    private GoldenKey key(String identity, Map<String, String> settings, long from, long rows, long seed, String sample)
            throws IOException {
        return GoldenKey.of(
                identity,
                settings,
                dataset(schema, from, DatasetSpec.CacheState.WARM),
                Map.of("t", rows),
                seed,
                sample);
    }

    @Test
    void whatDecidesMakesAnother() throws IOException {
        GoldenKey plain = key(Map.of());
        assertThat(key(Map.of())).isEqualTo(plain);
        assertThat(key("embedded 2", Map.of(), 1, 10, 1, "sample")).as("server").isNotEqualTo(plain);
        assertThat(key(Map.of("default_toast_compression", "lz4")))
                .as("a setting that reaches stored data")
                .isNotEqualTo(plain);
        assertThat(key("embedded 1", Map.of(), 2, 10, 1, "sample")).as("source").isNotEqualTo(plain);
        assertThat(key("embedded 1", Map.of(), 1, 11, 1, "sample")).as("rows").isNotEqualTo(plain);
        assertThat(key("embedded 1", Map.of(), 1, 10, 2, "sample")).as("seed").isNotEqualTo(plain);
        assertThat(key("embedded 1", Map.of(), 1, 10, 1, "other")).as("sample").isNotEqualTo(plain);
        Files.writeString(schema, "create table t (id bigint primary key)");
        assertThat(key(Map.of())).as("schema").isNotEqualTo(plain);
    }

    @Test
    void whatLeavesNoTraceInTheDataDoesNot() throws IOException {
        GoldenKey plain = key(Map.of());
        assertThat(key(Map.of("shared_buffers", "2GB", "Max_Connections", "7", "log_checkpoints", "on")))
                .as("settings of no consequence")
                .isEqualTo(plain);
        Path moved = Files.copy(schema, folder.resolve("moved.sql"));
        assertThat(GoldenKey.of(
                        "embedded 1",
                        Map.of(),
                        dataset(moved, 1, DatasetSpec.CacheState.COLD),
                        Map.of("t", 10L),
                        1,
                        "sample"))
                .as("where the schema file lies, and the caches")
                .isEqualTo(plain);
    }

    @Test
    void partsDoNotRunIntoEachOther() throws IOException {
        assertThat(key("embedded 1", Map.of(), 1, 10, 1, "1sample"))
                .isNotEqualTo(key("embedded 1", Map.of(), 1, 10, 11, "sample"));
    }
}
