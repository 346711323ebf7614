package dev.pgrehearse.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/** A server that is the first process of its container. */
final class ContainerPostmaster implements Postmaster {
    private final Containers containers;
    private final String id;
    private final String volume;
    private final CompletableFuture<Integer> exit;

    /** A container that was just started. */
    ContainerPostmaster(Containers containers, String id, String volume) {
        this.containers = containers;
        this.id = id;
        this.volume = volume;
        this.exit = containers.exit(id);
    }

    @Override
    public CompletableFuture<Integer> exit() {
        return exit.copy();
    }

    @Override
    public void signal(String signal) {
        containers.signal(id, signal);
    }

    @Override
    public String output() {
        String log = containers
                .run(
                        "root",
                        Map.of(volume, ContainerServerHost.MOUNT),
                        java.util.List.of(),
                        "tail -n 100 " + ContainerServerHost.DATA + "/log/postgresql.json 2>/dev/null || true")
                .output();
        return log + "\n" + containers.logs(id);
    }

    @Override
    public OptionalLong pid() {
        Long pid = containers.inspect(id).getState().getPidLong();
        if (pid == null || pid <= 0) {
            return OptionalLong.empty();
        }
        try {
            // Another machine's, or another process namespace's, number means nothing here.
            byte[] commandLine = Files.readAllBytes(Path.of("/proc", pid.toString(), "cmdline"));
            return new String(commandLine, StandardCharsets.UTF_8).contains(ContainerServerHost.DATA)
                    ? OptionalLong.of(pid)
                    : OptionalLong.empty();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    @Override
    public String settle(boolean sync) {
        Containers.Finished checked = containers.run(
                "root",
                Map.of(volume, ContainerServerHost.MOUNT),
                java.util.List.of(),
                (sync ? "sync -f " + ContainerServerHost.MOUNT + " 2>/dev/null || sync\n" : "")
                        + ContainerServerHost.cleanOrExit(ContainerServerHost.DATA));
        return checked.status() == 0 ? "" : checked.output().strip();
    }

    @Override
    public void forget() {
        containers.remove(id);
    }
}
