package dev.pgrehearse.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pgrehearse.process.DirectoryTree;
import dev.pgrehearse.process.Leaks;
import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.verdict.Figures;
import dev.pgrehearse.verdict.Stops;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The four incidents at the size they happened: {@code mvn verify -Pfull}, half an hour and 30 GB of disk. What must hold is
 * asserted; the figures go to {@code target/full-size}, and with {@code -Dpgrehearse.write.docs=true} to
 * {@code docs/full-size.md}.
 */
@ExtendWith(Leaks.NothingLeftBehind.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Tag("alone")
class IncidentsFullSize {
    /** Of the tool itself: it would end if it needed more. */
    private static final String HEAP = "1000m";

    private static final long HANGS_SECONDS = 3600;

    private static final Map<String, String> REPORT = new LinkedHashMap<>();

    /** Kept, so that reports can be looked at. */
    private static final Path FOLDER = Path.of("target", "full-size");

    private Incident run(String scenario, String... arguments) throws Exception {
        Incident incident =
                Incident.run(FOLDER.resolve(scenario + "-" + REPORT.size()), HEAP, scenario, List.of(arguments));
        String command = "./pgrehearse run scenarios/" + scenario
                + Stream.of(arguments).map(argument -> " " + argument).collect(Collectors.joining());
        REPORT.put(
                command,
                Figures.duration(incident.milliseconds()) + " in all, with a heap of at most " + HEAP + ".\n\n```\n"
                        + incident.output().stream()
                                .skip(1)
                                .takeWhile(line -> !line.isEmpty())
                                .collect(Collectors.joining("\n"))
                        + "\n```\n\n" + figures(incident.recordings()));
        return incident;
    }

    private static double migrationMs(Recording recording) {
        Recording.Phase migration = recording.phases().stream()
                .filter(phase -> phase.name().equals(Recording.Phase.MIGRATION))
                .findFirst()
                .orElseThrow();
        return migration.endMs() - migration.startMs();
    }

    private static Recording.OperationFacts operation(Recording recording, String name) {
        return recording.requests().operations().stream()
                .filter(operation -> operation.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Recording.OperationPhase during(Recording recording, String operation) {
        return operation(recording, operation).phases().get(Recording.Phase.MIGRATION);
    }

    @Test
    @Order(2)
    void blockedWrites() throws Exception {
        Incident production = run("blocked-writes", "--size", "production");
        Recording asWritten = production.of("as-written");
        double build = asWritten.migration().durationMs();
        for (String write : List.of("place_order", "pay_order")) {
            assertThat(during(asWritten, write).stallMs()).as(write).isEqualTo(build, within(1000.0));
        }
        assertThat(asWritten.pools()).allSatisfy(pool -> {
            assertThat(pool.firstExhaustedMs()).isNotNull();
            assertThat(pool.firstAtMs()).containsKeys(50, 80, 90, 100);
        });
        assertThat(asWritten.requests().outcomes().get(Outcome.POOL_TIMEOUT)).isPositive();

        Recording concurrently = production.of("concurrently");
        long writes = 0;
        long ok = 0;
        for (String write : List.of("place_order", "pay_order")) {
            assertThat(during(concurrently, write).stallMs()).as(write).isLessThanOrEqualTo(1000);
            Map<Outcome, Long> outcomes =
                    operation(concurrently, write).outcomesByPhase().get(Recording.Phase.MIGRATION);
            writes += outcomes.values().stream().mapToLong(Long::longValue).sum();
            ok += outcomes.getOrDefault(Outcome.OK, 0L);
        }
        assertThat(writes / (migrationMs(concurrently) / 1000))
                .as("writes a second")
                .isGreaterThanOrEqualTo(100);
        assertThat((double) ok / writes).as("share of writes that ended ok").isGreaterThanOrEqualTo(0.999);
    }

    @Test
    @Order(3)
    void poolExhaustion() throws Exception {
        Incident production = run("pool-exhaustion", "--size", "production");
        Recording asWritten = production.of("as-written");
        assertThat(asWritten.pools().get(0).firstAtMs()).containsKeys(50, 80, 90, 100);
        assertThat(firstOfEachKind(asWritten))
                .as(
                        "the story's chain: the pool fills, requests fail, probes fail, no instance is left, more are started,"
                                + " the server has no connection for them")
                .containsSubsequence(
                        "pool-at-50",
                        "pool-at-80",
                        "pool-at-90",
                        "pool-at-100",
                        "pool-exhausted",
                        "first-failure",
                        "probe-failed")
                .containsSubsequence("probe-failed", "instance-removed", "no-instance-left")
                .containsSubsequence("pool-exhausted", "scaled-up", "instance-starting", "connection-refused");
        for (String id : List.of("as-written", "concurrently")) {
            assertThat(production.of(id).indexes())
                    .filteredOn(index -> index.name().equals("users_country_idx"))
                    .singleElement()
                    .satisfies(index -> {
                        assertThat(index.scans().migration()).isZero();
                        assertThat(index.scans().recovery()).isZero();
                        assertThat(index.coveredBy()).isEqualTo("users_country_city_idx");
                    });
        }
        Recording stopped = production.of("stopped-half-way");
        assertThat(stopped.migration().outcome()).isEqualTo("stopped");
        assertThat(stopped.recovery().calmAtMs()).isNotNull();
        Recording abandoned = production.of("concurrently-stopped");
        assertThat(abandoned.migration().stop().leftovers().invalidIndexes()).containsExactly("users_country_idx");
        assertThat(abandoned.leftovers().invalidIndexes()).isEmpty();
    }

    /** Kinds of events since the migration's start, in the order in which each came first. */
    private static List<String> firstOfEachKind(Recording recording) {
        double start = recording.phases().stream()
                .filter(phase -> phase.name().equals(Recording.Phase.MIGRATION))
                .findFirst()
                .orElseThrow()
                .startMs();
        return recording.events().stream()
                .filter(event -> event.atMs() >= start)
                .map(Recording.Event::kind)
                .distinct()
                .toList();
    }

    @Test
    @Order(4)
    void invalidIndex() throws Exception {
        Incident nights = run("invalid-index");
        Recording outage = nights.of("rerun-drop-create");
        assertThat(outage.pools()).hasSize(4).allSatisfy(pool -> {
            assertThat(pool.size()).isEqualTo(50);
            assertThat(pool.activePeak()).isEqualTo(50);
            assertThat(pool.longestExhaustedMs()).isGreaterThan(180_000);
        });
        for (String id : List.of("night-one", "rerun-concurrently", "rerun-if-not-exists", "lock-timeout-trap")) {
            assertThat(nights.of(id).leftovers().invalidIndexes()).as(id).containsExactly("orders_sku_idx");
            assertThat(nights.of(id).migration().statements())
                    .as(id)
                    .allSatisfy(statement ->
                            assertThat(statement.blocking().requests()).isZero());
        }
        for (String id : List.of("repair", "reindex")) {
            assertThat(nights.of(id).leftovers().invalidIndexes()).as(id).isEmpty();
        }
    }

    @Test
    @Order(5)
    void lockQueue() throws Exception {
        run("lock-queue");
    }

    /** The same files at staging's size, where nothing is to be seen. */
    @Test
    @Order(6)
    void whyPeopleWereFooled() throws Exception {
        assertThat(run("blocked-writes", "--size", "staging").verdicts().values())
                .containsOnly("GO");
        assertThat(run("pool-exhaustion", "--size", "staging").verdicts().values())
                .containsOnly("GO");
    }

    /** From the start of the program to the warm-up: the second run copies what the first has loaded. */
    @Test
    @Order(1)
    void theSecondRunReachesItsWarmUpInAQuarterOfTheTime() throws Exception {
        List<Double> first = new ArrayList<>();
        List<Double> second = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            try (Program remove = Incident.start(HEAP, List.of("dataset", "remove", "--all"))) {
                remove.end();
            }
            first.add(secondsToWarmUp("first-" + i));
            second.add(secondsToWarmUp("second-" + i));
        }
        double ratio = median(second) / median(first);
        REPORT.put(
                "second run",
                "Seconds from the start of `./pgrehearse run scenarios/blocked-writes --size production` to its warm-up, in "
                        + "turn: the first run " + first + ", the second " + second + "; ratio of medians "
                        + String.format(Locale.ROOT, "%.3f", ratio) + ".\n");
        assertThat(ratio).isLessThanOrEqualTo(0.25);
    }

    private double secondsToWarmUp(String name) throws Exception {
        long start = System.nanoTime();
        try (Program program = Incident.start(
                HEAP,
                List.of(
                        "run",
                        "scenarios/blocked-writes",
                        "--size",
                        "production",
                        "--json",
                        "--out",
                        FOLDER.resolve(name).toString()))) {
            program.awaitTask("as-written: warmup", HANGS_SECONDS);
            double seconds = Math.round((System.nanoTime() - start) / 1e8) / 10.0;
            program.signal("INT").end();
            return seconds;
        }
    }

    private static double median(List<Double> three) {
        return three.stream().sorted().toList().get(1);
    }

    private static String figures(Map<String, Recording> recordings) {
        StringBuilder text = new StringBuilder();
        text.append(
                "| variant | took | longest stall, by operation | requests failed, of offered | pool: 50, 80, 90, 100 % in use"
                        + " | pool empty, longest | calm again | left behind | clock ± |\n|---|---|---|---|---|---|---|---|---|\n");
        recordings.forEach((id, recording) -> text.append("| ")
                .append(String.join(
                        " | ",
                        List.of(
                                "`" + id + "`",
                                Figures.duration(recording.migration().durationMs()),
                                recording.requests().operations().stream()
                                        .map(operation -> operation.name() + " "
                                                + Figures.duration(operation
                                                        .phases()
                                                        .get(Recording.Phase.MIGRATION)
                                                        .stallMs()))
                                        .collect(Collectors.joining("<br>")),
                                failed(recording),
                                recording.pools().stream()
                                        .map(pool -> leads(pool, recording))
                                        .collect(Collectors.joining("<br>")),
                                recording.pools().stream()
                                        .map(pool -> Figures.duration(pool.longestExhaustedMs()))
                                        .collect(Collectors.joining("<br>")),
                                calm(recording),
                                left(recording),
                                Figures.duration(recording.clock().uncertaintyMs()))))
                .append(" |\n"));
        return text.toString();
    }

    private static String failed(Recording recording) {
        Map<Outcome, Long> outcomes = recording.requests().outcomes();
        String bad = outcomes.entrySet().stream()
                .filter(entry -> entry.getKey() != Outcome.OK && entry.getValue() > 0)
                .map(entry -> entry.getKey().key() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
        return (bad.isEmpty() ? "0" : bad) + ", of " + recording.requests().offered();
    }

    private static String leads(Recording.PoolFacts pool, Recording recording) {
        double start = recording.phases().stream()
                .filter(phase -> phase.name().equals(Recording.Phase.MIGRATION))
                .findFirst()
                .orElseThrow()
                .startMs();
        return Stream.of(50, 80, 90, 100)
                .map(percent -> pool.firstAtMs().get(percent))
                .map(at -> at == null ? "–" : Figures.duration(at - start))
                .collect(Collectors.joining(", "));
    }

    private static String calm(Recording recording) {
        Recording.Stop stop = recording.migration().stop();
        double from = stop != null
                ? stop.atMs()
                : recording.phases().stream()
                        .filter(phase -> phase.name().equals(Recording.Phase.MIGRATION))
                        .findFirst()
                        .orElseThrow()
                        .endMs();
        Double calm = recording.recovery().calmAtMs();
        return calm == null ? "no" : Stops.calmAgain(calm - from) + (stop != null ? " after the stop" : "");
    }

    private static String left(Recording recording) {
        List<String> left = new ArrayList<>(recording.leftovers().invalidIndexes().stream()
                .map(index -> "INVALID " + index)
                .toList());
        left.addAll(recording.leftovers().notValidConstraints());
        left.addAll(recording.leftovers().other());
        return left.isEmpty() ? "nothing" : String.join(", ", left);
    }

    @BeforeAll
    static void forgetEarlierOnes() throws IOException {
        DirectoryTree.delete(FOLDER);
    }

    @AfterEach
    void write() throws IOException {
        String text = "# The four incidents at full size\n\nWritten by `mvn verify -Pfull -Dpgrehearse.write.docs=true`"
                + " on " + Runtime.getRuntime().availableProcessors() + " cores. Times are of this machine, and of the"
                + " embedded build of PostgreSQL: good for locks and shapes, only indicative for seconds.\n\n"
                + REPORT.entrySet().stream()
                        .map(entry -> "## " + entry.getKey() + "\n\n" + entry.getValue())
                        .collect(Collectors.joining("\n"));
        Files.writeString(FOLDER.resolve("full-size.md"), text);
        if (Boolean.getBoolean("pgrehearse.write.docs")) {
            Files.writeString(Path.of("docs/full-size.md"), text);
        }
    }
}
