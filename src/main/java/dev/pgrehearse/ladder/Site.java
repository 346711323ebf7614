package dev.pgrehearse.ladder;

import dev.pgrehearse.plan.Plan;
import dev.pgrehearse.plan.Rehearsal;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import dev.pgrehearse.rehearsal.Rehearser;
import dev.pgrehearse.scenario.Scenario;
import dev.pgrehearse.scenario.Variant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What all that is measured for the estimate of one variant has in common.
 *
 * @param seed of the data
 * @param folder where each run gets one of its own
 * @param toolVersion for recordings
 */
public record Site(Scenario scenario, Variant variant, long seed, Path folder, String toolVersion, Progress progress) {
    /** What rehearses that alone; to be closed. */
    Rehearser rehearser(Rehearsal rehearsal) {
        return Rehearser.open(new Plan(List.of(rehearsal)), toolVersion, false, progress);
    }

    /** The folder of one run, made when it is not there. */
    Path folderOf(String run) throws IOException {
        return Files.createDirectories(folder.resolve(run));
    }

    /** Tells whoever waits what is done next. */
    void tell(String what) {
        progress.report(ProgressEvent.notice(variant.name() + ": " + what));
    }
}
