package dev.pgrehearse.rehearsal;

import dev.pgrehearse.calibration.Calibrator;
import dev.pgrehearse.dataset.DatasetException;
import dev.pgrehearse.dataset.DatasetLoader;
import dev.pgrehearse.golden.GoldenDataset;
import dev.pgrehearse.profile.Calibration;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.scenario.Conditions;
import dev.pgrehearse.server.RunningServer;
import dev.pgrehearse.server.ServerHost;
import java.io.IOException;
import java.sql.SQLException;

/** Calibrates this machine on a server like those of quiet runs, which nobody else uses. Stateless. */
final class MachineProbes {
    private MachineProbes() {}

    /**
     * Runs the probes on a copy of a dataset, in the cache state that quiet runs find it in.
     *
     * @throws IOException when they could not be run
     */
    static Calibration run(ServerHost host, GoldenDataset dataset, Conditions conditions, Progress progress)
            throws IOException, InterruptedException {
        try {
            // What is to doubt about the memory the quiet runs say, which have the same.
            GoldenDataset.Copy copy = RehearsalCopy.of(dataset, host, progress, doubt -> {});
            try (RunningServer server =
                    host.start(copy.directory(), conditions.server().settings())) {
                new DatasetLoader(progress)
                        .warm(
                                server.superuser(),
                                dataset.prepared(),
                                conditions.dataset().cache());
                if (RehearsalCopy.usesThisMachine(host)) {
                    UsedMemory.ofThisMachine().takeAndGiveBack(host.scratch());
                }
                return Calibrator.on(() -> server.superuser().open("pgrehearse calibrate"), progress);
            } finally {
                host.remove(copy.directory());
            }
        } catch (SQLException | DatasetException | RuntimeException failure) {
            // Some code below tells of an interruption by an unchecked exception and the flag.
            if (Thread.interrupted()) {
                throw new InterruptedException("while this machine was calibrated");
            }
            throw new IOException(Faults.inWords(failure), failure);
        }
    }
}
