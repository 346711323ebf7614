package dev.pgrehearse.observe;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What one backend and its parallel workers use while one statement runs. The backend's own CPU and disk traffic are exact;
 * a worker is known as it was in the last look that saw it, and begins with nothing. Memory is the highest of all looks.
 * Thread-safe.
 */
final class BackendUse {
    /**
     * What was used.
     *
     * @param memoryPeakBytes private memory of all together; null when no look succeeded
     */
    record Used(
            @Nullable Double cpuMs,
            @Nullable Long readBytes,
            @Nullable Long writtenBytes,
            @Nullable Long memoryPeakBytes) {}

    private record Worker(long cpuNanos, LinuxProcesses.Io io) {}

    private final LinuxProcesses processes;
    private final int pid;
    private final OptionalLong cpuAtStart;
    private final Optional<LinuxProcesses.Io> ioAtStart;
    private final Map<Integer, Worker> workers = new HashMap<>();
    private @Nullable Long memoryPeak;

    /** The statement is about to be sent to that backend. */
    BackendUse(LinuxProcesses processes, int pid) {
        this.processes = processes;
        this.pid = pid;
        this.cpuAtStart = processes.backendNanos(pid);
        this.ioAtStart = processes.backendIo(pid);
    }

    /** Looks at the backend, and at those that work for it now. */
    synchronized void look(Collection<Integer> workerPids) {
        OptionalLong own = processes.backendMemoryBytes(pid);
        long memory = own.orElse(0);
        for (int worker : workerPids) {
            OptionalLong cpu = processes.backendNanos(worker);
            // One that has ended between the question and this has left its last figures of the look before.
            if (cpu.isPresent()) {
                workers.put(
                        worker,
                        new Worker(cpu.getAsLong(), processes.backendIo(worker).orElse(new LinuxProcesses.Io(0, 0))));
                memory += processes.backendMemoryBytes(worker).orElse(0);
            }
        }
        if (own.isPresent()) {
            memoryPeak = memoryPeak == null ? memory : Math.max(memoryPeak, memory);
        }
    }

    /** Whether anybody was seen to work for it. */
    synchronized boolean hadWorkers() {
        return !workers.isEmpty();
    }

    /** The statement has ended just now. */
    synchronized Used ended() {
        OptionalLong cpu = processes.backendNanos(pid);
        Optional<LinuxProcesses.Io> io = processes.backendIo(pid);
        OptionalLong memory = processes.backendMemoryBytes(pid);
        if (memory.isPresent()) {
            memoryPeak = memoryPeak == null ? memory.getAsLong() : Math.max(memoryPeak, memory.getAsLong());
        }
        boolean ioKnown = io.isPresent() && ioAtStart.isPresent();
        return new Used(
                cpu.isPresent() && cpuAtStart.isPresent()
                        ? (Double) ((cpu.getAsLong()
                                        - cpuAtStart.getAsLong()
                                        + workers.values().stream()
                                                .mapToLong(Worker::cpuNanos)
                                                .sum())
                                / 1e6)
                        : null,
                ioKnown
                        ? (Long) (io.get().readBytes()
                                - ioAtStart.get().readBytes()
                                + workers.values().stream()
                                        .mapToLong(worker -> worker.io().readBytes())
                                        .sum())
                        : null,
                ioKnown
                        ? (Long) (io.get().writtenBytes()
                                - ioAtStart.get().writtenBytes()
                                + workers.values().stream()
                                        .mapToLong(worker -> worker.io().writtenBytes())
                                        .sum())
                        : null,
                memoryPeak);
    }
}
