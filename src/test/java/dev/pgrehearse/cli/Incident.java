package dev.pgrehearse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.RecordingJson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * One run of one of this checkout's scenarios, as expected and sound.
 *
 * @param recordings by id
 * @param verdicts by id
 * @param unexpected the ids of those that are not as their scenario expects
 * @param code the program's exit code
 * @param output what the program printed
 * @param milliseconds from the program's start to its end
 */
record Incident(
        Map<String, Recording> recordings,
        Map<String, String> verdicts,
        Set<String> unexpected,
        int code,
        List<String> output,
        double milliseconds) {
    /** Long enough for the largest; a program that hangs fails a test instead of hanging it. */
    private static final long HANGS_SECONDS = 3600;

    private static final int AGAIN = 2;

    /** Runs a scenario and reads back what it recorded; every variant must have ended as its scenario expects. */
    static Incident run(Path out, String heap, String scenario, List<String> arguments) throws Exception {
        Incident incident = runToItsEnd(out, heap, scenario, arguments);
        assertThat(incident.code).as(incident.text()).isZero();
        return incident;
    }

    /**
     * As {@link #run}, on a machine that others use, too: a variant that did not end as expected and whose load could not be
     * offered on time is rehearsed again, {@value #AGAIN} times at most. The tool says itself that it was another load then,
     * which tells nothing of the variant.
     */
    static Incident runUntilMeasured(Path out, String heap, String scenario, List<String> arguments) throws Exception {
        Incident incident = runToItsEnd(out, heap, scenario, arguments);
        for (int again = 1; again <= AGAIN && !incident.unmeasured().isEmpty(); again++) {
            List<String> narrowed = new ArrayList<>(arguments);
            incident.unmeasured().forEach(variant -> narrowed.addAll(List.of("--variant", variant)));
            Path folder = out.resolveSibling(out.getFileName() + "-again-" + again);
            incident = incident.replacedBy(runToItsEnd(folder, heap, scenario, narrowed));
        }
        assertThat(incident.unexpected).as(incident.text()).isEmpty();
        assertThat(incident.code).as(incident.text()).isZero();
        return incident;
    }

    private static Incident runToItsEnd(Path out, String heap, String scenario, List<String> arguments)
            throws Exception {
        List<String> all = new ArrayList<>(List.of("run", "scenarios/" + scenario, "--quiet", "--out", out.toString()));
        all.addAll(arguments);
        long start = System.nanoTime();
        Program.Ended ended;
        try (Program program = start(heap, all)) {
            ended = program.end(HANGS_SECONDS);
        }
        double milliseconds = (System.nanoTime() - start) / 1e6;
        assertThat(out).as(ended.output() + ended.error()).isDirectory();
        Map<String, Recording> recordings = new TreeMap<>();
        Map<String, String> verdicts = new TreeMap<>();
        Set<String> unexpected = new TreeSet<>();
        try (Stream<Path> folders = Files.list(out)) {
            for (Path folder : folders.filter(Files::isDirectory).toList()) {
                String id = folder.getFileName().toString();
                recordings.put(id, RecordingJson.read(folder.resolve("recording.json")));
                JsonNode verdict = RecordingJson.mapper()
                        .readTree(folder.resolve("verdict.json").toFile());
                verdicts.put(id, verdict.path("verdict").asText());
                if (!verdict.path("verdict").equals(verdict.path("expected"))) {
                    unexpected.add(id);
                }
            }
        }
        recordings.forEach(Incident::assertSound);
        return new Incident(recordings, verdicts, unexpected, ended.code(), ended.out(), milliseconds);
    }

    private List<String> unmeasured() {
        return unexpected.stream()
                .filter(id -> recordings.get(id).doubts().stream()
                        .anyMatch(doubt -> doubt.id().equals(Recording.Doubt.DRIVER_TOO_LATE)))
                .toList();
    }

    private Incident replacedBy(Incident later) {
        Map<String, Recording> allRecordings = new TreeMap<>(recordings);
        allRecordings.putAll(later.recordings);
        Map<String, String> allVerdicts = new TreeMap<>(verdicts);
        allVerdicts.putAll(later.verdicts);
        Set<String> stillUnexpected = new TreeSet<>(unexpected);
        stillUnexpected.removeAll(later.verdicts.keySet());
        stillUnexpected.addAll(later.unexpected);
        return new Incident(
                allRecordings,
                allVerdicts,
                stillUnexpected,
                later.code,
                later.output,
                milliseconds + later.milliseconds);
    }

    private String text() {
        return String.join("\n", output);
    }

    static Program start(String heap, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx" + heap,
                "-jar",
                Program.jar().toString()));
        command.addAll(arguments);
        return Program.of(Path.of("").toAbsolutePath(), Map.of(), command);
    }

    /** What every recording must be, whatever was rehearsed. */
    private static void assertSound(String id, Recording recording) {
        assertThat(recording.complete()).as(id + ": " + recording.fault()).isTrue();
        assertThat(recording.requests().outcomes().values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .as(id + ": outcomes add up to what was offered")
                .isEqualTo(recording.requests().offered());
        assertThat(recording.adversaries())
                .as(id)
                .allSatisfy(adversary ->
                        assertThat(adversary.stood()).as(adversary.proof()).isTrue());
        assertThat(recording.clock().uncertaintyMs()).as(id + ": the clock").isLessThan(5);
    }

    Recording of(String id) {
        return recordings.get(id);
    }
}
