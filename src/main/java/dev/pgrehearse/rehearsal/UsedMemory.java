package dev.pgrehearse.rehearsal;

import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import dev.pgrehearse.recording.Recording.Doubt;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Memory that a virtual machine has free, used once before a rehearsal and kept in use as long as the tool runs.
 *
 * <p>The host of a virtual machine may give it a page only when it is first written, and may take it back when it has been free for a
 * while (free page reporting, {@code mm/page_reporting.c} of Linux). Whoever then uses the page first pays for it, and that is the
 * migration, whose files, sorts and buffers want new memory: an index of 50 million rows took 48.3 s where 6.5 GB were free, 14.6 s of
 * them in the kernel, and 39.2 s, 5.7 s of them there, where the page cache had filled memory. On a server that has run for long it has,
 * and pages change hands without the host. So it is filled here too, with files of holes, which take no room on the disk.
 *
 * <p>Only what is free is used, and nobody's pages are taken. It is done before the data are copied, so that the kernel, when it
 * wants pages, finds the holes before it finds the copy. The files have no name: nothing is left, however the tool ends.
 *
 * <p>The machine's memory is one, whoever rehearses, so there is one of this class, too. Thread-safe.
 */
final class UsedMemory {
    /** Set to {@value #LEFT_ALONE}, memory is left as it is. */
    static final String SWITCH = "PGREHEARSE_MEMORY";

    private static final String LEFT_ALONE = "leave";

    /** Data below this want little memory. Once larger ones are expected, all that follow are measured with used memory, too. */
    static final long SMALL_BYTES = 256L << 20;

    /** Not less is left free, nor less than half as much again as the kernel itself keeps free. */
    private static final long LEFT_BYTES = 512L << 20;

    /** Taken and given back at most: small builds want no more, and of what large ones take it is little. */
    private static final long ONCE_MORE_BYTES = 512L << 20;

    /** Read in large pieces to here: the kernel has no large pieces left beyond, and takes back what was read. */
    private static final long LARGE_PIECES_BYTES = 2L << 30;

    private static final Duration LONGEST = Duration.ofSeconds(60);

