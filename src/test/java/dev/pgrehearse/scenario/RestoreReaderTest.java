package dev.pgrehearse.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestoreReaderTest {
    private static final String GENERATED = """
              schema: schema.sql
              tables:
                orders: { columns: { total: { range: { from: 1, to: 100 } } } }
              sizes:
                production: { orders: 1M, users: 10k }
            """;

    @TempDir
    private Path directory;

    private ScenarioFixture fixture;

    @BeforeEach
    void write() throws IOException {
        fixture = new ScenarioFixture(directory);
        fixture.write("prod.dump", "PGDMP");
        fixture.write("mask.sql", "update users set email = null;");
        Path data = Files.createDirectory(directory.resolve("data"));
        Files.createDirectory(data.resolve("global"));
        fixture.write("data/PG_VERSION", "18\n");
    }

    private DatasetSpec dataset(String yaml) {
        fixture.replace(GENERATED, "  " + yaml + "\n");
        return fixture.read().conditions().dataset();
    }

    private List<String> mistakes(String yaml) {
        fixture.replace(GENERATED, "  " + yaml + "\n");
        return fixture.mistakes().stream().map(Mistake::toString).toList();
    }

    @Test
    void aDumpWithJobsAndMask() {
        DatasetSpec dataset = dataset("{ restore: prod.dump, jobs: 4, mask: mask.sql, cache: cold }");
        assertThat(dataset.restore())
                .isEqualTo(new RestoreSpec(
                        new RestoreSpec.Dump(directory.resolve("prod.dump")), 4, directory.resolve("mask.sql")));
        assertThat(dataset.sizes()).isEqualTo(Map.of("restored", Map.of()));
        assertThat(dataset.defaultSize()).isEqualTo("restored");
        assertThat(dataset.cache()).isEqualTo(DatasetSpec.CacheState.COLD);
    }

    @Test
    void aPhysicalBackupAndACommand() {
        assertThat(dataset("{ restore: { physical: data, database: shop } }").restore())
                .isEqualTo(new RestoreSpec(new RestoreSpec.Physical(directory.resolve("data"), "shop"), 2, null));
        assertThat(dataset("{ restore: { command: 'fill {directory}', version: 2026-11-20 } }")
                        .restore())
                .isEqualTo(new RestoreSpec(new RestoreSpec.Filled("fill {directory}", "2026-11-20", null), 2, null));
    }

    @Test
    void whatDoesNotGoTogetherIsAMistake() {
        assertThat(mistakes("{ restore: prod.dump, sizes: { x: { orders: 1 } } }"))
                .singleElement()
                .asString()
                .contains("`sizes` beside `restore`");
        assertThat(mistakes("{ restore: { physical: data, command: x, version: 1 } }"))
                .anySatisfy(mistake -> assertThat(mistake).contains("`physical` and `command`"));
        assertThat(mistakes("{ restore: { command: 'fill {directory}' } }"))
                .singleElement()
                .asString()
                .contains("without a `version`");
        assertThat(mistakes("{ restore: { command: fill, version: 1 } }"))
                .singleElement()
                .asString()
                .contains("{directory}");
        assertThat(mistakes("{ restore: prod.dmp }")).singleElement().asString().contains("did you mean");
        assertThat(mistakes("{ restore: data }")).singleElement().asString().contains("physical: data");
        assertThat(mistakes("{ restore: { physical: prod.dump }, jobs: 0 }"))
                .singleElement()
                .asString()
                .contains("from 1 to 64");
    }

    @Test
    void jobsAndMaskBelongToRestore() {
        fixture.replace("  schema: schema.sql\n", "  schema: schema.sql\n  jobs: 2\n");
        assertThat(fixture.mistakes())
                .singleElement()
                .satisfies(mistake -> assertThat(mistake.toString()).contains("`jobs`", "beside `restore` only"));
    }
}
