package dev.pgrehearse.golden;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.github.dockerjava.api.exception.DockerException;
import dev.pgrehearse.postgres.Password;
import dev.pgrehearse.process.ContainerEngine;
import dev.pgrehearse.process.DirectoryTree;
import dev.pgrehearse.process.EngineMissing;
import dev.pgrehearse.process.Remains;
import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.server.CacheDirectory;
import dev.pgrehearse.server.Contents;
import dev.pgrehearse.server.DataDirectory;
import dev.pgrehearse.server.ServerHost;
import dev.pgrehearse.server.ServerProblem;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where golden datasets are: {@code <cache>/datasets/<id>/}, with {@code dataset.json}, the passwords of its roles (mode
 * 0600) and, of an embedded server, the data directory itself.
 *
 * <p>A dataset is made elsewhere, put together in {@code <id>.making} and then renamed: what has the right name is whole.
 * Whatever ends the tool before that, the supervisor removes what there was. Beside each lie {@code <id>.lock}
 * and {@code <id>.use.lock}, which stay: the first is held by who makes, copies or removes it, the second by a run from
 * its first use of the dataset to its end, between copies too. Thread-safe; any number of processes may use one shelf.
 */
public final class Shelf {
    private static final String FACTS = "dataset.json";
    private static final String PASSWORDS = "passwords";
    private static final String MAKING = ".making";
    private static final String LOCK = ".lock";
    private static final String USE = ".use";
    /** Where an embedded server's data are below a dataset's folder. */
    private static final String DATA = "data";

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final Path folder;
    private final Map<String, ShelfLock> uses = new HashMap<>();

    private Shelf(Path folder) {
        this.folder = folder;
    }

    /** The shelf of this user's cache directory; the folder is made when it is missing. */
    public static Shelf open() {
        Path folder = CacheDirectory.find().resolve("datasets");
        Shelf shelf = new Shelf(folder);
        try {
            Files.createDirectories(folder);
            shelf.sweep();
            // A limit that says nothing is told now, not after a load.
            KeepLimit.find(folder, 0);
        } catch (IOException e) {
            throw new ServerProblem(
                    "The folder of kept datasets " + folder + " cannot be made or swept: " + e,
                    "Nothing was started.",
                    "Make room or rights there, or name another cache in " + CacheDirectory.SWITCH + ".",
                    e);
        }
        return shelf;
    }

    /** One dataset on the shelf, and what there is to say of its use. */
    public record Entry(Golden golden, Instant lastUsed, boolean inUse) {}

    /**
     * A dataset whose facts or passwords cannot be read. No run uses it: it is made again.
     *
     * @param bytes of an embedded server's data directory; empty when there is none here, as of a container's dataset,
     *     whose volume only its facts name
     */
    public record Unreadable(String id, OptionalLong bytes) {}

