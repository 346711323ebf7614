package dev.pgrehearse.estimate;

import dev.pgrehearse.profile.Calibration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Settings that decide at which size an operation leaves its line, and differ between the server that was measured and
 * production's. What was measured with one says nothing of the other, however fast either machine is.
 */
final class SettingsApart {
    /** {@code shared_buffers} is not among them: where blocks come from is what the probes of reads measure. */
    private static final Map<Cliff.Kind, String> DECIDED_BY = Map.of(
            Cliff.Kind.SORT, "maintenance_work_mem",
            Cliff.Kind.HASH, "maintenance_work_mem",
            Cliff.Kind.WAL, "max_wal_size",
            Cliff.Kind.PARALLEL, "max_parallel_maintenance_workers");

    private SettingsApart() {}

    /** Why an operation is UNKNOWN there, in whole sentences; empty when the settings that it hangs on are alike. */
    static List<String> of(StatementEstimate statement, Calibration here, Calibration there) {
        Operation operation = statement.operation();
        boolean joins =
                (operation == Operation.BULK_UPDATE || operation == Operation.SCAN) && Joins.mayBeIn(statement.sql());
        Stream<String> ownMemory = joins ? Stream.of("work_mem", "hash_mem_multiplier") : Stream.empty();
        return Stream.concat(operation.cliffs().stream().map(DECIDED_BY::get), ownMemory)
                .filter(Objects::nonNull)
                .distinct()
                .sorted()
                .filter(setting -> differs(setting, here, there))
                .map(setting ->
                        "Production's " + setting + " is " + there.settings().get(setting) + ", here it is "
                                + here.settings().get(setting) + ", and it decides at which size this operation ("
                                + operation.words()
                                + ") gets slower: what was measured here says nothing of there. Set it alike in the scenario"
                                + " (server.settings), and estimate again.")
                .toList();
    }

    /** What a server does not tell, or a profile has not, cannot be held against the other. */
    private static boolean differs(String setting, Calibration here, Calibration there) {
        String other = there.settings().get(setting);
        String own = here.settings().get(setting);
        return other != null && own != null && !other.equals(own);
    }
}
