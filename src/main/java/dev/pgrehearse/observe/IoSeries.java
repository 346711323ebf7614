package dev.pgrehearse.observe;

import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes what server, migration and tool moved between page cache and disk, and how long processors were idle for the disk,
 * as series. Where the machine does not tell, there is no point. Used by one thread at a time.
 */
final class IoSeries {
    private final LinuxProcesses processes;
    private final FactSink facts;
    private LinuxProcesses.@Nullable Io server;
    private LinuxProcesses.@Nullable Io tool;
    private LinuxProcesses.@Nullable Io migration;
    private int migrationPid;
    private LinuxProcesses.MachineTicks ticks = new LinuxProcesses.MachineTicks(0, 0, 0);

    IoSeries(LinuxProcesses processes, FactSink facts) {
        this.processes = processes;
        this.facts = facts;
    }

    /**
     * One point of each series.
     *
     * @param now what the server has moved by now
     * @param pid the migration's backend; 0 when there is none
     */
    void sample(long atNanos, Optional<LinuxProcesses.Io> now, int pid) {
        server = moved("Server", atNanos, server, now);
        tool = moved("Tool", atNanos, tool, processes.toolIo());
        Optional<LinuxProcesses.Io> own = pid == 0 ? Optional.empty() : processes.backendIo(pid);
        migration = moved("Migration", atNanos, pid == migrationPid ? migration : null, own);
        migrationPid = pid;
        LinuxProcesses.MachineTicks machine = processes.machine();
        if (ticks.total() > 0 && machine.total() > ticks.total()) {
            facts.add(new Fact.Sampled(
                    "ioWait",
                    atNanos,
                    (double) (machine.ioWait() - ticks.ioWait()) / (machine.total() - ticks.total())));
        }
        ticks = machine;
    }

    /** A process that ends between two of the kernel's accounts is missing for a moment: the next point has it. */
    private LinuxProcesses.@Nullable Io moved(
            String whose, long atNanos, LinuxProcesses.@Nullable Io before, Optional<LinuxProcesses.Io> read) {
        if (read.isEmpty()) {
            return before;
        }
        LinuxProcesses.Io now = read.get();
        if (before == null) {
            return now;
        }
        if (now.readBytes() < before.readBytes() || now.writtenBytes() < before.writtenBytes()) {
            return before;
        }
        facts.add(new Fact.Sampled("read" + whose, atNanos, now.readBytes() - before.readBytes()));
        facts.add(new Fact.Sampled("written" + whose, atNanos, now.writtenBytes() - before.writtenBytes()));
        return now;
    }
}
