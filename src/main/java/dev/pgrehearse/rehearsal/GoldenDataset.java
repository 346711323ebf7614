package dev.pgrehearse.rehearsal;

import dev.pgrehearse.dataset.DatasetException;
import dev.pgrehearse.dataset.DatasetLoader;
import dev.pgrehearse.dataset.LoadedDataset;
import dev.pgrehearse.dataset.PreparedDataset;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.recording.Recording.DatasetFacts;
import dev.pgrehearse.recording.Recording.TableFacts;
import dev.pgrehearse.server.DataDirectory;
import dev.pgrehearse.server.LoadingSettings;
import dev.pgrehearse.server.RunningServer;
import dev.pgrehearse.server.ServerHost;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A data directory that is loaded once, settled, cleanly stopped, and then only ever copied: every rehearsal on the same
 * data starts from the same state. Not thread-safe.
 */
final class GoldenDataset {
    private final ServerHost host;
    private final DataDirectory directory;
    private final PreparedDataset prepared;
    private final Map<String, String> settings;
    private final Progress progress;
    private @Nullable DatasetFacts facts;

    /**
     * A dataset whose schema exists, and which is loaded when it is first asked for.
     *
     * @param directory of the host's, cleanly stopped, with the schema in it
     * @param prepared how to fill it
     * @param settings of the scenario, under which some schemas alone can be loaded
     */
    GoldenDataset(
            ServerHost host,
            DataDirectory directory,
            PreparedDataset prepared,
            Map<String, String> settings,
            Progress progress) {
        this.host = host;
        this.directory = directory;
        this.prepared = prepared;
        this.settings = settings;
        this.progress = progress;
    }

    /** The settings for loading: those of the scenario, and over them those that make it fast. */
    static Map<String, String> loading(Map<String, String> settings) {
        Map<String, String> merged = new HashMap<>(settings);
        merged.putAll(LoadingSettings.SETTINGS);
        return merged;
    }

    PreparedDataset prepared() {
        return prepared;
    }

    /** A copy to rehearse on, and how it came about. */
    record Copy(DataDirectory directory, DatasetFacts facts) {}

    /** Loads the dataset when that has not been done yet, and copies it. */
    Copy copy() throws SQLException, DatasetException, InterruptedException {
        long start = System.nanoTime();
        DatasetFacts loaded = facts;
        if (loaded == null) {
            loaded = load();
            facts = loaded;
            return new Copy(host.copy(directory), loaded);
        }
        DataDirectory copy = host.copy(directory);
        double seconds = (System.nanoTime() - start) / 1e9;
        return new Copy(copy, new DatasetFacts(loaded.source(), true, seconds, loaded.tables()));
    }

    private DatasetFacts load() throws SQLException, DatasetException, InterruptedException {
        DatasetLoader loader = new DatasetLoader(progress);
        try (RunningServer server = host.start(directory, loading(settings))) {
            LoadedDataset loaded = loader.load(server.superuser(), prepared);
            List<TableFacts> settled = loader.settle(server.superuser(), prepared);
            server.stop();
            return new DatasetFacts("generated", false, loaded.seconds(), settled);
        }
    }
}
