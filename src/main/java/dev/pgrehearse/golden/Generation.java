package dev.pgrehearse.golden;

import dev.pgrehearse.dataset.DatasetException;
import dev.pgrehearse.dataset.DatasetLoader;
import dev.pgrehearse.dataset.LoadedDataset;
import dev.pgrehearse.dataset.PreparedDataset;
import dev.pgrehearse.fidelity.Fidelity;
import dev.pgrehearse.profile.Profile;
import dev.pgrehearse.profiling.ProfileReader;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.recording.FidelityFacts;
import dev.pgrehearse.recording.Recording.DatasetFacts;
import dev.pgrehearse.recording.Recording.TableFacts;
import dev.pgrehearse.server.DataDirectory;
import dev.pgrehearse.server.RunningServer;
import dev.pgrehearse.server.ServerHost;
import dev.pgrehearse.server.ServerProblem;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Fills a schema that exists with generated rows. */
final class Generation implements Maker {
    private final ServerHost host;
    private final Map<String, String> settings;
    private final PreparedDataset prepared;
    private final Progress progress;
    /** Cleanly stopped, with the schema in it; null when it was used up, or is not needed. */
    private @Nullable DataDirectory empty;

    Generation(
            ServerHost host,
            Map<String, String> settings,
            DataDirectory empty,
            PreparedDataset prepared,
            Progress progress) {
        this.host = host;
        this.settings = settings;
        this.empty = empty;
        this.prepared = prepared;
        this.progress = progress;
    }

    @Override
    public Made make() throws SQLException, DatasetException, InterruptedException {
        DataDirectory directory = empty;
        if (directory == null) {
            throw new ServerProblem(
                    "The kept dataset was removed while this run used it.",
                    "There is nothing to copy.",
                    "Run again: it is made again then.");
        }
        DatasetLoader loader = new DatasetLoader(progress);
        try (RunningServer server = host.start(directory, GoldenDataset.loading(settings))) {
            String version = server.facts().version();
            LoadedDataset loaded = loader.load(server.superuser(), prepared);
            List<TableFacts> settled = loader.settle(server.superuser(), prepared);
            Optional<Profile> asked = prepared.likeness();
            FidelityFacts fidelity = asked.isEmpty()
                    ? null
                    : Fidelity.compare(asked.get(), ProfileReader.statisticsOf(server.superuser(), progress));
            server.stop();
            empty = null;
            return new Made(
                    directory,
                    version,
                    new DatasetFacts(
                                    "generated",
                                    false,
                                    loaded.seconds(),
                                    Instant.now()
                                            .truncatedTo(ChronoUnit.SECONDS)
                                            .toString(),
                                    settled)
                            .with(fidelity),
                    Stream.concat(prepared.doubts().stream(), loaded.doubts().stream())
                            .toList());
        }
    }

    @Override
    public void letGo() {
        DataDirectory directory = empty;
        if (directory != null) {
            empty = null;
            host.remove(directory);
        }
    }
}
