package dev.pgrehearse.observe;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import dev.pgrehearse.recording.MachineTotals;
import dev.pgrehearse.recording.Recording;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * CPU and disk traffic of the server, of the migration's backend, of the tool; and how busy the whole machine is, in the
 * baseline above all.
 */
final class MachineProbe implements Probe {
    /** Above it the load alone had filled the machine: what the migration adds cannot be told from want of CPU. */
    private static final double BUSY_SHARE = 0.8;

    /** Figures come in steps of 10 ms: over a shorter span they say nothing. */
    private static final long SHORTEST_NANOS = Duration.ofMillis(200).toNanos();

    private final LinuxProcesses processes;
    private final Parties parties;
    private final RehearsalClock clock;
    private final FactSink facts;
    private final Doubts doubts;
    private long beforeNanos;
    private OptionalLong serverBefore = OptionalLong.empty();
    private OptionalLong toolBefore = OptionalLong.empty();
    private OptionalLong migrationBefore = OptionalLong.empty();
    private int migrationPidBefore;
    private OptionalLong serverAtBaseline = OptionalLong.empty();
    private OptionalLong toolAtBaseline = OptionalLong.empty();
    private LinuxProcesses.@Nullable MachineTicks machineAtBaseline;
    private @Nullable Double baselineShare;
    private final IoSeries io;

    MachineProbe(LinuxProcesses processes, Parties parties, RehearsalClock clock, FactSink facts, Doubts doubts) {
        this.processes = processes;
        this.parties = parties;
        this.clock = clock;
        this.facts = facts;
        this.doubts = doubts;
        this.io = new IoSeries(processes, facts);
    }

    @Override
    public String name() {
        return "machine";
    }

    @Override
    public Duration period() {
        return Duration.ofSeconds(1);
    }

    @Override
    public void prepare() {
        if (!processes.seesServer()) {
            doubts.raise(
                    "cpu-not-measured",
                    "The CPU of server and migration is not known: the server's processes are not visible on this"
                            + " machine.");
        }
        if (processes.serverIo().isEmpty()) {
            doubts.raise(
                    "io-not-measured",
                    "What the server and the migration's backend read from the disk and wrote to it is not known: /proc/PID/io"
                            + " of the server's processes cannot be read. The tool must see them, and run as the same account"
                            + " or as root.");
        }
        beforeNanos = clock.nanos();
        serverBefore = processes.serverNanos();
        toolBefore = processes.tool();
    }

    @Override
    public synchronized void sample() {
        long now = clock.nanos();
        double elapsed = now - beforeNanos;
        if (elapsed < SHORTEST_NANOS) {
            return;
        }
        LinuxProcesses.Server server = processes.server();
        serverBefore = used("cpuServer", now, elapsed, serverBefore, server.nanos());
        toolBefore = used("cpuTool", now, elapsed, toolBefore, processes.tool());
        int migrationPid = parties.migrationPid();
        OptionalLong migration = migrationPid == 0 ? OptionalLong.empty() : processes.backendNanos(migrationPid);
        OptionalLong migrationStart = migrationPid == migrationPidBefore ? migrationBefore : OptionalLong.empty();
        migrationBefore = used("cpuMigration", now, elapsed, migrationStart, migration);
        migrationPidBefore = migrationPid;
        io.sample(now, server.io(), migrationPid);
        beforeNanos = now;
    }

    /** The accounts as they are when a phase begins, or the load has ended. Any thread. */
    void read(String moment) {
        LinuxProcesses.MachineTicks ticks = processes.machine();
        LinuxProcesses.Server whole = processes.server();
        Optional<LinuxProcesses.Io> server = whole.io();
        Optional<LinuxProcesses.Io> tool = processes.toolIo();
        facts.add(new Fact.MachineRead(
                moment,
                clock.nanos(),
                new MachineTotals(
                        orNull(whole.nanos()),
                        orNull(processes.tool()),
                        ticks.busy(),
                        ticks.ioWait(),
                        ticks.total(),
                        server.map(LinuxProcesses.Io::readBytes).orElse(null),
                        server.map(LinuxProcesses.Io::writtenBytes).orElse(null),
                        tool.map(LinuxProcesses.Io::readBytes).orElse(null),
                        tool.map(LinuxProcesses.Io::writtenBytes).orElse(null),
                        orNull(LinuxProcesses.pressureMicros("cpu")),
                        orNull(LinuxProcesses.pressureMicros("io")))));
    }

    private static @Nullable Long orNull(OptionalLong figure) {
        return figure.isPresent() ? (Long) figure.getAsLong() : null;
    }

    @Override
    public void finish() {
        sample();
    }

    /** The baseline begins. Any thread. */
    void baselineBegan() {
        baselineBegan(processes.machine());
    }

    synchronized void baselineBegan(LinuxProcesses.MachineTicks start) {
        serverAtBaseline = processes.serverNanos();
        toolAtBaseline = processes.tool();
        machineAtBaseline = start;
    }

    /** The baseline has ended. Any thread. */
    void baselineEnded() {
        baselineEnded(processes.machine());
    }

    synchronized void baselineEnded(LinuxProcesses.MachineTicks end) {
        LinuxProcesses.MachineTicks start = machineAtBaseline;
        if (start == null || end.total() <= start.total()) {
            return;
        }
        double share = (double) (end.busy() - start.busy()) / (end.total() - start.total());
        baselineShare = share;
        if (share > BUSY_SHARE) {
            doubts.raise(
                    "baseline-cpu",
                    String.format(
                            Locale.ROOT,
                            "The machine's CPU was %.0f %% busy in the baseline already: the migration's effect cannot be"
                                    + " told from want of CPU. Lower the rate, or rehearse on a larger machine.",
                            share * 100));
        }
    }

    /** The figures since the baseline, with others' beside them. */
    synchronized Recording.Costs costs(
            @Nullable Double migrationCpuMs,
            @Nullable Long walBytes,
            @Nullable Integer maxConnections,
            int connectionsPeak) {
        return new Recording.Costs(
                millis(serverAtBaseline, processes.serverNanos(), serverBefore),
                migrationCpuMs,
                millis(toolAtBaseline, processes.tool(), toolBefore),
                baselineShare,
                walBytes,
                maxConnections,
                connectionsPeak);
    }

    /** When the server is gone by now, its last known figure stands. */
    private static @Nullable Double millis(OptionalLong start, OptionalLong end, OptionalLong lastKnown) {
        OptionalLong last = end.isPresent() ? end : lastKnown;
        return start.isPresent() && last.isPresent() ? (Double) ((last.getAsLong() - start.getAsLong()) / 1e6) : null;
    }

    /**
     * Writes what was used since {@code before} and gives what the next point starts from. A sum that fell back, since
     * each process's figure is cut to 10 ms, is written as 0, and the next point starts from the higher one: nothing is counted twice.
     */
    private OptionalLong used(String series, long atNanos, double elapsed, OptionalLong before, OptionalLong now) {
        if (now.isEmpty()) {
            return before;
        }
        if (before.isEmpty()) {
            return now;
        }
        long nanos = now.getAsLong() - before.getAsLong();
        facts.add(new Fact.Sampled(series, atNanos, Math.max(0, nanos) / elapsed));
        return nanos < 0 ? before : now;
    }
}
