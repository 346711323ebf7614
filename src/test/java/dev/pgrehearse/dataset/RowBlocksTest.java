package dev.pgrehearse.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.scenario.ValueSpec;
import dev.pgrehearse.values.Keys;
import dev.pgrehearse.values.ValueGenerators;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class RowBlocksTest {
    private static final long ROWS = 2_000_000;

    @Test
    void memoryDoesNotGrowWithTheRows() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx24m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        RowBlocksTest.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        long bytes = Long.parseLong(output.strip());
        // Far more than the heap could hold: 101 bytes a row, tab, row number and newline.
        assertThat(bytes).isGreaterThan(ROWS * 102);
    }

    /** Makes some 200 MB of rows; prints how many bytes it were. */
    public static void main(String[] arguments) throws SQLException, InterruptedException {
        ValueSpec text = new ValueSpec(new ValueSpec.Text(100, 100, ValueSpec.LengthDistribution.UNIFORM), 0);
        ValueSpec number = new ValueSpec(new ValueSpec.Sequence(1, 1), 0);
        TablePlan table = plan(number, text);
        ExecutorService makers = Executors.newFixedThreadPool(4);
        long[] bytes = {0};
        try {
            new RowBlocks(table, new TextRows(table), makers, 5)
                    .forEach((block, length, rowsDone) -> bytes[0] += length);
        } finally {
            makers.shutdownNow();
        }
        System.out.println(bytes[0]);
    }

    @Test
    void blocksComeInOrderAndTheLastOneIsShorter() throws Exception {
        TablePlan whole = plan(new ValueSpec(new ValueSpec.Sequence(1, 1), 0));
        TablePlan table = new TablePlan(whole.table(), whole.name(), 10, whole.columns());
        ExecutorService makers = Executors.newFixedThreadPool(3);
        List<String> blocks = new ArrayList<>();
        try {
            new RowBlocks(table, new TextRows(table), Shard.WHOLE, makers, 2, 4)
                    .forEach((bytes, length, rowsDone) -> blocks.add(
                            rowsDone + ":" + new String(bytes, 0, length, StandardCharsets.UTF_8).replace('\n', ' ')));
        } finally {
            makers.shutdownNow();
        }
        assertThat(blocks).containsExactly("4:1 2 3 4 ", "8:5 6 7 8 ", "10:9 10 ");
    }

    private static TablePlan plan(ValueSpec... specs) {
        List<ColumnPlan> columns = new ArrayList<>();
        for (ValueSpec spec : specs) {
            String name = "c" + columns.size();
            columns.add(new ColumnPlan(
                    new CatalogueColumn(columns.size() + 1, name, "text", true, false, false),
                    ValueGenerators.of(spec, 1, "t", name, Keys.NONE)));
        }
        CatalogueTable table = new CatalogueTable(1, "public", "t", "r", true, List.of(), false);
        return new TablePlan(table, "t", ROWS, columns);
    }
}
