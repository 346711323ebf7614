package dev.pgrehearse.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.pgrehearse.estimate.BreakEven;
import dev.pgrehearse.estimate.Cliff;
import dev.pgrehearse.estimate.Curve;
import dev.pgrehearse.estimate.ErrorsSeen;
import dev.pgrehearse.estimate.Estimate;
import dev.pgrehearse.estimate.Estimates;
import dev.pgrehearse.estimate.Extrapolation;
import dev.pgrehearse.estimate.Factor;
import dev.pgrehearse.estimate.Measurement;
import dev.pgrehearse.estimate.Operation;
import dev.pgrehearse.estimate.OtherMachine;
import dev.pgrehearse.estimate.ScaledStatement;
import dev.pgrehearse.estimate.ShrunkLadder;
import dev.pgrehearse.estimate.Space;
import dev.pgrehearse.estimate.StatementEstimate;
import dev.pgrehearse.estimate.StatementSpace;
import dev.pgrehearse.estimate.Term;
import dev.pgrehearse.estimate.UnderLoad;
import dev.pgrehearse.profile.Calibration.Kind;
import dev.pgrehearse.profile.Calibration.Source;
import dev.pgrehearse.recording.RecordingJson;
import dev.pgrehearse.verdict.Ruling;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EstimateReportTest {
    private static final String HOSTILE = "create index i on orders (a) -- </script><b>@all</b> | `x`";

    @TempDir
    Path folder;

    private static final StatementSpace.Bytes BYTES = new StatementSpace.Bytes(3 << 20, 5 << 20);
    private static final StatementSpace SPACE =
            new StatementSpace(null, null, BYTES, List.of("Its temporary files nobody knows."));

    private static StatementEstimate statement(int index, @Nullable Extrapolation duration, List<String> unknown) {
        return new StatementEstimate(
                index,
                "as-written.sql",
                3,
                HOSTILE,
                Operation.INDEX_BUILD,
                "orders",
                50e6,
                List.of(Measurement.of(500_000, 0.5, 0.6), Measurement.of(1e6, 1.2, 1.3)),
                duration,
                unknown,
                List.of(new Cliff(
                        Cliff.Kind.SORT,
                        1.4e6,
                        "the sort of i leaves maintenance_work_mem",
                        "maintenance_work_mem",
                        2.4e9)),
                List.of(),
                duration,
                null,
                SPACE,
                duration == null
                        ? null
                        : new StatementEstimate.Shrunk(
                                List.of(new ShrunkLadder.Setting("maintenance_work_mem", 64 << 20, 4 << 20)),
                                List.of(Measurement.of(1e6, 2.5, 2.6))),
                null,
                0,
                duration == null ? null : new ErrorsSeen(new ErrorsSeen.Group(4, 0, 0.03, -0.11, 0, 12), null));
    }

    private static Estimate estimate(
            Estimate.Answer answer, @Nullable Double central, StatementEstimate... statements) {
        return new Estimate(
                "shop",
                "as-written",
                Map.of("orders", 50_000_000L),
                List.of(Map.of("orders", 500_000L), Map.of("orders", 1_000_000L)),
                List.of(statements),
                central,
                central == null ? null : central * 1.5,
                1800.0,
                answer,
                List.of("A reason."),
                "PostgreSQL 18.6",
                new Space(BYTES, new StatementSpace.Bytes(0, 0), null, BYTES));
    }

    private static final Extrapolation DURATION = new Extrapolation(
            70, 105, 50, new Curve(List.of(Term.ONE, Term.ROWS), List.of(0.0, 1.4e-6)), -0.01, Double.NaN);

    private List<Estimate> both() {
        return List.of(
                estimate(Estimate.Answer.FITS, 70.0, statement(1, DURATION, List.of())),
                estimate(Estimate.Answer.UNKNOWN, null, statement(1, null, List.of("Beyond that nobody measured."))));
    }

    @Test
    void theJsonMatchesItsSchemaAndReadsBack() throws Exception {
        EstimateReport.write(folder, "2026-01-01T00:00:00Z", both());
        ObjectMapper mapper = RecordingJson.mapper();
        String json = Files.readString(folder.resolve("estimate.json"));
        assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                        .getSchema(Files.readString(Path.of("docs/estimate.schema.json")))
                        .validate(mapper.readTree(json)))
                .isEmpty();
        assertThat(mapper.readValue(json, Estimates.class).estimates()).isEqualTo(both());
    }

    @Test
    void reportAndMarkdownSayTheSameAndNothingOfTheUsersIsObeyed() throws Exception {
        EstimateReport.write(folder, "2026-01-01T00:00:00Z", both());
        String html = Files.readString(folder.resolve("report.html"));
        assertThat(html)
                .contains(
                        "FITS",
                        "1\u00a0min\u00a010\u00a0s",
                        "1\u00a0min\u00a045\u00a0s",
                        "UNKNOWN",
                        "Beyond that nobody measured.")
                .contains("beyond 1\u00a0400\u00a0000 rows the sort of i")
                .contains("maintenance_work_mem shrunk from 64\u00a0MB to 4.0\u00a0MB")
                .contains("Room on the disk: 3.0\u00a0MB, at most 5.0\u00a0MB", "temporary files none")
                .contains("Its temporary files nobody knows.")
                .doesNotContain("<b>@all</b>");
        String markdown = Files.readString(folder.resolve("estimate.md"));
        assertThat(markdown)
                .contains(
                        "**1\u00a0min\u00a010\u00a0s, at most 1\u00a0min\u00a045\u00a0s, on this machine**",
                        "| 50\u00a0× |")
                .contains("shop, as-written: UNKNOWN")
                .containsOnlyOnce("- Estimates so far, index build: 4 checked");
        assertThat(html).containsOnlyOnce("held against what was then measured:</strong> index build: 4 checked");
    }

    private static OtherMachine otherMachine(@Nullable Double there) {
        return new OtherMachine(
                "2026-01-31T02:00:00Z",
                List.of(
                        new Factor(Kind.SORT_IN_MEMORY, 0.1, 0.21, 2.1, 0.03, null, null, List.of()),
                        new Factor(
                                Kind.SEQUENTIAL_READ,
                                2.0,
                                null,
                                null,
                                null,
                                Source.SYSTEM_CACHE,
                                null,
                                List.of("Unknown there: </script><b>no table</b>."))),
                List.of(new ScaledStatement(
                        1,
                        there,
                        there == null ? null : Double.valueOf(there * 2),
                        there == null ? null : 2.0,
                        there == null ? null : 0.9,
                        there == null ? null : Kind.SORT_IN_MEMORY,
                        there == null ? null : 0.0,
                        null,
                        there == null ? null : 0.1,
                        there == null ? List.of("Nobody can tell.") : List.of(),
                        List.of("A note."))),
                70.0,
                105.0,
                List.of("A remark."));
    }

    @Test
    void anotherMachineIsInAllOfThemBesideThisOne() throws Exception {
        StatementEstimate here = statement(1, DURATION, List.of());
        List<Estimate> estimates = List.of(
                estimate(Estimate.Answer.FITS, 140.0, here).with(otherMachine(140.0)),
                estimate(Estimate.Answer.UNKNOWN, null, here).with(otherMachine(null)));
        EstimateReport.write(folder, "2026-01-01T00:00:00Z", estimates);
        ObjectMapper mapper = RecordingJson.mapper();
        String json = Files.readString(folder.resolve("estimate.json"));
        assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                        .getSchema(Files.readString(Path.of("docs/estimate.schema.json")))
                        .validate(mapper.readTree(json)))
                .isEmpty();
        assertThat(mapper.readValue(json, Estimates.class).estimates()).isEqualTo(estimates);
        assertThat(Files.readString(folder.resolve("report.html")))
                .contains("On production's machine", "2.10\u00a0× ± 3.0\u00a0%", "A remark.")
                .doesNotContain("<b>no table</b>");
        assertThat(Files.readString(folder.resolve("estimate.md")))
                .contains("### On production's machine")
                .contains(
                        "| 1 | 1\u00a0min\u00a010\u00a0s | 2\u00a0min\u00a020\u00a0s | 4\u00a0min\u00a040\u00a0s | 2\u00a0× |")
                .contains("| 1 | 1\u00a0min\u00a010\u00a0s | UNKNOWN | – | – | – |");
        assertThat(EstimateReport.summary(estimates.get(0)).get(0))
                .isEqualTo(
                        "as-written at orders 50 000 000: FITS, 2 min 20 s, at most 3 min 30 s, on production's machine as"
                                + " calibrated at 2026-01-31T02:00:00Z (on this one 1 min 10 s, at most 1 min 45 s)");
        assertThat(EstimateReport.summary(estimates.get(0)))
                .anySatisfy(line -> assertThat(line)
                        .contains("there 2 min 20 s, at most 4 min 40 s", "90.0 % processor", "sort in memory"))
                .anySatisfy(line -> assertThat(line).contains("Statement 1: A note."));
        assertThat(EstimateReport.summary(estimates.get(1)).get(0)).contains("UNKNOWN on production's machine");
    }

    private static BreakEven breakEven(BreakEven.Answer answer, @Nullable Double rows, boolean orFewer) {
        return new BreakEven(
                answer,
                Ruling.NO_GO,
                "longestStall",
                1.0,
                1,
                "orders",
                rows,
                rows == null ? null : rows * 0.85,
                rows == null ? null : rows * 1.1,
                orFewer,
                50e6,
                100e6,
                "100 × the top rung",
                List.of("Statement 1 holds </script><b>SHARE</b> on orders."),
                new UnderLoad(
                        Map.of("orders", 1_000_000L),
                        Ruling.GO,
                        List.of("Every limit was held."),
                        List.of(new UnderLoad.Waits(
                                1,
                                1.25,
                                1.3,
                                0.004,
                                "the workload's own transactions",
                                77,
                                1.29,
                                List.of("place_order"))),
                        List.of(new UnderLoad.Check("place_order stood still", 1.3, 1.25, 0.8, 2))));
    }

    private static Estimate turning(BreakEven breakEven) {
        return estimate(Estimate.Answer.FITS, 70.0, statement(1, DURATION, List.of()))
                .with(breakEven);
    }

    @Test
    void aBreakEvenIsInAllOfThemAndInTheChart() throws Exception {
        List<Estimate> estimates = List.of(
                turning(breakEven(BreakEven.Answer.NO_GO_FROM, 3_140_000.0, false)), turning(BreakEven.NOT_ASKED));
        EstimateReport.write(folder, "2026-01-01T00:00:00Z", estimates);
        ObjectMapper mapper = RecordingJson.mapper();
        String json = Files.readString(folder.resolve("estimate.json"));
        assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                        .getSchema(Files.readString(Path.of("docs/estimate.schema.json")))
                        .validate(mapper.readTree(json)))
                .isEmpty();
        assertThat(mapper.readValue(json, Estimates.class).estimates()).isEqualTo(estimates);
        String html = Files.readString(folder.resolve("report.html"));
        assertThat(html)
                .contains("Break-even: NO-GO from about 3\u00a0100\u00a0000 rows of orders")
                .containsOnlyOnce("\"breakEven\":3140000")
                .contains("77\u00a0requests of place_order, the longest for 1.3\u00a0s", "--under-load")
                .doesNotContain("<b>SHARE</b>");
        assertThat(Files.readString(folder.resolve("estimate.md")))
                .contains("### Break-even: NO-GO from about 3\u00a0100\u00a0000 rows of orders")
                .contains("| 1 | 1.3\u00a0s | 1.3\u00a0s |");
    }

    @Test
    void aBreakEvenIsALineOfTheConsole() {
        assertThat(headline(breakEven(BreakEven.Answer.NO_GO_FROM, 3_140_000.0, false)))
                .isEqualTo("NO-GO from about 3 100 000 rows of orders (between 2 600 000 and 3 500 000);"
                        + " you have 50 000 000");
        assertThat(headline(breakEven(BreakEven.Answer.NO_GO_FROM, 12_500.0, true)))
                .isEqualTo("NO-GO from fewer than 13 000 rows of orders; you have 50 000 000");
        assertThat(headline(breakEven(BreakEven.Answer.GO, 80e6, false)))
                .isEqualTo("GO at 50 000 000 rows of orders; NO-GO from about 80 000 000 rows of orders"
                        + " (between 68 000 000 and 88 000 000)");
        assertThat(headline(breakEven(BreakEven.Answer.GO, null, false)))
                .isEqualTo("GO at 50 000 000 rows of orders and up to 100 000 000 (100 × the top rung);"
                        + " beyond that UNKNOWN");
        assertThat(headline(breakEven(BreakEven.Answer.GO, 200e6, false)))
                .isEqualTo("GO at 50 000 000 rows of orders and up to 100 000 000 (100 × the top rung);"
                        + " beyond that UNKNOWN, and NO-GO from about 200 000 000 rows of orders"
                        + " (between 170 000 000 and 220 000 000)");
        assertThat(headline(breakEven(BreakEven.Answer.SIZE_DECIDES_NOTHING, null, false)))
                .isEqualTo("size decides nothing: GO at 50 000 000 rows of orders and up to 100 000 000"
                        + " (100 × the top rung); beyond that UNKNOWN");
        assertThat(headline(breakEven(BreakEven.Answer.UNKNOWN, null, false)))
                .isEqualTo("UNKNOWN at 50 000 000 rows of orders; GO up to 100 000 000 (100 × the top rung)");
        assertThat(headline(BreakEven.notMeasured("Not."))).isEmpty();
        assertThat(EstimateReport.summary(turning(BreakEven.NOT_ASKED)))
                .anySatisfy(line -> assertThat(line).contains("--under-load"))
                .noneSatisfy(line -> assertThat(line).contains("Break-even:"));
    }

    private static String headline(BreakEven breakEven) {
        String begin = "  Break-even: ";
        return EstimateReport.summary(turning(breakEven)).stream()
                .filter(line -> line.startsWith(begin))
                .map(line -> line.substring(begin.length()))
                .reduce((one, other) -> one + other)
                .orElse("");
    }

    @Test
    void theConsoleHasALineForEachStatementAndEachReason() {
        List<String> lines = EstimateReport.summary(both().get(0));
        assertThat(lines.get(0))
                .isEqualTo("as-written at orders 50 000 000: FITS, 1 min 10 s, at most 1 min 45 s, on this machine");
        assertThat(lines.get(1)).contains("index build, 50 × the top rung", "create index i on orders");
        assertThat(lines.get(2))
                .isEqualTo(
                        "     estimates so far, index build: 4 checked at up to 12 × the top rung, +3.0 % to −11.0 % of what"
                                + " was measured, all below their upper value");
        assertThat(lines.get(1)).contains("; from a ladder with maintenance_work_mem shrunk from 64 MB to 4.0 MB)");
        assertThat(lines.get(3))
                .isEqualTo(
                        "  Room on the disk: 3.0 MB, at most 5.0 MB (temporary files none; WAL written 3.0 MB, at most"
                                + " 5.0 MB)");
        assertThat(lines.get(4)).isEqualTo("  A reason.");
        assertThat(EstimateReport.summary(both().get(1)).get(0)).isEqualTo("as-written at orders 50 000 000: UNKNOWN");
        assertThat(EstimateReport.summary(both().get(1)).get(3)).isEqualTo("  A reason.");
    }
}
