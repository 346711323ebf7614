package dev.pgrehearse.process;

import com.github.dockerjava.api.DockerClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Ends all that is ours, within 10 s: children by their gentle signal, after 3 s by KILL with all that descends from
 * them; then containers, volumes and directories. Tells what it could not do; never stops at the first failure.
 */
final class Ending {
    /** One child: its process, and the signal that asks it to end. */
    record Child(ProcessHandle process, String gentleSignal) {}

    private static final Duration GENTLE = Duration.ofSeconds(3);
    private static final Duration KILLED = Duration.ofSeconds(2);

    /** How long a request that a killed tool left in flight may still make the engine create something. */
    private static final Duration IN_FLIGHT = Duration.ofSeconds(5);

    private static final long PAUSE_MS = 20;

    private final boolean orderly;

    /** @param orderly whether no request to the container engine can be in flight any more */
    Ending(boolean orderly) {
        this.orderly = orderly;
    }

    /** Ends everything; the answer is what could not be done, a sentence each. */
    List<String> end(Collection<Child> children, Collection<Remains> remains) {
        List<String> troubles = new ArrayList<>();
        CompletableFuture<List<String>> containers =
                CompletableFuture.supplyAsync(() -> endContainers(remains), task -> thread(task));
        endChildren(children, troubles);
        for (Remains one : remains) {
            if (one instanceof Remains.Directory directory) {
                try {
                    DirectoryTree.delete(Path.of(directory.path()));
                } catch (IOException e) {
                    troubles.add("The directory " + directory.path() + " could not be deleted (" + e
                            + "). Delete it by hand.");
                }
            }
        }
        troubles.addAll(containers.join());
        return troubles;
    }

    private static void thread(Runnable task) {
        Thread thread = new Thread(task, "containers");
        thread.setDaemon(true);
        thread.start();
    }

    private static void endChildren(Collection<Child> children, List<String> troubles) {
        Set<ProcessHandle> family = new LinkedHashSet<>();
        for (Child child : children) {
            child.process().descendants().forEach(family::add);
            family.add(child.process());
            try {
                Signals.send(child.process().pid(), child.gentleSignal());
            } catch (IOException e) {
                troubles.add("The process " + child.process().pid() + " could not be asked to end (" + e.getMessage()
                        + ").");
            }
        }
        if (await(family, GENTLE)) {
            return;
        }
        for (Child child : children) {
            child.process().descendants().forEach(family::add);
        }
        family.forEach(ProcessHandle::destroyForcibly);
        if (!await(family, KILLED)) {
            family.stream()
                    .filter(Ending::isRunning)
                    .forEach(process -> troubles.add(
                            "The process " + process.pid() + " is still there after KILL. End it by hand."));
        }
    }

    private static boolean await(Set<ProcessHandle> family, Duration bound) {
        long deadline = System.nanoTime() + bound.toNanos();
        while (family.stream().anyMatch(Ending::isRunning)) {
            if (System.nanoTime() > deadline || Thread.currentThread().isInterrupted()) {
                return false;
            }
            pause();
        }
        return true;
    }

    /**
     * Whether it still runs. A zombie does not: orphans' zombies stay for as long as the machine's first process does
     * not reap them, and in many containers it never does. Java counts them as alive, and is slow to notice the end of
     * processes that are not its own children.
     */
    private static boolean isRunning(ProcessHandle process) {
        if (!process.isAlive()) {
            return false;
        }
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
        } catch (IOException e) {
            // It ended meanwhile, or this system has no /proc: then Java's word must do.
            return process.isAlive();
        }
    }

    private List<String> endContainers(Collection<Remains> remains) {
        List<Remains> left = new ArrayList<>();
        // Containers first: a volume in use cannot be removed.
        remains.stream().filter(Remains.Container.class::isInstance).forEach(left::add);
        remains.stream().filter(Remains.Volume.class::isInstance).forEach(left::add);
        if (left.isEmpty()) {
            return List.of();
        }
        List<String> troubles = new ArrayList<>();
        DockerClient client;
        try {
            client = ContainerEngine.connect();
        } catch (EngineMissing e) {
            left.forEach(one -> troubles.add(one + " could not be removed: the container engine does not answer."));
            return troubles;
        }
        long deadline = System.nanoTime() + IN_FLIGHT.toNanos();
        while (true) {
            troubles.clear();
            boolean stillExpected = false;
            for (Remains one : left) {
                try {
                    stillExpected |= !removed(client, one);
                } catch (RuntimeException e) {
                    troubles.add(one + " could not be removed: " + e.getMessage());
                }
            }
            boolean satisfied = troubles.isEmpty() && (orderly || !stillExpected);
            if (satisfied || System.nanoTime() > deadline) {
                return troubles;
            }
            pause();
        }
    }

    /** False when there was nothing to remove, which can be because it does not exist yet. */
    private static boolean removed(DockerClient client, Remains one) {
        if (one instanceof Remains.Container container) {
            return ContainerEngine.removeContainer(client, container.name());
        }
        return !(one instanceof Remains.Volume volume) || ContainerEngine.removeVolume(client, volume.name());
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
