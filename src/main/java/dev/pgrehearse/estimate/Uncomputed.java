package dev.pgrehearse.estimate;

import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.SizeFacts;
import dev.pgrehearse.verdict.Figures;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

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
        if (operation == Operation.INDEX_BUILD || operation == Operation.CONCURRENT_BUILD) {
            double memory = Math.min(setting(ground, "maintenance_work_mem"), setting(ground, "shared_buffers"));
            ground.facts().indexes().stream()
                    .filter(index -> ground.made().contains(index.name()) && !COMPUTED.contains(index.method()))
                    .filter(index -> !(index.sizeBytes() * ratio <= memory))
                    .forEach(index -> reasons.add(beyondMemory(index, ratio, memory)));
        }
        return reasons;
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
