package dev.pgrehearse.observe;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * CPU, disk and memory that processes used, from {@code /proc}. Thread-safe.
 *
 * <p>Source: Linux, {@code Documentation/filesystems/proc.rst}, {@code Documentation/accounting/psi.rst},
 * {@code proc_pid_stat(5)} and {@code proc_pid_io(5)}.
 */
final class LinuxProcesses {
    private static final Path PROC = Path.of("/proc");
    /** {@code USER_HZ}, which is 100 on every architecture that PostgreSQL's binaries exist for. */
    private static final long NANOS_PER_TICK = 10_000_000;

    private static final int USER_TICKS = 11;
    private static final int CHILDREN_SYSTEM_TICKS = 14;
    private static final int IDLE = 4;
    private static final int IO_WAIT = 5;
    private static final int STEAL = 8;

    private final OptionalLong postmaster;
    private final Map<Integer, Long> machinePids = new ConcurrentHashMap<>();

    /** The whole machine's CPU since it started, in ticks of all its processors; {@code ioWait} is idle time. */
    record MachineTicks(long busy, long ioWait, long total) {}

    /**
     * What a process moved between the page cache and the disk.
     *
     * @param readBytes fetched from the disk
     * @param writtenBytes dirtied in the page cache, to be written to the disk sooner or later, unless it is removed first
     */
    record Io(long readBytes, long writtenBytes) {
        private Io plus(Io other) {
            return new Io(readBytes + other.readBytes, writtenBytes + other.writtenBytes);
        }
    }

    LinuxProcesses(OptionalLong postmaster) {
        this.postmaster = postmaster;
    }

    boolean seesServer() {
        return postmaster.isPresent() && Files.isReadable(stat(postmaster.getAsLong()));
    }

    /**
     * What the server used since it started: the postmaster, its processes that live, and those that ended, whose CPU
     * the kernel adds to the postmaster's account of its children when it reaps them. Each figure is cut to 10 ms, so the
     * sum may fall back by as much when a process ends.
     */
    OptionalLong serverNanos() {
        return postmaster.isEmpty()
                ? OptionalLong.empty()
                : nanosWith(postmaster.getAsLong(), children(postmaster.getAsLong()));
    }

    private static OptionalLong nanosWith(long pid, List<Long> children) {
        OptionalLong own = nanos(pid, CHILDREN_SYSTEM_TICKS);
        if (own.isEmpty()) {
            return own;
        }
        long sum = own.getAsLong();
        for (long child : children) {
            sum += nanos(child, CHILDREN_SYSTEM_TICKS).orElse(0);
        }
        return OptionalLong.of(sum);
    }

    /**
     * What the server used and moved since it started, its processes being looked for once.
     *
     * @param nanos as {@link #serverNanos}
     * @param io as {@link #serverIo}
     */
    record Server(OptionalLong nanos, Optional<Io> io) {}

    /** CPU and disk traffic of the server together. */
    Server server() {
        if (postmaster.isEmpty()) {
            return new Server(OptionalLong.empty(), Optional.empty());
        }
        long pid = postmaster.getAsLong();
        List<Long> children = children(pid);
        return new Server(nanosWith(pid, children), ioWith(pid, children));
    }

    /** What one backend used since it started, by the pid that the server knows. */
    OptionalLong backendNanos(int backendPid) {
        long pid = machinePid(backendPid);
        if (pid == 0) {
            return OptionalLong.empty();
        }
        try {
            // Nanoseconds on a processor; not every kernel is built with it.
            String schedule = Files.readString(PROC.resolve(Long.toString(pid)).resolve("schedstat"));
            return OptionalLong.of(Long.parseLong(schedule.substring(0, schedule.indexOf(' '))));
        } catch (IOException | RuntimeException e) {
            return nanos(pid, USER_TICKS + 1);
        }
    }

    OptionalLong tool() {
        return nanos(ProcessHandle.current().pid(), USER_TICKS + 1);
    }

    /** The machine's ticks; zeros when it does not tell. */
    MachineTicks machine() {
        try {
            String first;
            try (var lines = Files.lines(PROC.resolve("stat"))) {
                first = lines.findFirst().orElse("");
            }
            String[] fields = first.split(" +", -1);
            long total = 0;
            // user nice system idle iowait irq softirq steal; guest time is within user's already.
            for (int i = 1; i <= STEAL; i++) {
                total += Long.parseLong(fields[i]);
            }
            long idle = Long.parseLong(fields[IDLE]) + Long.parseLong(fields[IO_WAIT]);
            return new MachineTicks(total - idle, Long.parseLong(fields[IO_WAIT]), total);
        } catch (IOException | RuntimeException e) {
            return new MachineTicks(0, 0, 0);
        }
    }

    /**
     * What the server moved since it started: like CPU, the kernel adds that of processes that ended to the account of the
     * parent that reaps them.
     */
    Optional<Io> serverIo() {
        return postmaster.isEmpty()
                ? Optional.empty()
                : ioWith(postmaster.getAsLong(), children(postmaster.getAsLong()));
    }

    private static Optional<Io> ioWith(long pid, List<Long> children) {
        Optional<Io> sum = io(pid);
        for (long child : children) {
            Optional<Io> its = io(child);
            // All are of one account, so only one that ended since the list was made cannot be read; it is with its
            // parent by the next look.
            if (its.isPresent() && sum.isPresent()) {
                sum = Optional.of(sum.get().plus(its.get()));
            }
        }
        return sum;
    }

