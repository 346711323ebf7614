package dev.pgrehearse.rehearsal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** One pass over a file of holes, from both of its ends, for as long as free memory becomes less by it. Used by one thread. */
final class HoleReading {
    /** For a gibibyte in single pages: what is slower comes from a host. Memory that was used before takes 0.9 s here. */
    static final double FROM_A_HOST_SECONDS = 2;

    /** Between two looks at what is free. */
    static final long STRETCH_BYTES = 64L << 20;

    /** So often nothing less was free after a stretch: it took the place of other pages. */
    static final int VAIN = 3;

    /** Read when the time is over, too: how long they take tells whether memory is slow to come. */
    private static final int STRETCHES_TO_TELL = 8;

    private static final int LARGE = 1 << 20;
    private static final int PAGE = 4096;

    private final FileChannel holes;
    private final MachineMemory machine;
    private final long giveUpNanos;
    private long lowest;
    private long highest;
    private int vain;
    private int stretchesOfPages;
    private double secondsOfPages;

    HoleReading(FileChannel holes, long bytes, MachineMemory machine, long giveUpNanos) {
        this.holes = holes;
        this.highest = bytes / STRETCH_BYTES * STRETCH_BYTES;
        this.machine = machine;
        this.giveUpNanos = giveUpNanos;
    }

    /** In large pieces, which is fastest, until so much is free or the kernel takes them from what is in use. */
    void upwards(long leftBytes) throws IOException {
        ByteBuffer piece = ByteBuffer.allocateDirect(LARGE);
        vain = 0;
        while (vain < VAIN && wants(leftBytes) && !isOutOfTime()) {
            long before = machine.freeBytes();
            for (long end = lowest + STRETCH_BYTES; lowest < end; lowest += LARGE) {
                holes.read(piece.clear(), lowest);
            }
            count(before);
        }
    }

    /** Page by page and backwards: whoever reads so gets single pages, and those are had to the last. */
    void downwards(long leftBytes) throws IOException {
        ByteBuffer page = ByteBuffer.allocateDirect(PAGE);
        vain = 0;
        while (vain < VAIN && wants(leftBytes) && (!isOutOfTime() || stretchesOfPages < STRETCHES_TO_TELL)) {
            long before = machine.freeBytes();
            long began = System.nanoTime();
            for (long end = highest - STRETCH_BYTES; highest > end; ) {
                highest -= PAGE;
                holes.read(page.clear(), highest);
            }
            secondsOfPages += (System.nanoTime() - began) / 1e9;
            stretchesOfPages++;
            count(before);
        }
    }

    /** Others use and free memory at the same time: half of what was read counts. */
    private void count(long freeBefore) {
        if (machine.freeBytes() > freeBefore - STRETCH_BYTES / 2) {
            vain++;
        }
    }

    private boolean wants(long leftBytes) {
        return lowest + STRETCH_BYTES <= highest && machine.freeBytes() > leftBytes;
    }

    boolean isOutOfTime() {
        return System.nanoTime() >= giveUpNanos;
    }

    /** In single pages, in the mean; 0 when none were read. */
    double secondsForAGibibyte() {
        return stretchesOfPages == 0 ? 0 : secondsOfPages / stretchesOfPages * (1L << 30) / STRETCH_BYTES;
    }
}
