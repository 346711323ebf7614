package dev.pgrehearse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgrehearse.estimate.Operation;
import dev.pgrehearse.history.HistoryFile;
import dev.pgrehearse.history.Samples;
import dev.pgrehearse.process.Leaks;
import dev.pgrehearse.profile.ProfileJson;
import dev.pgrehearse.profile.SampleCalibrations;
import dev.pgrehearse.profile.SampleProfiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code pgrehearse estimate} as a whole, on ladders that are too small to say anything about durations. */
@ExtendWith(Leaks.NothingLeftBehind.class)
class EstimateIT {
    @TempDir
    Path temporary;

    private Path directory;

    @BeforeEach
    void prepare() throws Exception {
        SmallScenario.in(temporary);
        directory = Files.createDirectory(temporary.resolve("here"));
    }

    private void wrong(String expected, String... more) throws Exception {
        String[] arguments = Stream.concat(Stream.of("estimate", "../small"), Stream.of(more))
                .toArray(String[]::new);
        Program.Ended ended = Program.run(directory, arguments);
        assertThat(ended.code()).as(ended.error()).isEqualTo(2);
        assertThat(ended.error()).contains(expected);
        assertThat(ended.out()).isEmpty();
        try (Stream<Path> entries = Files.list(directory)) {
            assertThat(entries).isEmpty();
        }
    }

    @Test
    void whatCannotBeEstimatedIsSaidBeforeAnythingStarts() throws Exception {
        wrong("smaller than the rungs of a ladder", "--variant", "quick", "--target", "orders=15k");
        wrong("did you mean `orders`?", "--variant", "quick", "--target", "order=1M");
        wrong("it has quick, slow, broken; did you mean `quick`?", "--variant", "quik", "--target", "orders=1M");
        wrong("--budget: found `20`", "--variant", "quick", "--target", "orders=1M", "--budget", "20");
    }

    @Test
    void aProfileWithoutACalibrationIsRefusedWhereOneIsWanted() throws Exception {
        ProfileJson.write(SampleProfiles.whole(), temporary.resolve("bare.json"));
        wrong("was taken without --calibrate", "--target", "orders=16k", "--calibration", "../bare.json");
        wrong("cannot be read", "--target", "orders=16k", "--calibration", "../none.json");
        Files.writeString(
                temporary.resolve("other.json"),
                ProfileJson.write(SampleCalibrations.profile(SampleCalibrations.here()))
                        .replace("pgrehearse-calibration/1", "pgrehearse-calibration/9"));
        wrong("pgrehearse-calibration/9", "--target", "orders=16k", "--calibration", "../other.json");
    }

    @Test
    @Tag("thorough")
    void anEstimateIsScaledToTheMachineOfAProfile() throws Exception {
        ProfileJson.write(SampleCalibrations.profile(SampleCalibrations.here()), temporary.resolve("shop.json"));
        Path out = directory.resolve("out");
        Program.Ended ended = Program.run(
                directory,
                "estimate",
                "../small",
                "--variant",
                "quick",
                "--target",
                "orders=16k",
                "--repeat",
                "1",
                "--quiet",
                "--calibration",
                "../shop.json",
                "--out",
                out.toString());
        assertThat(ended.code()).as(ended.error()).isZero();
        assertThat(ended.output())
                .contains("on production's machine as calibrated at 2026-01-31T02:00:00Z", "on this one");
        JsonNode estimate = new ObjectMapper()
                .readTree(out.resolve("estimate.json").toFile())
                .at("/estimates/0");
        JsonNode cpu = estimate.at("/otherMachine/factors/0");
        assertThat(cpu.at("/probe").asText()).isEqualTo("CPU");
        assertThat(cpu.at("/factor").asDouble())
                .isEqualTo(0.1 / cpu.at("/hereMicros").asDouble());
        // 16 000 rows are no 8 MB: that is said, and no factor of reads is made up.
        assertThat(estimate.at("/otherMachine/factors/3/factor").isNull()).isTrue();
        assertThat(estimate.at("/otherMachine/factors/3/unknown/0").asText())
                .contains("There is no table of at least 8 MB");
        assertThat(estimate.at("/centralSeconds").asDouble())
                .isEqualTo(
                        estimate.at("/otherMachine/statements/0/centralSeconds").asDouble());
    }

