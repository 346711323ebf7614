package dev.pgrehearse.restore;

import dev.pgrehearse.dataset.DatasetException;
import dev.pgrehearse.dataset.DatasetMistakes;
import dev.pgrehearse.dataset.RestoredTables;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.scenario.RestoreSpec;
import dev.pgrehearse.server.RunningServer;
import java.nio.file.Path;
import java.sql.SQLException;

/** The user's script that masks what was restored, before anything else reads it. */
final class Masking {
    private Masking() {}

    /** Runs it, when there is one. */
    static void of(RestoreSpec spec, RunningServer server, Progress progress)
            throws RestoreMistake, SQLException, DatasetException, InterruptedException {
        Path script = spec.mask();
        if (script != null) {
            try {
                new RestoredTables(progress).mask(server.superuser(), script);
            } catch (DatasetMistakes refused) {
                throw new RestoreMistake("the script that masks: " + refused.getMessage());
            }
        }
    }
}
