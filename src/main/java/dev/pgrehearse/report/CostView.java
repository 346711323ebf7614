package dev.pgrehearse.report;

import dev.pgrehearse.recording.Cost;
import dev.pgrehearse.recording.DiskUse;
import dev.pgrehearse.recording.MachineUse;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.verdict.Costs;
import dev.pgrehearse.verdict.Figures;
import dev.pgrehearse.verdict.Statements;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a migration cost, as the reports show it.
 *
 * @param diskWords the room that it needed, in whole sentences; null when the disk was not sampled
 * @param background what the server did by itself meanwhile, in whole sentences
 * @param runs each run of each statement whose costs were measured
 * @param moreRuns how many more there are
 * @param tables the tables whose size changed in the whole rehearsal, in words
 * @param moreTables how many more there are
 * @param phases the machine by phase
 */
record CostView(
        @Nullable String diskWords,
        List<String> background,
        List<Row> runs,
        int moreRuns,
        List<String> tables,
        int moreTables,
        List<PhaseRow> phases) {
    private static final String NONE = "–";
    private static final int MOST_RUNS = 100;
    private static final int MOST_TABLES = 10;

    /**
     * One run of one statement.
     *
     * @param disk its peak above its start, and its end
     * @param notes how its tables grew, and what is not known
     */
    record Row(
            String label,
            String sql,
            String wal,
            String cpu,
            String blocks,
            String temporary,
            String disk,
            String traffic,
            String memory,
            List<String> notes) {}

    /** One phase of the machine; a dash where nothing was measured. */
    record PhaseRow(
            String phase,
            String length,
            String busy,
            String ioWait,
            String pressure,
            String serverCpu,
            String migrationCpu,
            String toolCpu,
            String serverTraffic,
            String migrationTraffic,
            String toolTraffic,
            String wal,
            String checkpoints) {}

    static CostView of(Recording recording) {
        List<Statement> measured = Statements.runs(recording).stream()
                .filter(run -> run.cost() != null)
                .toList();
        List<String> tables = recording.resources().tables().stream()
                .limit(MOST_TABLES)
                .map(Costs::inWords)
                .toList();
        return new CostView(
                Costs.diskInWords(recording),
                Costs.background(recording),
                measured.stream().limit(MOST_RUNS).map(CostView::row).toList(),
                Math.max(0, measured.size() - MOST_RUNS),
                tables,
                recording.resources().tables().size()
                        - tables.size()
                        + recording.resources().tablesLeftOut(),
                recording.resources().machine().stream().map(CostView::phase).toList());
    }

    /** Whether there is nothing to show, as of a recording that is older than these figures. */
    public boolean isEmpty() {
        return diskWords == null && runs.isEmpty() && phases.isEmpty();
    }

    private static Row row(Statement run) {
        Cost cost = Objects.requireNonNull(run.cost());
        List<String> notes = new ArrayList<>(Costs.grown(run));
        notes.addAll(cost.unknown());
        return new Row(
                run.index() + " · " + run.file() + ":" + run.line() + " · try " + run.attempt() + " · " + run.outcome(),
                Statements.brief(run.sql()),
                Costs.wal(run),
                run.cpuMs() == null ? NONE : Figures.duration(run.cpuMs()),
                Costs.blocks(run),
                Costs.temporary(run),
                disk(cost.disk()),
                traffic(cost.readBytes(), cost.writtenBytes()),
                bytes(cost.memoryPeakBytes()),
                notes);
    }

    private static String disk(@Nullable DiskUse disk) {
        return disk == null
                ? NONE
                : "+" + Figures.bytes(disk.peakGrowthBytes()) + " at most, "
                        + (disk.endGrowthBytes() > 0 ? "+" : "")
                        + Figures.bytes(disk.endGrowthBytes()) + " at its end";
    }

    private static PhaseRow phase(MachineUse use) {
        return new PhaseRow(
                use.phase(),
                Figures.duration(use.lengthMs()),
                share(use.busyShare()),
                share(use.ioWaitShare()),
                share(use.cpuPressureShare()) + ", " + share(use.ioPressureShare()),
                duration(use.serverCpuMs()),
                duration(use.migrationCpuMs()),
                duration(use.toolCpuMs()),
                traffic(use.serverReadBytes(), use.serverWrittenBytes()),
                traffic(use.migrationReadBytes(), use.migrationWrittenBytes()),
                traffic(use.toolReadBytes(), use.toolWrittenBytes()),
                bytes(use.walBytes()),
                use.checkpointsForced() == null || use.checkpointsTimed() == null
                        ? NONE
                        : Figures.count(use.checkpointsForced()) + " forced, " + Figures.count(use.checkpointsTimed())
                                + " timed");
    }

    private static String traffic(@Nullable Long read, @Nullable Long written) {
        return read == null || written == null ? NONE : bytes(read) + " read, " + bytes(written) + " written";
    }

    private static String bytes(@Nullable Long bytes) {
        return bytes == null ? NONE : Figures.bytes(bytes);
    }

    private static String duration(@Nullable Double milliseconds) {
        return milliseconds == null ? NONE : Figures.duration(milliseconds);
    }

    private static String share(@Nullable Double share) {
        return share == null ? NONE : Figures.share(share);
    }
}
