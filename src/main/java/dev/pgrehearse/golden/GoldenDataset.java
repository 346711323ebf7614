package dev.pgrehearse.golden;

import dev.pgrehearse.dataset.DatasetException;
import dev.pgrehearse.dataset.PreparedDataset;
import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import dev.pgrehearse.recording.Recording.DatasetFacts;
import dev.pgrehearse.recording.Recording.Doubt;
import dev.pgrehearse.restore.Restore;
import dev.pgrehearse.restore.RestoreMistake;
import dev.pgrehearse.server.DataDirectory;
import dev.pgrehearse.server.LoadingSettings;
import dev.pgrehearse.server.ServerHost;
import dev.pgrehearse.server.ServerProblem;
import java.io.IOException;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
    private final Maker maker;
    private final Progress progress;
    /** Of one that is restored, known when a copy of it has been looked at. */
    private @Nullable PreparedDataset prepared;
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

    private GoldenDataset(
            Shelf shelf,
            ServerHost host,
            Supervisor supervisor,
            Recipe recipe,
            Maker maker,
            @Nullable PreparedDataset prepared,
            Progress progress) {
        this.shelf = shelf;
        this.host = host;
        this.supervisor = supervisor;
        this.recipe = recipe;
        this.maker = maker;
        this.prepared = prepared;
        this.progress = progress;
    }

    /**
     * A dataset whose schema exists, and which is loaded when it is first asked for and not on the shelf.
     *
     * @param empty of the host's, cleanly stopped, with the schema in it
     * @param prepared how to fill it
     */
    public static GoldenDataset generated(
            Shelf shelf,
            ServerHost host,
            Supervisor supervisor,
            Recipe recipe,
            DataDirectory empty,
            PreparedDataset prepared,
            Progress progress) {
        Maker maker = new Generation(host, recipe.settings(), empty, prepared, progress);
        return new GoldenDataset(shelf, host, supervisor, recipe, maker, prepared, progress);
    }

    /** A dataset that is restored when it is first asked for and not on the shelf. */
    public static GoldenDataset restored(
            Shelf shelf, ServerHost host, Supervisor supervisor, Recipe recipe, Restore restore, Progress progress) {
        Maker maker = new Restoration(restore, recipe.settings());
        return new GoldenDataset(shelf, host, supervisor, recipe, maker, null, progress);
    }

    /** The settings for loading: those of the scenario, and over them those that make it fast. */
    public static Map<String, String> loading(Map<String, String> settings) {
        Map<String, String> merged = new HashMap<>(settings);
        merged.putAll(LoadingSettings.SETTINGS);
        return merged;
    }

    /** Its tables and keys; of one that is restored after {@link #isDescribedBy} only. */
    public PreparedDataset prepared() {
        return Objects.requireNonNull(prepared, "nobody has looked at what was restored");
    }

    /** Tells what a copy of one that is restored has shown. */
    public void isDescribedBy(PreparedDataset found) {
        prepared = found;
    }

    /** What is on the shelf of it; empty when it has to be loaded. */
    public Optional<Golden> onShelf() throws IOException {
        return shelf.find(recipe.key());
    }

    /**
     * A copy to rehearse on, and how it came about.
     *
     * @param doubts about the dataset, whatever is rehearsed on it
     */
    public record Copy(DataDirectory directory, DatasetFacts facts, List<Doubt> doubts) {}

    /** Copies the dataset, after it was loaded if need be. */
    public Copy copy() throws SQLException, DatasetException, IOException, InterruptedException {
        Copy copy = anyCopy();
        DatasetFacts loaded = justLoaded;
        justLoaded = null;
        return loaded == null
                ? copy
                : new Copy(copy.directory(), loaded.with(copy.facts().fidelity()), copy.doubts());
    }

    /** A copy that is only looked at: what is rehearsed on next is still the one that was just loaded. */
    public Copy copyToLookAt() throws SQLException, DatasetException, IOException, InterruptedException {
        return anyCopy();
    }

    private Copy anyCopy() throws SQLException, DatasetException, IOException, InterruptedException {
        shelf.use(recipe.key(), this::tellOfWaiting);
        Optional<Copy> copy = copyFromShelf();
        if (copy.isPresent()) {
            return copy.get();
        }
        try {
            make();
        } catch (RestoreMistake changed) {
            throw new DatasetException("What is restored is not what it was when this run began", changed);
        }
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
        maker.letGo();
        DataDirectory copy = host.copy(shelf.directoryOf(golden, reading));
        double seconds = (System.nanoTime() - start) / 1e9;
        progress.report(ProgressEvent.finished(task));
        return new Copy(
                copy,
                new DatasetFacts(
                        golden.restored() == null ? "generated" : "restored",
                        true,
                        seconds,
                        golden.madeAt(),
                        golden.tables(),
                        golden.restored(),
                        golden.fidelity() == null ? null : golden.fidelity().worst()),
                golden.doubts());
    }

    /**
     * Makes the dataset unless it is on the shelf, as it was put there.
     *
     * @throws RestoreMistake when what is to be restored cannot be
     */
    public void make() throws RestoreMistake, SQLException, DatasetException, IOException, InterruptedException {
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

    private void load(ShelfLock making)
            throws RestoreMistake, SQLException, DatasetException, IOException, InterruptedException {
        Maker.Made made = maker.make();
        shelf.put(label(made), made.directory(), host, supervisor, making);
        justLoaded = made.facts();
        shelf.keepToLimit(notice -> progress.report(ProgressEvent.notice(notice)));
    }

    private Golden label(Maker.Made made) {
        DatasetFacts facts = made.facts();
        return new Golden(
                recipe.key().id(),
                recipe.key().digest(),
                recipe.scenario(),
                recipe.size(),
                host.kind(),
                made.serverVersion(),
                "",
                made.directory().locale(),
                made.directory().preloadLibraries(),
                "",
                0,
                facts.madeAt(),
                facts.seconds(),
                facts.tables(),
                facts.restored(),
                made.doubts(),
                facts.fidelity());
    }

    private boolean isWhole(Golden golden, ShelfLock lock) throws IOException {
        return host.contents(shelf.directoryOf(golden, lock)).fingerprint().equals(golden.fingerprint());
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
