package dev.pgrehearse.scenario;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything about a rehearsal but the migration itself; a variant's {@code with:} may change any part of it.
 *
 * @param server the PostgreSQL to start
 * @param standby the streaming standby of it; null for none
 * @param dataset what it holds
 * @param app the application's instances
 * @param workload what they are asked to do
 * @param phases how long each phase lasts
 * @param adversaries what is planted beside the load
 * @param standard the standard set, planted one at a time; null when the scenario does not ask for it
 * @param limits what the verdict holds the recording against
 */
public record Conditions(
        ServerSpec server,
        @Nullable StandbySpec standby,
        DatasetSpec dataset,
        AppSpec app,
        WorkloadSpec workload,
        PhasesSpec phases,
        List<AdversarySpec> adversaries,
        @Nullable StandardAdversaries standard,
        Limits limits) {
    /** The same, with these adversaries and no others. */
    public Conditions under(List<AdversarySpec> others) {
        return new Conditions(server, standby, dataset, app, workload, phases, List.copyOf(others), null, limits);
    }

    /** The same, on a server that has these settings over its own. */
    Conditions with(Map<String, String> settings) {
        return new Conditions(
                server.with(settings), standby, dataset, app, workload, phases, adversaries, standard, limits);
    }
}