    /** All datasets that can be read, the last used first. */
    public List<Entry> list() throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (Path place : places()) {
            Golden golden = read(place);
            if (golden != null) {
                entries.add(new Entry(
                        golden, Files.getLastModifiedTime(place.resolve(FACTS)).toInstant(), isInUse(golden.id())));
            }
        }
        entries.sort(Comparator.comparing(Entry::lastUsed).reversed());
        return entries;
    }

    /** All others, by id. */
    public List<Unreadable> unreadable() throws IOException {
        List<Unreadable> broken = new ArrayList<>();
        for (Path place : places()) {
            if (read(place) == null) {
                broken.add(new Unreadable(place.getFileName().toString(), bytesIn(place.resolve(DATA))));
            }
        }
        broken.sort(Comparator.comparing(Unreadable::id));
        return broken;
    }

    private static OptionalLong bytesIn(Path data) throws IOException {
        if (!Files.isDirectory(data)) {
            return OptionalLong.empty();
        }
        try (Stream<Path> files = Files.walk(data)) {
            return OptionalLong.of(files.map(Path::toFile)
                    .filter(File::isFile)
                    .mapToLong(File::length)
                    .sum());
        }
    }

    private List<Path> places() throws IOException {
        List<Path> places = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, "*")) {
            for (Path place : all) {
                if (Files.isDirectory(place) && !place.toString().endsWith(MAKING)) {
                    places.add(place);
                }
            }
        }
        return places;
    }

    private boolean isInUse(String id) throws IOException {
        try (ShelfLock unused = ShelfLock.attempt(useFile(id), false);
                ShelfLock free = ShelfLock.attempt(lockFile(id), false)) {
            return unused == null || free == null;
        }
    }

    /** How much disk the datasets may take, as things are. */
    public KeepLimit limit() throws IOException {
        return KeepLimit.find(folder, bytes());
    }

    /** Of all that can be read. Touches no lock: who tries one makes others believe that they have to wait. */
    private long bytes() throws IOException {
        long bytes = 0;
        for (Path place : places()) {
            Golden golden = read(place);
            bytes += golden == null ? 0 : golden.bytes();
        }
        return bytes;
    }

    /**
     * Removes datasets, the one whose last use is longest ago first, until those that stay keep to the limit, or are all
     * in use.
     *
     * @param notices told of each
     */
    void keepToLimit(Consumer<String> notices) throws IOException {
        long kept = bytes();
        KeepLimit limit = KeepLimit.find(folder, kept);
        if (kept <= limit.bytes()) {
            return;
        }
        List<Entry> entries = new ArrayList<>(list());
        Collections.reverse(entries);
        for (Entry entry : entries) {
            if (kept <= limit.bytes()) {
                return;
            }
            Golden golden = entry.golden();
            String which = golden.id() + " (" + golden.scenario() + ", " + golden.size() + ", "
                    + gigabytes(golden.bytes()) + ", last used "
                    + entry.lastUsed().truncatedTo(ChronoUnit.SECONDS) + ")";
            try {
                if (remove(golden)) {
                    notices.accept("Removed the kept dataset " + which + ": all together took " + gigabytes(kept)
                            + ", and " + KeepLimit.SWITCH + " allows " + gigabytes(limit.bytes()) + ".");
                    kept -= golden.bytes();
                }
            } catch (IOException | EngineMissing refused) {
                notices.accept("The kept dataset " + which + " should make room and cannot be removed: "
                        + refused.getMessage() + ".");
            }
        }
        if (kept > limit.bytes()) {
            notices.accept("The kept datasets take " + gigabytes(kept) + ", more than the " + gigabytes(limit.bytes())
                    + " of " + KeepLimit.SWITCH + ": those that are left are in use or cannot be removed.");
        }
    }

    private static String gigabytes(long bytes) {
        return String.format(Locale.ROOT, "%,.2f GB", (double) bytes / (1L << 30));
    }

    /**
     * Has nobody remove a dataset, made or not, before this process ends or {@link #release} is called.
     *
     * @param waiting run once when somebody is just removing it
     */
    void use(GoldenKey key, Runnable waiting) throws IOException, InterruptedException {
        synchronized (uses) {
            if (!uses.containsKey(key.id())) {
                uses.put(key.id(), ShelfLock.await(useFile(key.id()), true, waiting));
            }
        }
    }

    /** Ends what {@link #use} began. */
    public void release() {
        synchronized (uses) {
            for (ShelfLock use : uses.values()) {
                try {
                    use.close();
                } catch (IOException e) {
                    throw new UncheckedIOException("a lock on a kept dataset cannot be given back", e);
                }
            }
            uses.clear();
        }
    }

    /**
     * Removes a dataset.
     *
     * @return whether that was possible: false when a run is using it
     * @throws IOException when something of it stays; it is on the shelf no more then
     */
    public boolean remove(Golden golden) throws IOException {
        try (ShelfLock unused = ShelfLock.attempt(useFile(golden.id()), false);
                ShelfLock mine = ShelfLock.attempt(lockFile(golden.id()), false)) {
            if (unused == null || mine == null) {
                return false;
            }
            discard(golden, mine);
            return true;
        }
    }

    /**
     * Removes what there is here of a dataset that cannot be read. A container's volume stays, since its name cannot be
     * read either.
     *
     * @return whether that was possible: false when a run is making it again
     * @throws IOException when something of it stays; it is on the shelf no more then
     */
    public boolean remove(Unreadable broken) throws IOException {
        try (ShelfLock mine = ShelfLock.attempt(lockFile(broken.id()), false)) {
            if (mine == null) {
                return false;
            }
            forget(broken.id());
            return true;
        }
    }

    /** The dataset of a key; empty when there is none. Who has no lock may find it gone a moment later. */
    public Optional<Golden> find(GoldenKey key) throws IOException {
        Golden golden = read(folder.resolve(key.id()));
        return golden != null && golden.digest().equals(key.digest()) ? Optional.of(golden) : Optional.empty();
    }

    /** Null when there is none, or none whose facts can be read: then it is made again. */
    private static @Nullable Golden read(Path place) throws IOException {
        try {
            Golden golden = JSON.readValue(Files.readString(place.resolve(FACTS)), Golden.class);
            return Files.readAllLines(place.resolve(PASSWORDS)).size() == 2 ? golden : null;
        } catch (NoSuchFileException | JsonProcessingException none) {
            return null;
        }
    }

    ShelfLock lock(GoldenKey key, boolean shared, Runnable waiting) throws IOException, InterruptedException {
        return ShelfLock.await(lockFile(key.id()), shared, waiting);
    }

    private Path lockFile(String id) {
        return folder.resolve(id + LOCK);
    }

    private Path useFile(String id) {
        return folder.resolve(id + USE + LOCK);
    }

    /**
     * The data directory, with its passwords; notes that it was used.
     *
     * @param held any lock on it
     */
    DataDirectory directoryOf(Golden golden, ShelfLock held) throws IOException {
        held.require(lockFile(golden.id()));
        Path place = folder.resolve(golden.id());
        List<String> passwords = Files.readAllLines(place.resolve(PASSWORDS));
        Files.setLastModifiedTime(place.resolve(FACTS), FileTime.from(Instant.now()));
        return new DataDirectory(
                golden.location(),
                new Password(passwords.get(0)),
                new Password(passwords.get(1)),
                golden.locale(),
                golden.preloadLibraries());
    }

    /**
     * Puts a cleanly stopped data directory here.
     *
     * @param label all but what is known only here: location, fingerprint, bytes
     * @param directory of the host's, whose it is no more afterwards
     * @param held the exclusive lock
     */
    Golden put(Golden label, DataDirectory directory, ServerHost host, Supervisor supervisor, ShelfLock held)
            throws IOException {
        held.require(lockFile(label.id()));
        Path place = folder.resolve(label.id());
        Path making = folder.resolve(label.id() + MAKING);
        // Of a tool and a supervisor that both died: who has the lock is alone here.
        DirectoryTree.delete(making);
        Remains remains = new Remains.Directory(making.toString());
        supervisor.hold(remains);
        Files.createDirectory(making, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        Contents contents = host.contents(directory);
        DataDirectory moved = host.shelve(directory, making, place);
        Golden golden = label.at(moved.location(), contents);
        write(making.resolve(FACTS), JSON.writeValueAsString(golden));
        write(
                making.resolve(PASSWORDS),
                moved.superuserPassword().reveal() + "\n" + moved.appPassword().reveal() + "\n");
        // One whose facts could not be read.
        DirectoryTree.delete(place);
        Files.move(making, place, StandardCopyOption.ATOMIC_MOVE);
        supervisor.release(remains);
        host.letOutlive(moved);
        return golden;
    }

    private static void write(Path file, String text) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    /**
     * Removes a dataset: a container's volume, then its name, then the rest.
     *
     * @param held the exclusive lock
     */
    void discard(Golden golden, ShelfLock held) throws IOException {
        held.require(lockFile(golden.id()));
        if (golden.kind().equals("container")) {
            // Before its name: a dataset without its volume is made again, a volume without a name would stay for ever.
            try {
                ContainerEngine.removeVolume(ContainerEngine.connect(), golden.location());
            } catch (DockerException refused) {
                throw new IOException("the volume " + golden.location() + " cannot be removed", refused);
            }
        }
        forget(golden.id());
    }

    /** First its name: what is left then, the next run sweeps away. */
    private void forget(String id) throws IOException {
        Path making = folder.resolve(id + MAKING);
        DirectoryTree.delete(making);
        try {
            Files.move(folder.resolve(id), making, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException gone) {
            // Another run has removed it since it was listed.
            return;
        }
        DirectoryTree.delete(making);
    }

    /** Removes what is half made or half removed, of processes that are dead. */
    private void sweep() throws IOException {
        try (DirectoryStream<Path> halves = Files.newDirectoryStream(folder, "*" + MAKING)) {
            for (Path half : halves) {
                String name = half.getFileName().toString();
                Path lockFile = lockFile(name.substring(0, name.length() - MAKING.length()));
                try (ShelfLock mine = ShelfLock.attempt(lockFile, false)) {
                    if (mine != null) {
                        DirectoryTree.delete(half);
                    }
                }
            }
        }
    }
}