    /** What one backend moved since it started, by the pid that the server knows. */
    Optional<Io> backendIo(int backendPid) {
        long pid = machinePid(backendPid);
        return pid == 0 ? Optional.empty() : io(pid);
    }

    Optional<Io> toolIo() {
        return io(ProcessHandle.current().pid());
    }

    /**
     * The private memory of one backend now, by the pid that the server knows: {@code RssAnon}, so that neither shared buffers
     * nor the program itself count, which {@code VmHWM} holds.
     */
    OptionalLong backendMemoryBytes(int backendPid) {
        long pid = machinePid(backendPid);
        if (pid == 0) {
            return OptionalLong.empty();
        }
        String value = field(lines(PROC.resolve(Long.toString(pid)).resolve("status")), "RssAnon:");
        return value.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(Long.parseLong(value.substring(0, value.indexOf(' '))) * 1024);
    }

    /** How long some task on the machine had to wait for {@code cpu} or {@code io}, in microseconds since it started. */
    static OptionalLong pressureMicros(String resource) {
        String some = field(lines(PROC.resolve("pressure").resolve(resource)), "some ");
        int total = some.indexOf("total=");
        return total < 0
                ? OptionalLong.empty()
                : OptionalLong.of(Long.parseLong(some.substring(total + "total=".length())));
    }

    /** What is free on the disk of the server's data directory, which is its working directory. */
    OptionalLong freeDiskBytes() {
        if (postmaster.isEmpty()) {
            return OptionalLong.empty();
        }
        // Not a FileStore, which looks the directory up by its name: in a container that is another one's.
        File directory = PROC.resolve(Long.toString(postmaster.getAsLong()))
                .resolve("cwd")
                .toFile();
        return directory.getTotalSpace() == 0 ? OptionalLong.empty() : OptionalLong.of(directory.getUsableSpace());
    }

    private static Optional<Io> io(long pid) {
        List<String> lines = lines(PROC.resolve(Long.toString(pid)).resolve("io"));
        String read = field(lines, "read_bytes:");
        String written = field(lines, "write_bytes:");
        return read.isEmpty() || written.isEmpty()
                ? Optional.empty()
                : Optional.of(new Io(Long.parseLong(read), Long.parseLong(written)));
    }

    /** What stands behind a name at the beginning of a line; empty when no line has it. */
    private static String field(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name))
                .findFirst()
                .map(line -> line.substring(name.length()).strip())
                .orElse("");
    }

    /** None when it cannot be read. */
    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException | RuntimeException e) {
            return List.of();
        }
    }

    /** The backend's pid on our machine: another one when the server runs in a container. 0 when there is none. */
    private long machinePid(int backendPid) {
        if (postmaster.isEmpty()) {
            return 0;
        }
        Long known = machinePids.get(backendPid);
        // A number that was given to another process since is no child of the server.
        if (known != null && isChild(known, postmaster.getAsLong())) {
            return known;
        }
        for (long child : children(postmaster.getAsLong())) {
            if (innermostPid(child) == backendPid) {
                machinePids.put(backendPid, child);
                return child;
            }
        }
        return 0;
    }

    private static boolean isChild(long pid, long parent) {
        return ProcessHandle.of(pid)
                .flatMap(ProcessHandle::parent)
                .filter(its -> its.pid() == parent)
                .isPresent();
    }

    /** The pid in the innermost of the namespaces that a process is in. */
    private static long innermostPid(long pid) {
        try {
            for (String line :
                    Files.readAllLines(PROC.resolve(Long.toString(pid)).resolve("status"))) {
                if (line.startsWith("NSpid:")) {
                    return Long.parseLong(
                            line.substring(line.lastIndexOf('\t') + 1).strip());
                }
            }
            return pid;
        } catch (IOException | RuntimeException e) {
            return 0;
        }
    }

    /**
     * Its children now. The kernel's own list of them costs less than asking every process of the machine for its parent, but
     * leaves some out while one of them ends (Linux, {@code proc_pid_task_children(5)}): only what it says twice counts.
     */
    private static List<Long> children(long pid) {
        List<Long> listed = listed(pid);
        return !listed.isEmpty() && listed.equals(listed(pid)) ? listed : asked(pid);
    }

    /** Of the thread that has the process's own number, the only one that a postmaster has; none where there is no such list. */
    static List<Long> listed(long pid) {
        String number = Long.toString(pid);
        try {
            String children = Files.readString(
                    PROC.resolve(number).resolve("task").resolve(number).resolve("children"));
            return children.isBlank()
                    ? List.of()
                    : Stream.of(children.strip().split(" ")).map(Long::valueOf).toList();
        } catch (IOException | RuntimeException e) {
            return List.of();
        }
    }

    /** By every process's own word of its parent. */
    static List<Long> asked(long pid) {
        return ProcessHandle.of(pid).stream()
                .flatMap(ProcessHandle::children)
                .map(ProcessHandle::pid)
                .toList();
    }

    /** The sum of the tick fields from user time to {@code lastField}, counted after the command's closing bracket. */
    private static OptionalLong nanos(long pid, int lastField) {
        try {
            String text = Files.readString(stat(pid));
            String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
            long ticks = 0;
            for (int i = USER_TICKS; i <= lastField; i++) {
                ticks += Long.parseLong(fields[i]);
            }
            return OptionalLong.of(ticks * NANOS_PER_TICK);
        } catch (IOException | RuntimeException e) {
            return OptionalLong.empty();
        }
    }

    private static Path stat(long pid) {
        return PROC.resolve(Long.toString(pid)).resolve("stat");
    }
}
