package dev.pgrehearse.recording;

import org.jspecify.annotations.Nullable;

/**
 * What one phase took of the machine. Null where that could not be measured.
 *
 * @param lengthMs how long the phase was
 * @param busyShare share of all processors' time that was used, by anybody
 * @param ioWaitShare share of it that was idle while a read or write was outstanding
 * @param cpuPressureShare share of the time in which some task wanted a processor and had none; the kernel adds it up every
 *     2 s, so that it is right to 2 s in all. Null also for a phase of less than 10 s
 * @param ioPressureShare share of the time in which some task waited for the disk, likewise
 * @param serverCpuMs of all processes of the server, the migration's among them
 * @param migrationCpuMs of the migration's statements; null also in phases without any
 * @param toolCpuMs the load driver's and observer's
 * @param serverReadBytes fetched from the disk itself
 * @param serverWrittenBytes given to the operating system to write
 * @param walBytes that the server wrote
 * @param checkpointsTimed those that {@code checkpoint_timeout} brought
 * @param checkpointsForced those that came because {@code max_wal_size} was used up, or were asked for
 * @param checkpointBlocks blocks that they wrote
 */
public record MachineUse(
        String phase,
        double lengthMs,
        @Nullable Double busyShare,
        @Nullable Double ioWaitShare,
        @Nullable Double cpuPressureShare,
        @Nullable Double ioPressureShare,
        @Nullable Double serverCpuMs,
        @Nullable Double migrationCpuMs,
        @Nullable Double toolCpuMs,
        @Nullable Long serverReadBytes,
        @Nullable Long serverWrittenBytes,
        @Nullable Long migrationReadBytes,
        @Nullable Long migrationWrittenBytes,
        @Nullable Long toolReadBytes,
        @Nullable Long toolWrittenBytes,
        @Nullable Long walBytes,
        @Nullable Long checkpointsTimed,
        @Nullable Long checkpointsForced,
        @Nullable Long checkpointBlocks) {}
