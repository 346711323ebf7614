package dev.pgrehearse.ladder;

import dev.pgrehearse.calibration.Calibrator;
import dev.pgrehearse.estimate.Machines;
import dev.pgrehearse.estimate.Rung;
import dev.pgrehearse.plan.Planner;
import dev.pgrehearse.plan.Rehearsal;
import dev.pgrehearse.profile.Calibration;
import dev.pgrehearse.rehearsal.RehearsalMistakes;
import dev.pgrehearse.rehearsal.Rehearser;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Calibrates this machine with the probes that another one was calibrated with, on the data of a ladder's top rung: nothing
 * larger is here. Used once, by one thread.
 */
public final class LadderProbes {
    /** For the copy of the data, starting, and warming it. */
    private static final Duration AROUND = Duration.ofSeconds(30);

    private final Site site;
    private boolean interrupted;

    LadderProbes(Site site) {
        this.site = site;
    }

    /** What a budget leaves for the rungs; of a small one half of it. */
    public static Duration leftOf(Duration budget) {
        Duration left = budget.minus(Calibrator.LONGEST).minus(AROUND);
        Duration half = budget.dividedBy(2);
        return left.compareTo(half) < 0 ? half : left;
    }

    /** Whether somebody stopped it. */
    boolean interrupted() {
        return interrupted;
    }

    /**
     * Both machines.
     *
     * @param there the other one
     * @param rungs the smallest first
     */
    Machines beside(Calibration there, List<Rung> rungs) {
        if (rungs.isEmpty()) {
            return Machines.unknownHere(there, "This machine was not calibrated, since no rung was measured.");
        }
        Rung top = rungs.get(rungs.size() - 1);
        Rehearsal rehearsal =
                Planner.quiet(site.scenario(), site.variant(), QuietRungs.inWords(top.rows()), top.rows(), site.seed());
        site.tell("the probes of the other machine, here; at most " + Calibrator.LONGEST.toSeconds() + " s");
        try (Rehearser rehearser = site.rehearser(rehearsal)) {
            rehearser.check();
            return Machines.of(there, rehearser.calibrate(rehearsal));
        } catch (InterruptedException stopped) {
            interrupted = true;
            return Machines.unknownHere(there, "This machine was not calibrated: it was interrupted.");
        } catch (RehearsalMistakes | IOException failure) {
            return Machines.unknownHere(there, "This machine could not be calibrated: " + failure.getMessage());
        }
    }
}
