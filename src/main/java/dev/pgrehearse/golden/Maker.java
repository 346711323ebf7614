package dev.pgrehearse.golden;

import dev.pgrehearse.dataset.DatasetException;
import dev.pgrehearse.recording.Recording.DatasetFacts;
import dev.pgrehearse.recording.Recording.Doubt;
import dev.pgrehearse.restore.RestoreMistake;
import dev.pgrehearse.server.DataDirectory;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/** Makes the data directory of a dataset that is not on the shelf. Used by one thread. */
interface Maker {
    /**
     * What was made.
     *
     * @param directory settled, cleanly stopped
     * @param serverVersion such as 18.6
     * @param facts counted and measured when it was settled
     * @param doubts that every rehearsal on it has
     */
    record Made(DataDirectory directory, String serverVersion, DatasetFacts facts, List<Doubt> doubts) {}

    /** Makes it; asked at most once. */
    Made make() throws RestoreMistake, SQLException, DatasetException, IOException, InterruptedException;

    /** Lets go what was kept ready to make it: it is on the shelf. */
    void letGo();
}
