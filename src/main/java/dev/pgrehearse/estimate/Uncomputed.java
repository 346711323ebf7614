package dev.pgrehearse.estimate;

import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.SizeFacts;
import dev.pgrehearse.verdict.Figures;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** What a statement may run out of on the way to the target without anybody being able to compute where. */
final class Uncomputed {
    /** The first version that tells which tables a statement scanned. */
    private static final int FIRST_WITH_SCANS = 15;

    /** They are built row by row in the order of the table, and grow by their rows alone. */
    private static final Set<String> COMPUTED = Set.of("btree", "brin");

    private Uncomputed() {}

    /**
     * Reasons, in whole sentences; empty when everything can be computed.
     *
     * @param ratio the target's rows by the top rung's
     */
    static List<String> of(Statement statement, Operation operation, Ground ground, double ratio) {
        List<String> reasons = new ArrayList<>();
        if (ratio <= 1) {
            return reasons;
        }
        boolean scansUnknown = ground.major() > 0 && ground.major() < FIRST_WITH_SCANS;
        if (operation == Operation.CATALOGUE
                && scansUnknown
                && !statement.locks().isEmpty()) {
            reasons.add("PostgreSQL " + ground.major()
                    + " does not tell whether it scanned a table or built an index. Estimate it" + " on "
                    + FIRST_WITH_SCANS + " or later, or with a rung of the target's size (--largest).");
        }
        if (Recognition.words(statement.sql()).startsWith("refresh materialized view ")) {
            reasons.add(
                    "What the view's query sorts, joins and groups, and where that leaves memory, cannot be computed."
                            + " A rung of the target's size (--largest) would measure it.");
        }
        ground.script().unclear().stream()
                .filter(name -> decides(name, operation))
                .forEach(
                        name -> reasons.add(
                                "The migration sets " + name
                                        + " to several values, resets it, or sets it to one that is not"
                                        + " understood: where memory ends is not known. Set it once, or in the scenario (server.settings)."));
        Predicate<SizeFacts.IndexWidth> own = index -> ground.made().contains(index.name())
                && (operation == Operation.CONCURRENT_BUILD
                        || Recognition.touched(statement).contains(index.table()));
        if (operation == Operation.INDEX_BUILD || operation == Operation.CONCURRENT_BUILD) {
            double memory = Math.min(setting(ground, "maintenance_work_mem"), setting(ground, "shared_buffers"));
            ground.facts().indexes().stream()
                    .filter(index -> own.test(index) && !COMPUTED.contains(index.method()))
                    .filter(index -> !(index.sizeBytes() * ratio <= memory))
                    .forEach(index -> reasons.add(beyondMemory(index, ratio, memory)));
        }
        if (operation.cliffs().contains(Cliff.Kind.SORT)) {
            double memory = setting(ground, "maintenance_work_mem");
            ground.facts().indexes().stream()
                    .filter(index -> index.partition() && index.method().equals("btree"))
                    .filter(index -> own.test(index) || statement.rewrote().contains(index.table()))
                    .filter(index -> !(ratio * index.entries() * Cliffs.entryBytes(index, ground) <= memory))
                    .max(Comparator.comparingDouble(SizeFacts.IndexWidth::entries))
                    .ifPresent(index -> reasons.add(partitionBeyondMemory(index, ratio, memory)));
        }
        if (operation == Operation.BULK_UPDATE || operation == Operation.SCAN) {
            Joins.unknown(statement, ground, ratio).ifPresent(reasons::add);
        }
        return reasons;
    }

    private static boolean decides(String setting, Operation operation) {
        return switch (setting) {
            case "work_mem", "hash_mem_multiplier" -> operation == Operation.BULK_UPDATE || operation == Operation.SCAN;
            case "max_parallel_maintenance_workers" -> operation.cliffs().contains(Cliff.Kind.PARALLEL);
            default ->
                operation.cliffs().contains(Cliff.Kind.SORT)
                        || operation.cliffs().contains(Cliff.Kind.HASH);
        };
    }

    private static String partitionBeyondMemory(SizeFacts.IndexWidth index, double ratio, double memory) {
        return "At the target " + index.table() + " has about " + Figures.count(Math.round(index.entries() * ratio))
                + " rows, and their sort for " + index.name() + " leaves maintenance_work_mem (" + Figures.bytes(memory)
                + "): where sorts of single partitions do so on the way is not computed. A rung of the target's size"
                + " (--largest) would measure it.";
    }

    private static String beyondMemory(SizeFacts.IndexWidth index, double ratio, double memory) {
        return "At the target " + index.name() + " takes about " + Figures.bytes(index.sizeBytes() * ratio)
                + ", more than the smaller of maintenance_work_mem and shared_buffers (" + Figures.bytes(memory)
                + "): where the build of an index of method " + index.method()
                + " slows down beyond that cannot be computed. A rung of the target's size (--largest) would measure it.";
    }

    /** NaN when it is not known; then nothing is thought to fit. */
    private static double setting(Ground ground, String name) {
        return ground.facts().settings().getOrDefault(name, Double.NaN);
    }
}
