package dev.pgrehearse.estimate;

import dev.pgrehearse.profile.Calibration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Settings that decide at which size an operation leaves its line, and differ between the server that was measured and
 * production's. What was measured with one says nothing of the other, however fast either machine is.
 */
final class SettingsApart {
    /** {@code shared_buffers} is not among them: where blocks come from is what the probes of reads measure. */
    private static final Map<Cliff.Kind, List<String>> DECIDED_BY = Map.of(
            Cliff.Kind.SORT, List.of("maintenance_work_mem"),
            Cliff.Kind.HASH, List.of("maintenance_work_mem"),
            Cliff.Kind.WAL, List.of("max_wal_size", "wal_level", "full_page_writes", "fsync"),
            Cliff.Kind.PARALLEL, List.of("max_parallel_maintenance_workers"));

    private SettingsApart() {}

    /** Why an operation is UNKNOWN there, in whole sentences; empty when the settings that it hangs on are alike. */
    static List<String> of(StatementEstimate statement, Calibration here, Calibration there) {
        Operation operation = statement.operation();
        if (statement.duration() != null && statement.duration().upper() < StatementEstimate.NEGLIGIBLE_SECONDS) {
            return List.of();
        }
        boolean joins =
                (operation == Operation.BULK_UPDATE || operation == Operation.SCAN) && Joins.mayBeIn(statement.sql());
        Stream<String> ownMemory = joins ? Stream.of("work_mem", "hash_mem_multiplier") : Stream.empty();
        // What it has changed is written from there, and no probe writes.
        Stream<String> buffers = operation == Operation.BULK_UPDATE && mayLeaveBuffersOfOne(statement, here, there)
                ? Stream.of("shared_buffers")
                : Stream.empty();
        Stream<String> ofCliffs =
                operation.cliffs().stream().flatMap(kind -> DECIDED_BY.getOrDefault(kind, List.of()).stream());
        return Stream.concat(ofCliffs, Stream.concat(ownMemory, buffers))
                .distinct()
                .sorted()
                // A change of rows is in the WAL at any level.
                .filter(setting -> !(operation == Operation.BULK_UPDATE && setting.equals("wal_level")))
                .filter(setting -> differs(setting, here, there))
                .map(setting ->
                        "Production's " + setting + " is " + there.settings().get(setting) + ", here it is "
                                + here.settings().get(setting) + ", and it decides how this operation ("
                                + operation.words()
                                + ") works or at which size it gets slower: what was measured here says nothing of there. Set it alike in the scenario"
                                + " (server.settings), and estimate again.")
                .toList();
    }

    /** All that is below the target fits here, and so it does where there is more. */
    private static boolean mayLeaveBuffersOfOne(StatementEstimate statement, Calibration here, Calibration there) {
        double own = ScriptSettings.bytes(here.settings().getOrDefault("shared_buffers", ""));
        double other = ScriptSettings.bytes(there.settings().getOrDefault("shared_buffers", ""));
        return !(other >= own)
                || statement.cliffs().stream().anyMatch(cliff -> cliff.kind() == Cliff.Kind.SHARED_BUFFERS);
    }

    /** What a server does not tell, or a profile has not, cannot be held against the other. */
    private static boolean differs(String setting, Calibration here, Calibration there) {
        String other = there.settings().get(setting);
        String own = here.settings().get(setting);
        return other != null && own != null && !alike(setting, own, other);
    }

    /** Of the levels of WAL only the least is another way to work: it leaves out what is made anew. */
    private static boolean alike(String setting, String own, String other) {
        return setting.equals("wal_level") ? own.equals("minimal") == other.equals("minimal") : own.equals(other);
    }
}
