package dev.pgrehearse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.RecordingJson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * One run of one of this checkout's scenarios, as expected and sound.
 *
 * @param recordings by id
 * @param verdicts by id
 * @param code the program's exit code
 * @param output what the program printed
 * @param milliseconds from the program's start to its end
 */
record Incident(
        Map<String, Recording> recordings,
        Map<String, String> verdicts,
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
     * As {@link #run}, on a machine that others use, too: a variant whose load could not be offered on time is rehearsed
     * again, {@value #AGAIN} times at most. That the tool says UNKNOWN then is right, and tells nothing of the variant.
     */
    static Incident runUntilMeasured(Path out, String heap, String scenario, List<String> arguments) throws Exception {
        Incident incident = runToItsEnd(out, heap, scenario, arguments);
        for (int again = 1; again <= AGAIN && !incident.unmeasured().isEmpty(); again++) {
            assertThat(incident.code).as(incident.text()).isEqualTo(ExitCode.UNKNOWN.number());
            List<String> narrowed = new ArrayList<>(arguments);
            incident.unmeasured().forEach(variant -> narrowed.addAll(List.of("--variant", variant)));
            Path folder = out.resolveSibling(out.getFileName() + "-again-" + again);
            incident = incident.replacedBy(runToItsEnd(folder, heap, scenario, narrowed));
        }
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
        try (Stream<Path> folders = Files.list(out)) {
            for (Path folder : folders.filter(Files::isDirectory).toList()) {
                String id = folder.getFileName().toString();
                recordings.put(id, RecordingJson.read(folder.resolve("recording.json")));
                verdicts.put(
                        id,
                        RecordingJson.mapper()
                                .readTree(folder.resolve("verdict.json").toFile())
                                .path("verdict")
                                .asText());
            }
        }
        recordings.forEach(Incident::assertSound);
        return new Incident(recordings, verdicts, ended.code(), ended.out(), milliseconds);
    }

    private List<String> unmeasured() {
        return verdicts.keySet().stream()
                .filter(id -> verdicts.get(id).equals("UNKNOWN")
                        && recordings.get(id).doubts().stream()
                                .anyMatch(doubt -> doubt.id().equals(Recording.Doubt.DRIVER_TOO_LATE)))
                .toList();
    }

    private Incident replacedBy(Incident later) {
        Map<String, Recording> allRecordings = new TreeMap<>(recordings);
        allRecordings.putAll(later.recordings);
        Map<String, String> allVerdicts = new TreeMap<>(verdicts);
        allVerdicts.putAll(later.verdicts);
        return new Incident(allRecordings, allVerdicts, later.code, later.output, milliseconds + later.milliseconds);
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
