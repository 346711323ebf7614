package dev.pgrehearse.estimate;

import dev.pgrehearse.recording.Cost;
import dev.pgrehearse.recording.DiskUse;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.SizeFacts;
import dev.pgrehearse.recording.TableGrowth;
import dev.pgrehearse.verdict.Figures;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Estimates the room that a statement needs. Temporary files have cliffs of their own: there are none until something no
 * longer fits into memory, and then all of it is written. Used once.
 */
final class SpaceEstimator {
    private static final double BLOCK = 8192;

    /** Less is nothing: a sort that begins to spill writes megabytes. */
    private static final double NOTHING = 65_536;

    /** One pass more doubles what is written; the last pages of each run are a quarter more at the smallest rungs. */
    private static final double MOST_APART = 1.5;

    private static final Set<Cliff.Kind> SPILLING = Set.of(Cliff.Kind.SORT, Cliff.Kind.HASH, Cliff.Kind.PARALLEL);
    private static final Set<Operation> FREE =
            Set.of(Operation.SCAN, Operation.BULK_UPDATE, Operation.UNSEEN, Operation.CATALOGUE);

    private final Statement statement;
    private final Recognised recognised;
    private final List<StatementEstimator.Runs> series;
    private final Ground ground;
    private final boolean similar;
    private final List<String> unknown = new ArrayList<>();

    /**
     * @param series its runs, the smallest size first
     * @param ground of the top rung
     * @param similar whether all of them are on the target's side of each cliff
     */
    SpaceEstimator(
            Statement statement,
            Recognised recognised,
            List<StatementEstimator.Runs> series,
            Ground ground,
            boolean similar) {
        this.ground = ground;
        this.statement = statement;
        this.recognised = recognised;
        this.series = List.copyOf(series);
        this.similar = similar;
    }

    /**
     * @param wal null when it is UNKNOWN
     * @param maxWalSize in bytes; NaN when it is not known
     */
    StatementSpace estimate(@Nullable Extrapolation wal, double maxWalSize) {
        Extrapolation temporary = temporary();
        Extrapolation files = files();
        return new StatementSpace(
                temporary,
                files,
                Space.disk(
                        files == null ? null : StatementSpace.Bytes.of(files),
                        temporary == null ? null : StatementSpace.Bytes.of(temporary),
                        wal == null ? null : StatementSpace.Bytes.of(wal),
                        maxWalSize),
                unknown);
    }

    private @Nullable Extrapolation temporary() {
        Optional<Ladder> measured = ladder((run, rows) -> temporaryBytes(run));
        if (measured.isEmpty()) {
            unknown.add("Its temporary files were not measured at every rung.");
            return null;
        }
        Ladder ladder = measured.get();
        double targetRows = recognised.targetRows();
        if (ladder.size() < 2
                || targetRows > StatementEstimator.LARGEST_RATIO * ladder.top().rows()) {
            unknown.add(
                    "There are too few rungs to tell how its temporary files grow, or the target is too far above them.");
            return null;
        }
        Optional<Cliff> last = similar
                ? Optional.empty()
                : recognised.cliffs().stream()
                        .filter(cliff -> SPILLING.contains(cliff.kind()))
                        .reduce((lower, higher) -> higher);
        Ladder above = last.map(cliff -> ladder.above(cliff.rows())).orElse(ladder);
        if (last.isPresent() && above.size() < 2) {
            Cliff cliff = last.get();
            unknown.add("Its temporary files: beyond " + Figures.count((long) cliff.rows()) + " rows " + cliff.what()
                    + ", and " + (above.size() == 0 ? "no rung is" : "one rung alone is") + " above that.");
            return null;
        }
        Ladder spilled = spilled(above);
        if (spilled.size() == 0) {
            return nothing(above, targetRows);
        }
        Optional<Extrapolation> found = Extrapolation.inProportion(spilled, targetRows, Quantity.BYTES);
        if (found.isEmpty()) {
            unknown.add("It wrote temporary files at the top rung alone, so how they grow is not known.");
        }
        return found.orElse(null);
    }

    private @Nullable Extrapolation nothing(Ladder ladder, double targetRows) {
        List<String> uncomputed = Uncomputed.of(
                statement,
                recognised.operation(),
                ground,
                targetRows / ladder.top().rows());
        if (!uncomputed.isEmpty()) {
            unknown.add(
                    "It wrote no temporary files at any rung, and whether it will is not known. " + uncomputed.get(0));
            return null;
        }
        boolean unseen = recognised.operation() == Operation.UNSEEN;
        if (FREE.contains(recognised.operation()) && (unseen || Joins.mayBeIn(statement.sql()))) {
            unknown.add("It wrote no temporary files at any rung, and what it joins or sorts may leave work_mem at the"
                    + " target: from which size on cannot be computed.");
            return null;
        }
        return Extrapolation.nothing(ladder, targetRows);
    }