    /** File systems whose page cache holds a page of zeros for a hole that was read. */
    private static final Set<String> CACHING = Set.of("ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "overlay");

    private static final String TASK = "using this machine's free memory once";
    private static final UsedMemory OF_THIS_MACHINE = new UsedMemory(MachineMemory.OF_LINUX, LONGEST);

    private final MachineMemory machine;
    private final Duration longest;
    private final List<FileChannel> files = new ArrayList<>();
    private boolean wanted;

    UsedMemory(MachineMemory machine, Duration longest) {
        this.machine = machine;
        this.longest = longest;
    }

    static UsedMemory ofThisMachine() {
        return OF_THIS_MACHINE;
    }

    /** Data of that size will be measured, or a figure is to hold for them: what is measured for that is measured alike. */
    synchronized void expect(long dataBytes) {
        wanted |= dataBytes >= SMALL_BYTES;
    }

    /**
     * Uses what is free, where it may matter: for data that are not small, on a virtual machine or one that does not say what it
     * is, without a limit of a control group. Takes a minute at most.
     *
     * @param dataBytes what will be rehearsed on, as it is on the disk
     * @param folder of this run, on the disk
     * @return what is left to doubt; empty when all was used, or did not have to be
     * @throws InterruptedException when somebody stopped it
     */
    synchronized Optional<Doubt> use(long dataBytes, Path folder, Progress progress) throws InterruptedException {
        expect(dataBytes);
        long left = Math.max(LEFT_BYTES, machine.keptFreeBytes() * 3 / 2);
        if (!wanted || !machine.mayComeFromAHost() || machine.freeBytes() <= left || isLeftAlone()) {
            return Optional.empty();
        }
        progress.report(ProgressEvent.started(TASK, 0, null));
        try {
            return on(folder, () -> fill(folder, left));
        } finally {
            progress.report(ProgressEvent.finished(TASK));
        }
    }

    /**
     * Takes what is free still, or half a gibibyte of it, and gives it back at once, where memory may come from a host: whoever wants
     * memory next gets just that, and the kernel as a rule tells the host of it no sooner than after two seconds. For right before something is
     * measured that is small or alone: with an index of a million rows over its column alone 13 runs took 498 ms in the median, and
     * 584 ms without, in turns.
     *
     * @param folder of this run, on the disk
     * @return why it could not be done, where larger data are expected; that time ran out {@link #use} has told
     * @throws InterruptedException when somebody stopped it
     */
    synchronized Optional<Doubt> takeAndGiveBack(Path folder) throws InterruptedException {
        long left = machine.keptFreeBytes();
        long bytes = Math.min(ONCE_MORE_BYTES, machine.freeBytes() - left);
        if (!machine.mayComeFromAHost() || bytes < HoleReading.STRETCH_BYTES || isLeftAlone()) {
            return Optional.empty();
        }
        return on(folder, () -> {
                    try (FileChannel holes = holes(folder, bytes)) {
                        new HoleReading(holes, bytes, machine, System.nanoTime() + longest.toNanos()).downwards(left);
                    }
                    return Optional.<Doubt>empty();
                })
                .filter(doubt -> wanted);
    }

    private interface Use {
        Optional<Doubt> done() throws IOException;
    }

    private static Optional<Doubt> on(Path folder, Use use) throws InterruptedException {
        try {
            String type = Files.getFileStore(folder).type();
            return CACHING.contains(type)
                    ? use.done()
                    : Optional.of(notUsed("the file system " + type + " keeps no pages of holes"));
        } catch (ClosedByInterruptException stopped) {
            // The flag that it leaves would keep whoever cleans up from writing.
            Thread.interrupted();
            throw new InterruptedException(TASK);
        } catch (IOException failure) {
            return Optional.of(notUsed(failure.toString()));
        }
    }

    private static boolean isLeftAlone() {
        return LEFT_ALONE.equals(System.getenv(SWITCH));
    }

    private Optional<Doubt> fill(Path folder, long left) throws IOException {
        long bytes = machine.freeBytes();
        FileChannel holes = holes(folder, bytes);
        files.add(holes);
        HoleReading reading = new HoleReading(holes, bytes, machine, System.nanoTime() + longest.toNanos());
        reading.upwards(Math.max(left, LARGE_PIECES_BYTES));
        reading.downwards(left);
        return reading.isOutOfTime()
                ? unused(machine.freeBytes(), left, reading.secondsForAGibibyte())
                : Optional.empty();
    }

    /** Of that length: who reads one gets a page of zeros in the page cache and asks no disk. Gone when it is closed. */
    private static FileChannel holes(Path folder, long bytes) throws IOException {
        FileChannel holes = FileChannel.open(
                folder.resolve(UUID.randomUUID() + ".holes"),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE);
        try {
            holes.write(ByteBuffer.allocate(1), bytes);
        } catch (IOException | RuntimeException failure) {
            holes.close();
            throw failure;
        }
        return holes;
    }

    private static Doubt notUsed(String why) {
        return new Doubt(
                Doubt.MEMORY_FIRST_USE,
                "This machine's free memory could not be used beforehand: " + why
                        + ". If it is a virtual one, the migration may have paid for the first use.");
    }

    /**
     * What there is to doubt when the time was over; empty where enough was used, or where memory costs no more at its first use.
     *
     * @param secondsForAGibibyte in single pages
     */
    static Optional<Doubt> unused(long freeBytes, long leftBytes, double secondsForAGibibyte) {
        if (freeBytes <= leftBytes || secondsForAGibibyte < HoleReading.FROM_A_HOST_SECONDS) {
            return Optional.empty();
        }
        return Optional.of(new Doubt(
                Doubt.MEMORY_FIRST_USE,
                String.format(
                        Locale.ROOT,
                        "%.1f GB of this machine's memory were still free after %d s of using it: their first use takes"
                                + " about %.1f s for each GB, which a server whose page cache fills its memory does not pay.",
                        freeBytes / 1e9,
                        LONGEST.toSeconds(),
                        secondsForAGibibyte * 1e9 / (1L << 30))));
    }
}
