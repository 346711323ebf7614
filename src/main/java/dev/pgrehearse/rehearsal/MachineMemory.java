package dev.pgrehearse.rehearsal;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the machine's kernel says of its memory. */
interface MachineMemory {
    /** As the kernel has it: memory that nobody uses for anything, caches included. 0 when nobody knows. */
    long freeBytes();

    /** What the kernel itself keeps free: below that it takes pages back from those that use them. */
    long keptFreeBytes();

    /** Whether memory may be a host's, that gives it at its first use; not where a control group limits ours. */
    boolean mayComeFromAHost();

    MachineMemory OF_LINUX = new OfLinux(Path.of("/proc"));

    /** The files of {@code proc(5)}; without them there is nothing free. */
    record OfLinux(Path proc) implements MachineMemory {
        private static final Pattern FREE = Pattern.compile("MemFree:\\s+(\\d+) kB");
        private static final Pattern TOTAL = Pattern.compile("MemTotal:\\s+(\\d+) kB");

        /** Of a zone, in pages. */
        private static final Pattern HIGH = Pattern.compile("\\s+high\\s+(\\d+)");

        private static final long PAGE_BYTES = 4096;

        @Override
        public long freeBytes() {
            return sum("meminfo", FREE) * 1024;
        }

        long totalBytes() {
            return sum("meminfo", TOTAL) * 1024;
        }

        @Override
        public long keptFreeBytes() {
            return sum("zoneinfo", HIGH) * PAGE_BYTES;
        }

        @Override
        public boolean mayComeFromAHost() {
            return isVirtual() && !isLimited();
        }

        /** On x86 a hypervisor shows itself as a flag of the processor; others say nothing, and are taken for virtual ones. */
        private boolean isVirtual() {
            List<String> lines = lines("cpuinfo");
            return !lines.isEmpty()
                    && lines.stream()
                            .filter(line -> line.startsWith("flags"))
                            .findFirst()
                            .map(line -> line.contains(" hypervisor"))
                            .orElse(true);
        }

        /** The Java machine knows of control groups, and takes their limit for the machine's memory. */
        private boolean isLimited() {
            return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
                            .getTotalMemorySize()
                    < totalBytes();
        }

        private long sum(String file, Pattern pattern) {
            return lines(file).stream()
                    .flatMap(line -> Stream.of(pattern.matcher(line)).filter(Matcher::matches))
                    .mapToLong(matcher -> Long.parseLong(matcher.group(1)))
                    .sum();
        }

        private List<String> lines(String file) {
            try {
                return Files.readAllLines(proc.resolve(file));
            } catch (IOException notLinux) {
                return List.of();
            }
        }
    }
}
