package dev.pgrehearse.scenario;

import java.util.List;

/**
 * Everything about a rehearsal but the migration itself; a variant's {@code with:} may change any part of it.
 *
 * @param server the PostgreSQL to start
 * @param dataset what it holds
 * @param app the application's instances
 * @param workload what they are asked to do
 * @param phases how long each phase lasts
 * @param adversaries what is planted beside the load
 * @param limits what the verdict holds the recording against
 */
public record Conditions(
        ServerSpec server,
        DatasetSpec dataset,
        AppSpec app,
        WorkloadSpec workload,
        PhasesSpec phases,
        List<AdversarySpec> adversaries,
        Limits limits) {}
