package dev.pgrehearse.ladder;

import dev.pgrehearse.estimate.Estimate;
import dev.pgrehearse.estimate.Estimator;
import dev.pgrehearse.estimate.LadderPlan;
import dev.pgrehearse.estimate.Machines;
import dev.pgrehearse.estimate.WindowUnderLoad;
import dev.pgrehearse.profile.Calibration;
import dev.pgrehearse.rehearsal.RehearsalMistakes;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One variant from the first rung to the figures of its estimate. Used once, by one thread. */
public final class Ascent {
    private final Site site;
    private final Asked asked;
    private boolean incomplete;

    /**
     * What is to be estimated, and how.
     *
     * @param quiet what the quiet rungs keep to
     * @param budget of wall time, with all that comes after them
     * @param underLoad whether the size is wanted from which on the verdict is NO-GO
     * @param other the machine that the figures are to be of; null for this one
     */
    public record Asked(
            Estimator.Question question,
            Target target,
            LadderPlan plan,
            LadderClimb.Limits quiet,
            Duration budget,
            boolean underLoad,
            @Nullable Calibration other) {}

    public Ascent(Site site, Asked asked) {
        this.site = site;
        this.asked = asked;
    }

    /** Whether something could not be run to its end: a fault of the machine, or an interruption. */
    public boolean incomplete() {
        return incomplete;
    }

    /**
     * Measures and estimates. What could not be run is missing in the estimate, which says so.
     *
     * @throws RehearsalMistakes when the server refuses scripts or settings
     */
    public Estimate estimate() throws RehearsalMistakes, IOException, InterruptedException {
        long began = System.nanoTime();
        LadderClimb ladder = new LadderClimb(site, asked.target(), asked.plan(), asked.quiet());
        ladder.climb();
        incomplete = ladder.incomplete();
        Estimate estimate = Estimator.estimate(
                asked.question(),
                ladder.rungs(),
                ladder.shrunk(),
                ladder.keys(),
                ladder.obstacle().orElse(null),
                machines(ladder));
        if (!asked.underLoad()) {
            return WindowUnderLoad.unasked(estimate);
        }
        return incomplete
                ? WindowUnderLoad.considered(estimate, null)
                : underLoad(ladder, estimate, asked.budget().minusNanos(System.nanoTime() - began));
    }

    private @Nullable Machines machines(LadderClimb ladder) {
        Calibration other = asked.other();
        if (other == null) {
            return null;
        }
        if (incomplete || ladder.obstacle().isPresent()) {
            return Machines.unknownHere(other, "This machine was not calibrated, since not all rungs could be run.");
        }
        LadderProbes probes = new LadderProbes(site);
        Machines machines = probes.beside(other, ladder.rungs());
        incomplete |= probes.interrupted();
        return machines;
    }

    private Estimate underLoad(LadderClimb ladder, Estimate estimate, Duration left)
            throws IOException, InterruptedException {
        RungUnderLoad loaded = new RungUnderLoad(site);
        Estimate both = loaded.on(asked.question(), ladder, estimate, left);
        incomplete = loaded.incomplete();
        return WindowUnderLoad.considered(both, loaded.recording());
    }
}
