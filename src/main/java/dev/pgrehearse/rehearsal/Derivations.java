package dev.pgrehearse.rehearsal;

import dev.pgrehearse.dataset.DatasetException;
import dev.pgrehearse.golden.GoldenDataset;
import dev.pgrehearse.plan.Rehearsal;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.scenario.WorkloadSpec;
import dev.pgrehearse.scenario.WorkloadSpec.Derived;
import dev.pgrehearse.scenario.WorkloadSpec.FromProfile;
import dev.pgrehearse.server.RunningServer;
import dev.pgrehearse.server.ServerHost;
import dev.pgrehearse.traffic.Automatic;
import dev.pgrehearse.traffic.DerivedWorkload;
import dev.pgrehearse.traffic.Production;
import java.io.IOException;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The workloads that nobody declared: each is derived once, on a copy of the dataset that is removed afterwards, so that
 * what is rehearsed on was never read or written, and all variants get the same requests.
 */
final class Derivations {
    private final Progress progress;
    private final Map<Key, DerivedWorkload> derived = new HashMap<>();

    private record Key(Rehearsal.Data data, WorkloadSpec workload, long seed) {}

    Derivations(Progress progress) {
        this.progress = progress;
    }

    /** The operations for a rehearsal; null when its scenario declares them. */
    @Nullable
    DerivedWorkload of(Rehearsal rehearsal, ServerHost host, GoldenDataset dataset)
            throws SQLException, DatasetException, IOException, InterruptedException {
        WorkloadSpec workload = rehearsal.variant().conditions().workload();
        Derived source = workload.derived();
        if (source == null) {
            return null;
        }
        Key key = new Key(rehearsal.data(), workload, rehearsal.seed());
        DerivedWorkload known = derived.get(key);
        if (known != null) {
            return known;
        }
        GoldenDataset.Copy copy = dataset.copyToLookAt();
        try (RunningServer server = host.start(
                copy.directory(), rehearsal.variant().conditions().server().settings())) {
            DerivedWorkload made = source instanceof FromProfile production
                    ? Production.derive(
                            production, workload.traffic().atStart(), server.app(), rehearsal.seed(), progress)
                    : Automatic.derive(workload.traffic().atStart(), server.app(), rehearsal.seed(), progress);
            if (made.operations().isEmpty()) {
                throw new IOException("There is nothing to run: "
                        + (made.facts().leftOut().isEmpty()
                                ? "the schema has no table that requests could be made for"
                                : "no statement of the profile runs on this schema, as in "
                                        + made.facts().leftOut().get(0).sql() + ": "
                                        + made.facts().leftOut().get(0).reason())
                        + ". Declare `workload.operations`.");
            }
            derived.put(key, made);
            return made;
        } finally {
            host.remove(copy.directory());
        }
    }
}