    /**
     * Whether what was written to temporary files is in proportion to the rows. Where it is not, some rungs were sorted or
     * hashed in more steps than others.
     */
    boolean isInProportion() {
        List<Double> perRow = ladder((run, rows) -> temporaryBytes(run))
                .map(ladder -> ladder.rungs().stream()
                        .map(rung -> rung.central() / rung.rows())
                        .filter(bytes -> bytes > 0)
                        .sorted()
                        .toList())
                .orElse(List.of());
        return perRow.isEmpty() || perRow.get(perRow.size() - 1) <= MOST_APART * perRow.get(0);
    }

    /** From the smallest rung on from which there always were some. */
    private static Ladder spilled(Ladder ladder) {
        double last = ladder.rungs().stream()
                .filter(rung -> rung.central() < NOTHING)
                .mapToDouble(Measurement::rows)
                .max()
                .orElse(0);
        return ladder.above(last);
    }

    private @Nullable Extrapolation files() {
        Optional<Ladder> measured = ladder((run, rows) -> files(run.cost(), rewritten(run, rows)));
        if (measured.isEmpty()) {
            unknown.add("The disk was not sampled at every rung.");
            return null;
        }
        Ladder ladder = measured.get();
        double targetRows = recognised.targetRows();
        Extrapolation files =
                targetRows > StatementEstimator.LARGEST_RATIO * ladder.top().rows()
                        ? null
                        : Extrapolation.of(ladder, List.of(List.of(Term.ONE, Term.ROWS)), targetRows, Quantity.BYTES)
                                .orElse(null);
        if (files == null) {
            unknown.add("There are too few rungs to tell how its files grow, or the target is too far above them.");
        }
        return files;
    }

    /** What stands beside the old files of what it rewrote until it is committed, by the catalogue. */
    private double rewritten(Statement run, double rows) {
        double bytes = 0;
        double top =
                recognised.table() == null ? 1 : Math.max(1, recognised.table().rows());
        for (String name : run.rewrote()) {
            double atTop = ground.table(name)
                    .map(table -> table.heapBytes() + (double) table.indexBytes())
                    .orElseGet(() -> ground.facts().indexes().stream()
                            .filter(index -> index.name().equals(name))
                            .mapToDouble(SizeFacts.IndexWidth::sizeBytes)
                            .sum());
            bytes += grown(run, name)
                    .map(growth -> growth.heapAfter() + (double) growth.indexAfter())
                    .orElse(atTop / top * rows);
        }
        return bytes;
    }

    private static Optional<TableGrowth> grown(Statement run, String table) {
        Cost cost = run.cost();
        return cost == null
                ? Optional.empty()
                : cost.grown().stream()
                        .filter(growth -> growth.table().equals(table))
                        .findFirst();
    }

    private interface Figure {
        /** Null when it was not measured. */
        @Nullable
        Double of(Statement run, double rows);
    }

    /** Empty when a run has no such figure. */
    private Optional<Ladder> ladder(Figure figure) {
        List<Measurement> rungs = new ArrayList<>();
        for (StatementEstimator.Runs runs : series) {
            double rows = Recognised.rows(recognised.by(), runs.rows());
            List<Double> values = new ArrayList<>();
            for (Statement run : runs.runs()) {
                Double value = figure.of(run, rows);
                if (value == null) {
                    return Optional.empty();
                }
                values.add(value);
            }
            rungs.add(new Measurement(rows, values));
        }
        return Optional.of(new Ladder(rungs));
    }

    private static @Nullable Double temporaryBytes(Statement run) {
        Cost cost = run.cost();
        return cost == null || cost.counters() == null
                ? null
                : (Double) (cost.counters().temporaryBlocksWritten() * BLOCK);
    }

    /**
     * By how much tables and indexes grew at most. Samples alone may miss what a short run did, and peaks of WAL and of
     * temporary files come at other moments than that of the whole: each of these figures may be too little, and none is too
     * much. Null without samples.
     *
     * @param rewritten what was written anew
     */
    private static @Nullable Double files(@Nullable Cost cost, double rewritten) {
        DiskUse disk = cost == null ? null : cost.disk();
        if (cost == null || disk == null) {
            return null;
        }
        double grown = cost.grown().stream()
                .mapToDouble(growth -> (double) growth.bytes())
                .filter(bytes -> bytes > 0)
                .sum();
        double withoutWal = disk.endGrowthBytes() - (double) disk.walPeakGrowthBytes();
        double atPeak = disk.peakGrowthBytes() - (double) disk.walPeakGrowthBytes() - disk.temporaryPeakBytes();
        return Math.max(
                Math.max(Math.max(0, (double) disk.createdPeakBytes()), Math.max(withoutWal, atPeak)),
                Math.max(grown, rewritten));
    }
}
