package dev.pgrehearse.scenario;

import java.time.Duration;

/**
 * How long the phases last.
 *
 * @param warmup the least time under load before the baseline
 * @param warmupBound the most; when the load is not steady by then, that is a doubt
 * @param baseline how long the load runs alone and is measured
 * @param recoveryBound how long recovery is waited for after the migration's end
 */
public record PhasesSpec(Duration warmup, Duration warmupBound, Duration baseline, Duration recoveryBound) {}
