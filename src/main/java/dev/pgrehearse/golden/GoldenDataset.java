package dev.pgrehearse.golden;

import dev.pgrehearse.dataset.DatasetException;
import dev.pgrehearse.dataset.DatasetLoader;
import dev.pgrehearse.dataset.LoadedDataset;
import dev.pgrehearse.dataset.PreparedDataset;
import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import dev.pgrehearse.recording.Recording.DatasetFacts;
import dev.pgrehearse.recording.Recording.TableFacts;
import dev.pgrehearse.server.DataDirectory;
import dev.pgrehearse.server.LoadingSettings;
import dev.pgrehearse.server.RunningServer;
import dev.pgrehearse.server.ServerHost;
import dev.pgrehearse.server.ServerProblem;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A data directory that is loaded once, settled, cleanly stopped, and then only ever copied: every rehearsal on the same
 * data starts from the same state. It stays on the {@link Shelf} for later runs. Not thread-safe.
 */
public final class GoldenDataset {
    private final Shelf shelf;
    private final ServerHost host;
    private final Supervisor supervisor;
    private final Recipe recipe;
    private final PreparedDataset prepared;
    private final Progress progress;
    /** Cleanly stopped, with the schema in it; null when it was used up, or is not needed. */
    private @Nullable DataDirectory empty;
    /** Of the load, until the first copy has told of it. */
    private @Nullable DatasetFacts justLoaded;

    /**
     * How a dataset is made, and what for.
     *
     * @param key of all that decides what is in it
     * @param scenario the scenario's name
     * @param size the size's name, for people
     * @param settings of the scenario's server, under which some schemas alone can be loaded
     */
    public record Recipe(GoldenKey key, String scenario, String size, Map<String, String> settings) {}

    /**
     * A dataset whose schema exists, and which is loaded when it is first asked for and not on the shelf.
     *
     * @param empty of the host's, cleanly stopped, with the schema in it
     * @param prepared how to fill it
     */
    public GoldenDataset(
            Shelf shelf,
            ServerHost host,
            Supervisor supervisor,
            Recipe recipe,
            DataDirectory empty,
            PreparedDataset prepared,
            Progress progress) {
        this.shelf = shelf;
        this.host = host;
        this.supervisor = supervisor;
        this.recipe = recipe;
        this.empty = empty;
        this.prepared = prepared;
        this.progress = progress;
    }

    /** The settings for loading: those of the scenario, and over them those that make it fast. */
    public static Map<String, String> loading(Map<String, String> settings) {
        Map<String, String> merged = new HashMap<>(settings);
        merged.putAll(LoadingSettings.SETTINGS);
        return merged;
    }

    public PreparedDataset prepared() {
        return prepared;
    }

    /** What is on the shelf of it; empty when it has to be loaded. */
    public Optional<Golden> onShelf() throws IOException {
        return shelf.find(recipe.key());
    }

    /** A copy to rehearse on, and how it came about. */
    public record Copy(DataDirectory directory, DatasetFacts facts) {}

    /** Copies the dataset, after it was loaded if need be. */
    public Copy copy() throws SQLException, DatasetException, IOException, InterruptedException {
        shelf.use(recipe.key(), this::tellOfWaiting);
        Optional<Copy> copy = copyFromShelf();
        if (copy.isPresent()) {
            return copy.get();
        }
        make();
        return copyFromShelf().orElseThrow(this::removed);
    }

    /** Nobody can remove the dataset meanwhile, but others may copy it. */
    private Optional<Copy> copyFromShelf() throws IOException, InterruptedException {
        try (ShelfLock reading = shelf.lock(recipe.key(), true, this::tellOfWaiting)) {
            Optional<Golden> golden = shelf.find(recipe.key());
            return golden.isPresent() && isWhole(golden.get(), reading)
                    ? Optional.of(copied(golden.get(), reading))
                    : Optional.empty();
        }
    }

    private Copy copied(Golden golden, ShelfLock reading) throws IOException {
        String task = "copying the dataset";
        progress.report(ProgressEvent.started(task, 0, null));
        long start = System.nanoTime();
        discardEmpty();
        DataDirectory copy = host.copy(shelf.directoryOf(golden, reading));
        double seconds = (System.nanoTime() - start) / 1e9;
        progress.report(ProgressEvent.finished(task));
        DatasetFacts loaded = justLoaded;
        justLoaded = null;
        return new Copy(
                copy,
                (loaded != null
                                ? loaded
                                : new DatasetFacts("generated", true, seconds, golden.madeAt(), golden.tables()))
                        .with(
                                golden.fidelity() == null
                                        ? null
                                        : golden.fidelity().worst()));
    }

    /** Loads the dataset unless it is on the shelf, as it was put there. */
    public void make() throws SQLException, DatasetException, IOException, InterruptedException {
        shelf.use(recipe.key(), this::tellOfWaiting);
        try (ShelfLock making = shelf.lock(recipe.key(), false, this::tellOfWaiting)) {
            Optional<Golden> found = shelf.find(recipe.key());
            if (found.isPresent() && isWhole(found.get(), making)) {
                return;
            }
            if (found.isPresent()) {
                progress.report(ProgressEvent.notice("The kept dataset "
                        + found.get().id() + " is not as it was left: somebody wrote there. It is made again."));
                shelf.discard(found.get(), making);
            }
            load(making);
        }
    }

    private void load(ShelfLock making) throws SQLException, DatasetException, IOException, InterruptedException {
        DataDirectory directory = empty;
        if (directory == null) {
            throw removed();
        }
        DatasetLoader loader = new DatasetLoader(progress);
        DatasetFacts facts;
        String version;
        try (RunningServer server = host.start(directory, loading(recipe.settings()))) {
            version = server.facts().version();
            LoadedDataset loaded = loader.load(server.superuser(), prepared);
            List<TableFacts> settled = loader.settle(server.superuser(), prepared);
            server.stop();
            facts = new DatasetFacts(
                    "generated",
                    false,
                    loaded.seconds(),
                    Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                    settled);
        }
        empty = null;
        shelf.put(label(directory, facts, version), directory, host, supervisor, making);
        justLoaded = facts;
        shelf.keepToLimit(notice -> progress.report(ProgressEvent.notice(notice)));
    }

    private Golden label(DataDirectory directory, DatasetFacts facts, String version) {
        return new Golden(
                recipe.key().id(),
                recipe.key().digest(),
                recipe.scenario(),
                recipe.size(),
                host.kind(),
                version,
                "",
                directory.locale(),
                directory.preloadLibraries(),
                "",
                0,
                facts.madeAt(),
                facts.seconds(),
                facts.tables(),
                facts.fidelity());
    }

    private boolean isWhole(Golden golden, ShelfLock lock) throws IOException {
        return host.contents(shelf.directoryOf(golden, lock)).fingerprint().equals(golden.fingerprint());
    }

    private void discardEmpty() {
        DataDirectory directory = empty;
        if (directory != null) {
            empty = null;
            host.remove(directory);
        }
    }

    private ServerProblem removed() {
        return new ServerProblem(
                "The kept dataset " + recipe.key().id() + " was removed or changed while this run used it.",
                "There is nothing to copy.",
                "Run again: it is made again then.");
    }

    private void tellOfWaiting() {
        progress.report(ProgressEvent.notice(
                "Another run makes or removes the dataset " + recipe.key().id() + ": waiting for it."));
    }
}
