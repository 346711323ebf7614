package dev.pgrehearse.rehearsal;

import dev.pgrehearse.plan.Rehearsal;
import dev.pgrehearse.recording.Recording;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Rehearses until the load was the scenario's. Where the machine held the driver up, the tool says so itself and has no verdict; that
 * tells nothing of the migration.
 */
final class OnTime {
    private static final int AGAIN = 2;

    private OnTime() {}

    /** The first recording of a load that was offered on time, of three at most; else the last. */
    static Recording rehearse(Rehearser rehearser, Rehearsal rehearsal, Path folder) throws IOException {
        Recording recording = rehearser.rehearse(rehearsal, Files.createDirectories(folder.resolve(rehearsal.id())));
        for (int again = 1; again <= AGAIN && isLate(recording); again++) {
            recording = rehearser.rehearse(
                    rehearsal, Files.createDirectories(folder.resolve(rehearsal.id() + "-again-" + again)));
        }
        return recording;
    }

    private static boolean isLate(Recording recording) {
        return recording.doubts().stream().anyMatch(doubt -> doubt.id().equals(Recording.Doubt.DRIVER_TOO_LATE));
    }
}
