package dev.pgrehearse.process;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How to start a child process. Its standard input is empty.
 *
 * @param command the program and its arguments; visible to everybody in the process list, so never a password
 * @param environment added to the tool's own environment; reaches nobody but the child
 * @param directory where it starts; null for the tool's own working directory
 * @param output the file to which standard output and standard error are appended; null throws them away
 * @param gentleSignal the signal, such as {@code QUIT}, that asks it to end when the tool is gone
 */
public record Launch(
        List<String> command,
        Map<String, String> environment,
        @Nullable String directory,
        @Nullable String output,
        String gentleSignal) {
    public Launch {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }

    /** Hides the environment's values, which may hold secrets. */
    @Override
    public String toString() {
        return "Launch" + command + " with " + environment.keySet();
    }
}
