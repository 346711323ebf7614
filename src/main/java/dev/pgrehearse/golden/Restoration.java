package dev.pgrehearse.golden;

import dev.pgrehearse.dataset.DatasetException;
import dev.pgrehearse.restore.Restore;
import dev.pgrehearse.restore.RestoreMistake;
import dev.pgrehearse.restore.RestoredData;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;

/**
 * Restores a dump or a physical backup.
 *
 * @param restore of the scenario's source
 * @param settings of the scenario's server
 */
record Restoration(Restore restore, Map<String, String> settings) implements Maker {
    @Override
    public Made make() throws RestoreMistake, SQLException, DatasetException, IOException, InterruptedException {
        RestoredData made = restore.make(GoldenDataset.loading(settings));
        return new Made(made.directory(), made.serverVersion(), made.facts(), made.doubts());
    }

    @Override
    public void letGo() {
        // It makes nothing ready beforehand.
    }
}
