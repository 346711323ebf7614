package dev.pgrehearse.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.process.Leaks;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** A {@link ToolToKill} in a JVM of its own. */
final class KilledTool {
    private static final long BOUND_SECONDS = 10;

    private KilledTool() {}

    static Process start(Map<String, String> environment, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                ToolToKill.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(Redirect.INHERIT);
        builder.environment().put(CacheDirectory.SWITCH, Leaks.cache().toString());
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** Reads what the tool tells until {@code moment}; the lines by their first word. */
    static Map<String, String> awaitMoment(BufferedReader out, String moment) throws Exception {
        Map<String, String> told = new java.util.HashMap<>();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            String[] words = line.split(" ", 2);
            told.put(words[0], words.length > 1 ? words[1] : "");
            if (words[0].equals(moment)) {
                return told;
            }
        }
        throw new AssertionError("the tool ended before it was " + moment + "; it told " + told);
    }

    static BufferedReader output(Process tool) {
        return new BufferedReader(new InputStreamReader(tool.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Kills a tool of that kind at that moment; 10 s later nothing may be left of it. */
    static void leavesNothing(String moment, String... arguments) throws Exception {
        Set<String> before = Leaks.now();
        Process tool = start(Map.of(), arguments);
        try (BufferedReader out = output(tool)) {
            long supervisor = Long.parseLong(awaitMoment(out, "supervisor").get("supervisor"));
            if (!moment.equals("supervisor")) {
                awaitMoment(out, moment);
            }
            ProcessHandle supervisorProcess = ProcessHandle.of(supervisor).orElseThrow();

            // The check itself must see what runs, or it would prove nothing.
            if (moment.equals("busy")) {
                Set<String> running = Leaks.now();
                running.removeAll(before);
                assertThat(running).anyMatch(KilledTool::isServer).anyMatch(KilledTool::isData);
            }
            if (moment.equals("streaming")) {
                Set<String> running = Leaks.now();
                running.removeAll(before);
                assertThat(running).filteredOn(KilledTool::isServer).hasSizeGreaterThanOrEqualTo(2);
            }
            tool.destroyForcibly().waitFor();

            // The bound is what the product promises.
            supervisorProcess.onExit().get(BOUND_SECONDS, TimeUnit.SECONDS);
        } finally {
            tool.destroyForcibly().waitFor();
        }
        Set<String> left = Leaks.now();
        left.removeAll(before);
        assertThat(left).as("killed when " + moment).isEmpty();
    }

    private static boolean isServer(String found) {
        return found.startsWith("server process") || found.startsWith("container");
    }

    private static boolean isData(String found) {
        return found.startsWith("run directory") || found.startsWith("volume");
    }
}
