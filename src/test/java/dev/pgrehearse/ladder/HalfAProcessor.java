package dev.pgrehearse.ladder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A control group that has half of one processor, in periods of 100 ms as container engines give it. Whatever processes in
 * it start is in it, too.
 */
final class HalfAProcessor implements AutoCloseable {
    private static final Path VERSION_1 = Path.of("/sys/fs/cgroup/cpu");
    private static final Path VERSION_2 = Path.of("/sys/fs/cgroup");

    private final Path group;

    private HalfAProcessor(Path group) {
        this.group = group;
    }

    /** Makes one; empty where that is not allowed. */
    static Optional<HalfAProcessor> make() {
        String name = "pgrehearse-half-" + ProcessHandle.current().pid();
        boolean first = Files.exists(VERSION_1.resolve("cpu.cfs_quota_us"));
        Path group = (first ? VERSION_1 : VERSION_2).resolve(name);
        try {
            Files.createDirectory(group);
            if (first) {
                Files.writeString(group.resolve("cpu.cfs_period_us"), "100000");
                Files.writeString(group.resolve("cpu.cfs_quota_us"), "50000");
            } else {
                Files.writeString(group.resolve("cpu.max"), "50000 100000");
            }
            return Optional.of(new HalfAProcessor(group));
        } catch (IOException forbidden) {
            group.toFile().delete();
            return Optional.empty();
        }
    }

    /** The processes that this one has started. */
    static Set<Long> children() {
        return ProcessHandle.current().children().map(ProcessHandle::pid).collect(Collectors.toSet());
    }

    /** Puts processes in it that were not there before. */
    void take(Set<Long> before) throws IOException {
        for (long pid : children()) {
            if (!before.contains(pid)) {
                Files.writeString(group.resolve("cgroup.procs"), Long.toString(pid));
            }
        }
    }

    /** Which processes are in it. */
    String members() throws IOException {
        return Files.readString(group.resolve("cgroup.procs"));
    }

    /** Removes it; its processes must have ended. */
    @Override
    public void close() throws IOException {
        Files.delete(group);
    }
}