    @Test
    void aStatementThatOnlyTouchesTheCatalogueFitsItsWindowAndIsCheckedAfterwards() throws Exception {
        // A COMMIT that waits for a busy disk is longer than what the catalogue takes.
        SmallScenario.at(temporary)
                .with("scenario.yaml", "max_connections: 60", "max_connections: 60, synchronous_commit: off");
        Path out = directory.resolve("reports/small/first");
        Path history = Files.createDirectories(directory.resolve("reports")).resolve("estimates.ndjson");
        Files.writeString(history, "nonsense\n");
        HistoryFile.add(history, List.of(Samples.checked(1, Operation.CATALOGUE, 0.001, 0.002, 0.001)));
        Program.Ended ended = Program.run(
                directory,
                "estimate",
                "../small",
                "--variant",
                "quick",
                "--target",
                "orders=16k",
                "--repeat",
                // One stall of the machine at the top rung would be UNKNOWN, and rightly.
                "2",
                "--window",
                "1m",
                "--json",
                "--out",
                out.toString());
        assertThat(ended.code()).as("%s\n%s", ended.error(), ended.output()).isZero();
        JsonNode estimate = new ObjectMapper()
                .readTree(out.resolve("estimate.json").toFile())
                .at("/estimates/0");
        assertThat(estimate.at("/answer").asText()).isEqualTo("FITS");
        assertThat(estimate.at("/rungs")).hasSize(5);
        assertThat(estimate.at("/rungs/4/orders").asLong()).isEqualTo(16_000);
        assertThat(estimate.at("/statements/0/operation").asText()).isEqualTo("CATALOGUE");
        assertThat(ended.output()).contains("\"kind\":\"ESTIMATE\"");
        assertThat(out.resolve("report.html")).isNotEmptyFile();
        assertThat(out.resolve("estimate.md")).content().contains("FITS");
        assertThat(out.resolve("quick-rung-5-run-1/recording.json")).isNotEmptyFile();
        assertThat(estimate.at("/statements/0/errorsSeen/quiet/checked").asInt())
                .isEqualTo(1);
        assertThat(estimate.at("/reasons").toString()).contains("Line 1 of reports/estimates.ndjson cannot be read");
        assertThat(out.resolve("estimate.md")).content().contains("- Estimates so far, catalogue only: 1 checked");
        isHeldAgainstARehearsal(out, history);
    }

    private Program.Ended check(int code, String... arguments) throws Exception {
        Program.Ended ended = Program.run(
                directory,
                Stream.concat(Stream.of("estimate", "--check"), Stream.of(arguments))
                        .toArray(String[]::new));
        assertThat(ended.code()).as(ended.error()).isEqualTo(code);
        return ended;
    }

    @Test
    void whatIsCheckedAndHowIsSaidAtOnce() throws Exception {
        assertThat(check(2, "nowhere").error()).contains("--check nowhere is not there");
        assertThat(check(2, "nowhere", "--budget", "5m", "--target", "orders=1M")
                        .error())
                .contains("it does not go with --budget, --target");
        assertThat(check(2, "nowhere", "../small").error()).contains("takes no scenario, and found ../small");
        wrong("--estimate goes with --check", "--estimate", "estimate.json");
        wrong("--history .. is a folder", "--history", "..");
        Program.Ended neither = Program.run(directory, "estimate", "--history", "h.ndjson");
        assertThat(neither.code()).isEqualTo(2);
        assertThat(neither.error()).contains("'SCENARIO' (or --check RECORDING)");
        try (Stream<Path> entries = Files.list(directory)) {
            assertThat(entries).isEmpty();
        }
    }

