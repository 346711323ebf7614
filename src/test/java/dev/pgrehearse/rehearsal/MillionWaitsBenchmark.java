package dev.pgrehearse.rehearsal;

import static dev.pgrehearse.postgres.Queries.await;
import static dev.pgrehearse.postgres.Queries.execute;
import static dev.pgrehearse.postgres.Queries.value;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Sessions.Role;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.server.BenchmarkPage;
import dev.pgrehearse.server.TestServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A million waits of a real server, each of them logged, while its log rotates every few seconds: what the recording tells is held
 * against the lines of the log as they are counted afterwards, session by session.
 */
@Tag("alone")
class MillionWaitsBenchmark {
    private static final int WAITS = Integer.getInteger("pgrehearse.bench.waits", 1_000_000);
    private static final int SESSIONS = 64;
    private static final Pattern ACQUIRED =
            Pattern.compile("process (\\d+) acquired ExclusiveLock on advisory lock .* after (\\d+\\.\\d+) ms");

    /** Of the server's clock, and of the recording's. */
    private static final double ROUNDING_MS = 0.01;

    /** Each of its waits is longer than the server's millisecond: all others want the lock, too. */
    @RegisterExtension
    static final TestServer POSTGRES =
            TestServer.quick().with("deadlock_timeout", "1ms").with("max_connections", "120");

    @TempDir
    static Path folder;

    private record Waits(int count, double totalMs) {
        static final Waits NONE = new Waits(0, 0);

        Waits and(double ms) {
            return new Waits(count + 1, totalMs + ms);
        }
    }

    @BeforeAll
    static void rotateOften() throws Exception {
        execute(
                POSTGRES.superuser(),
                "ALTER SYSTEM SET log_filename = 'rotating-%Y%m%d%H%M%S'",
                "ALTER SYSTEM SET log_rotation_size = '10MB'",
                "ALTER SYSTEM SET log_rotation_age = 0",
                "SELECT pg_reload_conf()");
        await(POSTGRES.superuser(), "SELECT pg_current_logfile('jsonlog') LIKE '%rotating-%'", "t");
    }

    @Test
    void everyWaitOfTheLogIsTold() throws Exception {
        ConnectionDetails database = POSTGRES.newDatabase();
        String loop = "DO $$ BEGIN FOR turn IN 1..%d LOOP PERFORM pg_advisory_xact_lock(1); COMMIT; END LOOP; END $$"
                .formatted(WAITS / SESSIONS);
        try (Observation observation = Observation.begin(POSTGRES, database, folder)) {
            long began = System.nanoTime();
            List<Future<Void>> loops = new ArrayList<>();
            for (int i = 0; i < SESSIONS; i++) {
                loops.add(observation.later(observation.session(Role.WORKLOAD, "take_turns"), loop));
            }
            for (Future<Void> each : loops) {
                each.get();
            }
            double seconds = (System.nanoTime() - began) / 1e9;
            Recording recording = observation.finish();
            double finished = (System.nanoTime() - began) / 1e9 - seconds;

            Path log = Path.of(value(
                    POSTGRES.superuser(),
                    "SELECT current_setting('data_directory') || '/' || current_setting('log_directory')"));
            Map<Integer, Waits> logged = logged(log);
            Map<Integer, Waits> told = told(recording);
            int inAll = logged.values().stream().mapToInt(Waits::count).sum();
            assertThat(inAll).as("nearly every turn was waited for").isGreaterThan(WAITS / 10 * 9);
            assertThat(told.keySet()).isEqualTo(logged.keySet());
            assertThat(logged).allSatisfy((pid, waits) -> {
                assertThat(told.get(pid).count()).as("waits of %d", pid).isEqualTo(waits.count());
                assertThat(Math.abs(told.get(pid).totalMs() - waits.totalMs()))
                        .as("milliseconds of %d", pid)
                        .isLessThan(ROUNDING_MS * waits.count());
            });
            page(recording, inAll, files(log), seconds, finished);
        }
    }

    private static void page(Recording recording, int waits, long files, double seconds, double finished)
            throws IOException {
        List<String> doubts =
                recording.doubts().stream().map(doubt -> "- " + doubt.text()).toList();
        BenchmarkPage.ACCURACY.put(
                "A million waits",
                String.format(
                        Locale.ROOT,
                        "Written by `mvn verify -Pbench -Dit.test=MillionWaitsBenchmark -Dpgrehearse.write.docs=true` on %s: %d"
                                + " processors, a heap of at most %,d MB. %d sessions take turns at one lock for %.0f s, and `deadlock_timeout` is 1 ms,"
                                + " so that the server logs each wait: %,d waits, %,.0f a second, in %,d files of a log that rotates at 10"
                                + " MB. All of them are recorded, each once, by session with the milliseconds that the log's lines say (to"
                                + " 0.01 ms each); the last was told %.1f s after the load's end, and the recording made. What the recording"
                                + " says in doubt of itself:%n%n%s",
                        LocalDate.now(ZoneOffset.UTC),
                        Runtime.getRuntime().availableProcessors(),
                        Runtime.getRuntime().maxMemory() >> 20,
                        SESSIONS,
                        seconds,
                        waits,
                        waits / seconds,
                        files,
                        finished,
                        doubts.isEmpty() ? "nothing." : String.join("\n", doubts)),
                WAITS >= 1_000_000);
    }

    /** As the lines are counted by nobody's parser. */
    private static Map<Integer, Waits> logged(Path log) throws IOException {
        Map<Integer, Waits> waits = new HashMap<>();
        for (Path file : filesOf(log)) {
            try (BufferedReader lines = Files.newBufferedReader(file)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    Matcher acquired = ACQUIRED.matcher(line);
                    if (acquired.find()) {
                        waits.compute(
                                Integer.valueOf(acquired.group(1)),
                                (pid, before) -> (before == null ? Waits.NONE : before)
                                        .and(Double.parseDouble(acquired.group(2))));
                    }
                }
            }
        }
        return waits;
    }

    /** Waits that the log told, by session, from the file of all waits. */
    private static Map<Integer, Waits> told(Recording recording) throws IOException {
        Path all;
        try (Stream<Path> found = Files.walk(folder)) {
            all = found.filter(file ->
                            file.endsWith(String.valueOf(recording.waits().file())))
                    .findFirst()
                    .orElseThrow();
        }
        ObjectMapper mapper = new ObjectMapper();
        Map<Integer, Waits> waits = new HashMap<>();
        try (BufferedReader lines = Files.newBufferedReader(all)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode wait = mapper.readTree(line);
                if (wait.get("source").asText().equals("log")) {
                    waits.compute(
                            wait.get("pid").asInt(),
                            (pid, before) -> (before == null ? Waits.NONE : before)
                                    .and(wait.get("durationMs").asDouble()));
                }
            }
        }
        return waits;
    }

    private static long files(Path log) throws IOException {
        return filesOf(log).size();
    }

    private static List<Path> filesOf(Path log) throws IOException {
        try (Stream<Path> files = Files.list(log)) {
            return files.filter(file -> file.getFileName().toString().matches("rotating-.*\\.json"))
                    .toList();
        }
    }
}
