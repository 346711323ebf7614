package dev.pgrehearse.server;

import dev.pgrehearse.process.Account;
import dev.pgrehearse.process.DirectoryTree;
import dev.pgrehearse.process.Remains;
import dev.pgrehearse.process.Signals;
import dev.pgrehearse.process.Supervisor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The directory of one run, for its data directories: {@code <cache>/runs/<id>}, mode 0700.
 *
 * <p>Beside it lies {@code <id>.lock}, locked as long as the tool lives: the kernel gives the lock back however the
 * tool ends. A run's directory whose lock is free was left by a crash of both tool and supervisor (of the machine, say)
 * and is removed at the next run's start, its server being ended first.
 */
final class RunDirectory implements AutoCloseable {
    private static final long END_BOUND_SECONDS = 5;

    /** Locks belong to the whole JVM, and closing any channel of a locked file gives them back: ours are never probed. */
    private static final Set<String> OWN = ConcurrentHashMap.newKeySet();

    private final String id;
    private final Path path;
    private final Path lockFile;
    private final FileChannel lockChannel;
    private final Supervisor supervisor;

    private RunDirectory(String id, Path path, Path lockFile, FileChannel lockChannel, Supervisor supervisor) {
        this.id = id;
        this.path = path;
        this.lockFile = lockFile;
        this.lockChannel = lockChannel;
        this.supervisor = supervisor;
    }

    static RunDirectory make(Path cache, Supervisor supervisor, Account account) {
        Path runs = cache.resolve("runs");
        try {
            Files.createDirectories(runs);
            // Within one JVM a second lock is an exception, not a wait.
            synchronized (RunDirectory.class) {
                try (FileChannel all = FileChannel.open(
                                runs.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                        FileLock whileMaking = all.lock()) {
                    sweep(runs);
                    return make(runs, whileMaking, supervisor, account);
                }
            }
        } catch (IOException e) {
            throw new ServerProblem(
                    "The directory of this run cannot be made in " + runs + ": " + e,
                    "Nothing was started.",
                    "Make room or rights there, or name another directory in " + CacheDirectory.SWITCH + ".",
                    e);
        }
    }

    private static RunDirectory make(Path runs, FileLock whileMaking, Supervisor supervisor, Account account)
            throws IOException {
        if (!whileMaking.isValid()) {
            throw new IOException("the lock of " + runs + " is gone");
        }
        String id = UUID.randomUUID().toString();
        OWN.add(id);
        Path path = runs.resolve(id);
        Path lockFile = runs.resolve(id + ".lock");
        supervisor.hold(new Remains.Directory(path.toString()));
        supervisor.hold(new Remains.Directory(lockFile.toString()));
        FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        if (channel.tryLock() == null) {
            channel.close();
            throw new IOException("the new lock " + lockFile + " is held by somebody else");
        }
        Files.createDirectory(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        account.take(path);
        return new RunDirectory(id, path, lockFile, channel, supervisor);
    }

    /** Removes what runs left whose tool and supervisor are both dead. */
    private static void sweep(Path runs) throws IOException {
        try (DirectoryStream<Path> locks = Files.newDirectoryStream(runs, "*.lock")) {
            for (Path lock : locks) {
                String id = lock.getFileName().toString().replaceFirst("\\.lock$", "");
                if (!OWN.contains(id) && isDead(lock)) {
                    Path left = runs.resolve(id);
                    endServers(left);
                    DirectoryTree.delete(left);
                    Files.deleteIfExists(lock);
                }
            }
        }
    }

    private static boolean isDead(Path lock) throws IOException {
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
                FileLock probe = channel.tryLock()) {
            return probe != null;
        } catch (NoSuchFileException e) {
            // Its supervisor has just removed it.
            return false;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static void endServers(Path run) throws IOException {
        if (!Files.isDirectory(run)) {
            return;
        }
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(run)) {
            for (Path directory : directories) {
                Path pidFile = directory.resolve("postmaster.pid");
                if (Files.exists(pidFile)) {
                    endServer(Long.parseLong(Files.readAllLines(pidFile).get(0).strip()), directory);
                }
            }
        }
    }

    private static void endServer(long pid, Path directory) throws IOException {
        Path commandLine = Path.of("/proc", Long.toString(pid), "cmdline");
        // A process id may be somebody else's by now: only a server of exactly this directory is ended.
        if (!Files.exists(commandLine)
                || !List.of(Files.readString(commandLine).split("\0")).contains(directory.toString())) {
            return;
        }
        ProcessHandle server = ProcessHandle.of(pid).orElse(null);
        if (server == null) {
            return;
        }
        Signals.send(pid, "QUIT");
        try {
            server.onExit().get(END_BOUND_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | java.util.concurrent.ExecutionException e) {
            server.destroyForcibly();
        } catch (InterruptedException e) {
            throw ServerProblem.interrupted("Ending the server that an earlier run left", e);
        }
    }

    Path path() {
        return path;
    }

    /** Removes the directory. */
    @Override
    public void close() {
        try {
            DirectoryTree.delete(path);
            supervisor.release(new Remains.Directory(path.toString()));
            Files.deleteIfExists(lockFile);
            lockChannel.close();
            supervisor.release(new Remains.Directory(lockFile.toString()));
            OWN.remove(id);
        } catch (IOException e) {
            throw new ServerProblem(
                    "The directory of this run cannot be removed: " + e,
                    "It is still at " + path + "; the supervisor tries again when the tool ends.",
                    "Remove it by hand if it stays.",
                    e);
        }
    }
}