    /** That of the small scenario with 16 times its thousand rows, from a ladder whose top rung is the target itself. */
    private void isHeldAgainstARehearsal(Path ladder, Path history) throws Exception {
        Program.run(directory, "run", "../small", "--variant", "quick", "--scale", "16", "--out", "measured");
        assertThat(check(0, "measured/quick").output())
                .contains("quick at orders 16 000: " + Path.of("reports", "small", "first", "estimate.json"))
                .contains("catalogue only", "add column notes text")
                .contains("1 statement was added to reports/estimates.ndjson, which has 2 statements.")
                .contains("Line 1 of reports/estimates.ndjson cannot be read and is not counted")
                .contains("So far, catalogue only: 1 checked, at most 50 ms, as estimated; under load 1 checked");
        String after = Files.readString(history);
        assertThat(after.lines()).hasSize(3).first().isEqualTo("nonsense");
        JsonNode line = new ObjectMapper().readTree(after.lines().toList().get(2));
        assertThat(line.path("operation").asText()).isEqualTo("CATALOGUE");
        assertThat(line.path("measuredRows").asLong()).isEqualTo(16_000);
        assertThat(line.path("underLoad").asBoolean()).isTrue();
        assertThat(check(0, "measured/quick", "--json").output()).contains("\"added\":0");
        assertThat(check(2, ladder.resolve("quick-rung-5-run-1").toString()).error())
                .contains("it was made from this very run");
        assertThat(check(2, ladder.resolve("quick-rung-1-run-1").toString()).error())
                .contains("an estimate of that has --target orders=1000");
        assertThat(history).hasContent(after);
    }

    /** Else its own load's COMMITs hold the lock up on a disk that others use. */
    private static final String DISK_LEFT_OUT = "server.settings.synchronous_commit=off";

    private JsonNode underLoad(String variant, int code, String... more) throws Exception {
        Path out = temporary.resolve(variant);
        String[] arguments = Stream.concat(
                        Stream.of(
                                "estimate",
                                "../small",
                                "--variant",
                                variant,
                                "--target",
                                "orders=16k",
                                "--repeat",
                                "1",
                                "--under-load",
                                "--quiet",
                                "--out",
                                out.toString(),
                                "--set",
                                "workload.rate=100/s"),
                        Stream.of(more))
                .toArray(String[]::new);
        Program.Ended ended = Program.run(directory, arguments);
        assertThat(ended.code()).as(ended.error()).isEqualTo(code);
        assertThat(ended.output()).contains("Break-even: ");
        assertThat(out.resolve(variant + "-under-load/recording.json")).isNotEmptyFile();
        assertThat(out.resolve("estimate.md")).content().contains("### Break-even: ");
        assertThat(out.resolve("report.html")).content().contains("Break-even: ");
        return new ObjectMapper()
                .readTree(out.resolve("estimate.json").toFile())
                .at("/estimates/0/breakEven");
    }

    @Test
    @Tag("thorough")
    void theSizeAtWhichALockIsHeldForTooLongIsFoundUnderLoad() throws Exception {
        // 0.1 ms a row, under a lock that forbids pay_order: 1 s at 10 000 rows.
        SmallScenario.at(temporary)
                .write("locked.sql", """
                        begin;
                        lock table orders in share mode;
                        select pg_sleep(count(*) / 10000.0) from orders;
                        commit;
                        """)
                .with("scenario.yaml", "    slow:\n", "    locked:\n      sql: locked.sql\n    slow:\n");
        JsonNode found = underLoad("locked", 0, "--set", "limits.longestStall=1s", "--set", DISK_LEFT_OUT);
        assertThat(found.at("/answer").asText()).as("%s", found).isEqualTo("NO_GO_FROM");
        assertThat(found.at("/limit").asText()).isEqualTo("longestStall");
        assertThat(found.at("/rows").asDouble()).isBetween(9_000.0, 10_100.0);
        assertThat(found.at("/underLoad/verdict").asText()).isEqualTo("NO-GO");
        assertThat(found.at("/underLoad/statements/1/operations/0").asText()).isEqualTo("pay_order");
    }

    @Test
    @Tag("thorough")
    void anInstantStatementThatMeetsNobodyLongIsTheSameAtAnySize() throws Exception {
        JsonNode found = underLoad("quick", 0, "--set", "phases.recoveryBound=60s");
        assertThat(found.at("/answer").asText()).as("%s", found).isEqualTo("SIZE_DECIDES_NOTHING");
        assertThat(found.at("/atTarget").asText()).isEqualTo("GO");
    }

    @Test
    void aBudgetThatARungUnderLoadAloneUsesUpIsRefused() throws Exception {
        wrong(
                "is too small for --under-load",
                "--variant",
                "quick",
                "--target",
                "orders=16k",
                "--under-load",
                "--budget",
                "20s");
    }

