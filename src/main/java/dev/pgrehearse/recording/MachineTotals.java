package dev.pgrehearse.recording;

import org.jspecify.annotations.Nullable;

/**
 * The machine's accounts at one moment, each since its own beginning: only differences mean anything. Null where the
 * machine does not tell.
 *
 * @param serverCpuNanos all processes of the server, those that ended among them
 * @param busyTicks of all processors, hundredths of a second
 * @param ioWaitTicks idle while a read or write was outstanding
 * @param totalTicks of all processors
 * @param serverReadBytes fetched from the disk by the server's processes
 * @param serverWrittenBytes given to the operating system to write, by all of them
 * @param cpuPressureMicros how long some task wanted a processor and had none
 * @param ioPressureMicros how long some task waited for the disk
 */
public record MachineTotals(
        @Nullable Long serverCpuNanos,
        @Nullable Long toolCpuNanos,
        long busyTicks,
        long ioWaitTicks,
        long totalTicks,
        @Nullable Long serverReadBytes,
        @Nullable Long serverWrittenBytes,
        @Nullable Long toolReadBytes,
        @Nullable Long toolWrittenBytes,
        @Nullable Long cpuPressureMicros,
        @Nullable Long ioPressureMicros) {}
