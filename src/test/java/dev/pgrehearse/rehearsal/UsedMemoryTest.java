package dev.pgrehearse.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.recording.Recording.Doubt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is in the page cache is asked of the kernel (mincore); what is free is that of a machine on which nobody else works. */
class UsedMemoryTest {
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;
    private static final long LARGE = UsedMemory.SMALL_BYTES;

    /** The kernel reads ahead of large pieces, twice its window at most: 8 MiB here, and more for arrays of disks. */
    private static final long READ_AHEAD = 64 * MIB;

    /** The kernel may take back what others want more. */
    private static final long TAKEN_BACK = 64 * MIB;

    private record Machine(LongSupplier free, long keptFreeBytes, boolean mayComeFromAHost) implements MachineMemory {
        @Override
        public long freeBytes() {
            return free.getAsLong();
        }
    }

    private Path folder;

    @BeforeEach
    void make() throws IOException {
        // Not in /tmp, which may be a file system that keeps no pages of holes.
        folder = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "memory-");
        assumeThat(Files.getFileStore(folder).type()).isIn("ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "overlay");
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
        Files.delete(folder);
    }

    private UsedMemory on(long freeBytes, long keptFreeBytes) {
        return new UsedMemory(new Machine(() -> freeBytes - resident(), keptFreeBytes, true), Duration.ofMinutes(10));
    }

    private Optional<Doubt> use(UsedMemory memory, long dataBytes) throws InterruptedException {
        return memory.use(dataBytes, folder, Progress.SILENT);
    }