    @Test
    void aStatementThatFailsAtARungIsUnknown() throws Exception {
        Program.Ended ended = Program.run(
                directory,
                "estimate",
                "../small",
                "--variant",
                "broken",
                "--target",
                "orders=16k",
                "--quiet",
                "--out",
                temporary.resolve("out").toString());
        assertThat(ended.code()).as(ended.error()).isEqualTo(3);
        assertThat(ended.output())
                .contains("UNKNOWN", "The migration failed at the rung of orders 1", "orders_all_paid");
    }

    /** An hour of pause, of which no rung waits for a second, does not fit into half of one. */
    @Test
    void whatDoesNotFitItsWindowEndsWithOne() throws Exception {
        SmallScenario.at(temporary)
                .with(
                        "scenario.yaml",
                        "    quick:\n      sql: quick.sql\n",
                        "    quick:\n      steps:\n        - { sql: quick.sql }\n        - { pause: 1h }\n");
        Path out = temporary.resolve("out");
        Program.Ended ended = Program.run(
                directory,
                "estimate",
                "../small",
                "--variant",
                "quick",
                "--target",
                "orders=16k",
                "--window",
                "30m",
                "--repeat",
                "1",
                "--quiet",
                "--out",
                out.toString());

        assertThat(ended.code()).as(ended.error()).isEqualTo(1);
        assertThat(ended.output()).contains("DOES NOT FIT", "Its pauses are 1 h 00 min of that.");
        JsonNode estimate = new ObjectMapper()
                .readTree(out.resolve("estimate.json").toFile())
                .at("/estimates/0");
        assertThat(estimate.at("/centralSeconds").asDouble()).isBetween(3_600.0, 3_660.0);
    }

    /** As when a file, the disk or the server is gone by then. */
    @Test
    void aRungThatCannotBeRunKeepsTheRungsBefore() throws Exception {
        Path out = temporary.resolve("out");
        Path lost = SmallScenario.at(temporary).folder();
        Program.Ended ended;
        try (Program program = Program.start(
                        directory,
                        "estimate",
                        lost.toString(),
                        "--json",
                        "--variant",
                        "quick",
                        "--target",
                        "orders=16k",
                        "--repeat",
                        "1",
                        "--out",
                        out.toString())
                .await("the second rung", line -> line.contains("quick: rung 2,"))) {
            Files.delete(lost.resolve("schema.sql"));
            ended = program.end();
        }

        assertThat(ended.code()).as(ended.error()).isEqualTo(4);
        JsonNode estimate = new ObjectMapper()
                .readTree(out.resolve("estimate.json").toFile())
                .at("/estimates/0");
        assertThat(estimate.at("/rungs").size()).isBetween(1, 4);
        assertThat(estimate.at("/answer").asText()).isEqualTo("UNKNOWN");
        assertThat(estimate.at("/reasons").toString()).contains("could not be run: ", "schema.sql");
    }

    /** While the server of the next rung is made and checked, not only while a migration runs. */
    @Test
    void aStopBetweenTwoRungsKeepsTheRungsBefore() throws Exception {
        Path out = temporary.resolve("out");
        Program.Ended ended;
        try (Program program = Program.start(
                        directory,
                        "estimate",
                        "../small",
                        "--json",
                        "--variant",
                        "quick",
                        "--target",
                        "orders=16k",
                        "--repeat",
                        "1",
                        "--out",
                        out.toString())
                .await("the second rung", line -> line.contains("quick: rung 2,"))) {
            program.signal("INT");
            ended = program.end();
        }
        assertThat(ended.code()).as(ended.error()).isEqualTo(130);
        JsonNode estimate = new ObjectMapper()
                .readTree(out.resolve("estimate.json").toFile())
                .at("/estimates/0");
        assertThat(estimate.at("/answer").asText()).isEqualTo("UNKNOWN");
        assertThat(estimate.at("/rungs")).hasSize(1);
        assertThat(estimate.at("/reasons").toString()).contains("it was interrupted");
        assertThat(out.resolve("quick-rung-1-run-1/recording.json")).isNotEmptyFile();
    }
}