    /** Of the files of holes, which have no name any more, by pieces of a mebibyte. */
    private long resident() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(this::isOurs)
                    .mapToLong(UsedMemoryTest::residentOf)
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isOurs(Path open) {
        try {
            return Files.readSymbolicLink(open).toString().startsWith(folder.toAbsolutePath() + "/");
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    private static long residentOf(Path file) {
        long resident = 0;
        try (FileChannel channel = FileChannel.open(file)) {
            for (long at = 0; at < channel.size(); at += GIB) {
                int length = (int) Math.min(GIB, channel.size() - at);
                MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, at, length);
                for (int piece = 0; piece + MIB <= length; piece += (int) MIB) {
                    resident += mapped.slice(piece, (int) MIB).isLoaded() ? MIB : 0;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return resident;
    }

    @Test
    void whatIsFreeIsInThePageCacheAfterwards() throws Exception {
        // In large pieces down to 2 GiB, and in pages to half as much again as the kernel keeps.
        long free = 2 * GIB + 256 * MIB;
        long left = 2 * GIB - 128 * MIB;
        assertThat(use(on(free, left / 3 * 2), LARGE)).isEmpty();
        assertThat(resident()).isBetween(free - left - TAKEN_BACK, free - left + READ_AHEAD);
    }

    @Test
    void notLessIsLeftThanHalfAGibibyte() throws Exception {
        assertThat(use(on(640 * MIB, 0), LARGE)).isEmpty();
        assertThat(resident()).isBetween(128 * MIB - TAKEN_BACK, 128 * MIB + READ_AHEAD);
        assertThat(use(on(512 * MIB + resident(), 0), LARGE)).isEmpty();
        assertThat(resident()).isLessThanOrEqualTo(128 * MIB + READ_AHEAD);
    }

    @Test
    void smallDataWantNoneUntilThereWereLargeOnes() throws Exception {
        UsedMemory memory = on(GIB, 0);
        assertThat(use(memory, LARGE - 1)).isEmpty();
        assertThat(resident()).isZero();
        assertThat(use(memory, LARGE)).isEmpty();
        long used = resident();
        assertThat(used).isGreaterThanOrEqualTo(512 * MIB - TAKEN_BACK);
        UsedMemory other = new UsedMemory(new Machine(() -> GIB + used - resident(), 0, true), Duration.ofMinutes(10));
        assertThat(use(other, LARGE)).isEmpty();
        long again = resident();
        assertThat(again).isGreaterThan(used);
        assertThat(use(other, 0)).isEmpty();
        assertThat(resident()).as("nothing more is free").isLessThanOrEqualTo(again + HoleReading.STRETCH_BYTES);
    }

    @Test
    void smallDataAreMeasuredAsTheLargeOnesThatAreExpected() throws Exception {
        UsedMemory memory = on(640 * MIB, 0);
        memory.expect(LARGE - 1);
        assertThat(use(memory, 0)).isEmpty();
        assertThat(resident()).isZero();
        memory.expect(LARGE);
        assertThat(use(memory, 0)).isEmpty();
        assertThat(resident()).isGreaterThanOrEqualTo(128 * MIB - TAKEN_BACK);
    }

    /** What was read at the most is seen when what is free is asked for, which is before and after each piece. */
    private long mostTaken(long freeBytes, long keptFreeBytes, boolean mayComeFromAHost) throws InterruptedException {
        AtomicLong most = new AtomicLong();
        LongSupplier free = () -> freeBytes - most.accumulateAndGet(resident(), Math::max);
        UsedMemory memory = new UsedMemory(new Machine(free, keptFreeBytes, mayComeFromAHost), Duration.ofMinutes(10));
        assertThat(memory.takeAndGiveBack(folder)).isEmpty();
        assertThat(resident()).as("given back").isZero();
        return most.get();
    }

    @Test
    void whatIsLeftIsTakenAndGivenBack() throws Exception {
        assertThat(mostTaken(900 * MIB, 200 * MIB, true))
                .as("half a gibibyte at most")
                .isBetween(512 * MIB - TAKEN_BACK, 512 * MIB + READ_AHEAD);
        assertThat(mostTaken(320 * MIB, 192 * MIB, true))
                .as("not what the kernel keeps free")
                .isBetween(128 * MIB - TAKEN_BACK, 128 * MIB + READ_AHEAD);
        assertThat(mostTaken(320 * MIB, 320 * MIB - HoleReading.STRETCH_BYTES + 1, true))
                .as("less than a piece")
                .isZero();
        assertThat(mostTaken(900 * MIB, 200 * MIB, false))
                .as("memory of its own")
                .isZero();
    }

    @Test
    void aMachineWithMemoryOfItsOwnIsLeftAlone() throws Exception {
        assertThat(use(new UsedMemory(new Machine(() -> 3 * GIB, 0, false), Duration.ofMinutes(10)), LARGE))
                .isEmpty();
        assertThat(resident()).isZero();
    }

    /** Each page that is read takes the place of another. */
    @Test
    void itEndsWhereNothingLessIsFree() throws Exception {
        assertThat(use(new UsedMemory(new Machine(() -> 3 * GIB, 0, true), Duration.ofMinutes(10)), LARGE))
                .isEmpty();
        long read = 2 * HoleReading.VAIN * HoleReading.STRETCH_BYTES;
        assertThat(resident()).isBetween(read - TAKEN_BACK, read + READ_AHEAD);
    }

    @Test
    void whenTheTimeIsOverEnoughIsReadToTellHowSlowItIs() throws Exception {
        Optional<Doubt> doubt =
                use(new UsedMemory(new Machine(() -> 8 * GIB - resident(), 0, true), Duration.ZERO), LARGE);
        assertThat(resident()).isBetween(512 * MIB - TAKEN_BACK, 512 * MIB + READ_AHEAD);
        // As fast as this machine gives its memory.
        doubt.ifPresent(slow -> assertThat(slow.text()).contains("were still free", "s for each GB"));
    }

    @Test
    void whatIsLeftIsDoubtedWhereItsFirstUseIsSlow() {
        assertThat(UsedMemory.unused(3 * GIB, GIB, 1.99)).isEmpty();
        assertThat(UsedMemory.unused(GIB, GIB, 4)).isEmpty();
        assertThat(UsedMemory.unused(3 * GIB, GIB, 2 * 1.073741824)
                        .orElseThrow()
                        .text())
                .contains("3.2 GB of this machine's memory were still free after 60 s", "about 2.0 s for each GB");
    }

    @Test
    void whereNoFileCanBeMadeThatIsSaid() throws Exception {
        Optional<Doubt> doubt = on(GIB, 0).use(LARGE, folder.resolve("none"), Progress.SILENT);
        assertThat(doubt.orElseThrow().text()).contains("could not be used beforehand", "NoSuchFileException");
    }

    @Test
    void whoStopsItIsHeard() {
        UsedMemory memory = new UsedMemory(new Machine(() -> 3 * GIB, 0, true), Duration.ofMinutes(10));
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> use(memory, LARGE)).isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void theKernelsFilesAreRead() throws Exception {
        long totalKb = new MachineMemory.OfLinux(Path.of("/proc")).totalBytes() / 1024;
        Path proc = Files.createDirectory(folder.resolve("proc"));
        MachineMemory machine = new MachineMemory.OfLinux(proc);
        assertThat(machine.freeBytes()).isZero();
        assertThat(machine.mayComeFromAHost()).isFalse();
        List<String> meminfo =
                List.of("MemTotal:       " + totalKb + " kB", "MemFree:          300 kB", "Cached: 5 kB");
        Files.write(proc.resolve("meminfo"), meminfo);
        Files.write(
                proc.resolve("zoneinfo"),
                List.of("        high     16", "              high:     240", "        high     7"));
        assertThat(machine.freeBytes()).isEqualTo(300 * 1024);
        assertThat(machine.keptFreeBytes()).isEqualTo((16 + 7) * 4096);
        Files.writeString(proc.resolve("cpuinfo"), "processor\t: 0\nflags\t\t: fpu vme hypervisor lahf_lm\n");
        assertThat(machine.mayComeFromAHost()).isTrue();
        Files.writeString(proc.resolve("cpuinfo"), "processor\t: 0\nflags\t\t: fpu vme lahf_lm\n");
        assertThat(machine.mayComeFromAHost()).isFalse();
        Files.writeString(proc.resolve("cpuinfo"), "processor\t: 0\nFeatures\t: fp asimd\n");
        assertThat(machine.mayComeFromAHost()).isTrue();
        // What the Java machine may have is less than there is: a control group's limit.
        Files.write(proc.resolve("meminfo"), List.of("MemTotal: " + (totalKb + 4) + " kB", "MemFree: 300 kB"));
        assertThat(machine.mayComeFromAHost()).isFalse();
        for (String file : List.of("meminfo", "zoneinfo", "cpuinfo")) {
            Files.delete(proc.resolve(file));
        }
        Files.delete(proc);
    }
}
