package dev.pgrehearse.server;

import dev.pgrehearse.process.Account;
import dev.pgrehearse.process.DirectoryTree;
import dev.pgrehearse.process.Remains;
import dev.pgrehearse.process.Supervisor;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.UUID;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * PostgreSQL's binaries from the tool's own jar, unpacked once into the cache under the archive's digest.
 *
 * <p>Unpacked beside, synced, then renamed: a half-unpacked directory never has the right name, and of two runs that
 * unpack at once one wins and the other uses what the first one made.
 *
 * @param home the directory that holds {@code bin}, {@code lib} and {@code share}
 */
record Binaries(Path home) {
    private static final String NOTHING_STARTED = "Nothing was started.";
    private static final int OWNER_MAY_EXECUTE = 0100;

    static Binaries unpacked(Path cache, Supervisor supervisor) {
        String resource = resource();
        try {
            Path home = cache.resolve("binaries").resolve(digest(resource).substring(0, 32));
            if (!Files.isDirectory(home)) {
                unpack(resource, home, supervisor);
            }
            return new Binaries(home);
        } catch (IOException e) {
            throw new ServerProblem(
                    "PostgreSQL's binaries cannot be unpacked into " + cache + ": " + e,
                    NOTHING_STARTED,
                    "Free some disk (100 MB), or name another directory in " + CacheDirectory.SWITCH + ".",
                    e);
        }
    }

    private static String resource() {
        String system = System.getProperty("os.name");
        String architecture = System.getProperty("os.arch");
        if (system.equals("Linux") && architecture.equals("amd64")) {
            return "/postgres-linux-x86_64.txz";
        }
        if (system.equals("Linux") && architecture.equals("aarch64")) {
            return "/postgres-linux-arm_64.txz";
        }
        throw new ServerProblem(
                "There are no embedded PostgreSQL binaries for " + system + " on " + architecture + ".",
                NOTHING_STARTED,
                "Let the scenario say `server: { kind: container, image: … }`.");
    }

    private static InputStream open(String resource) throws IOException {
        InputStream stream = Binaries.class.getResourceAsStream(resource);
        if (stream == null) {
            throw new IOException("the archive " + resource + " is missing in the program");
        }
        return stream;
    }

    private static String digest(String resource) throws IOException {
        try (InputStream in = open(resource)) {
            return DigestUtils.sha256Hex(in);
        }
    }

    private static void unpack(String resource, Path home, Supervisor supervisor) throws IOException {
        Files.createDirectories(home.getParent());
        Path beside = home.resolveSibling(home.getFileName() + ".unpacking-" + UUID.randomUUID());
        Remains remains = new Remains.Directory(beside.toString());
        supervisor.hold(remains);
        try {
            Files.createDirectory(beside);
            try (TarArchiveInputStream tar =
                    new TarArchiveInputStream(new XZCompressorInputStream(new BufferedInputStream(open(resource))))) {
                for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                    unpackEntry(tar, entry, beside);
                }
            }
            openToAll(beside);
            ShortCommand.Answer synced = ShortCommand.run(List.of("sync", "-f", beside.toString()));
            if (!synced.succeeded()) {
                throw new IOException("sync -f " + beside + ": " + synced.output());
            }
            try {
                Files.move(beside, home, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                if (!Files.isDirectory(home)) {
                    throw e;
                }
                // Another run was faster; what it made is the same, by digest.
            }
        } finally {
            DirectoryTree.delete(beside);
            supervisor.release(remains);
        }
    }

    private static void unpackEntry(TarArchiveInputStream tar, TarArchiveEntry entry, Path root) throws IOException {
        Path target = root.resolve(entry.getName()).normalize();
        if (!target.startsWith(root)) {
            throw new IOException("the archive wants to write outside: " + entry.getName());
        }
        if (entry.isDirectory()) {
            Files.createDirectories(target);
            openToAll(target);
            return;
        }
        Files.createDirectories(target.getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
            return;
        }
        Files.copy(tar, target, StandardCopyOption.REPLACE_EXISTING);
        boolean executable = (entry.getMode() & OWNER_MAY_EXECUTE) != 0;
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
    }

    private static void openToAll(Path directory) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    String program(String name) {
        return home.resolve("bin").resolve(name).toString();
    }

    /** Whether an extension comes with them. */
    boolean hasExtension(String name) {
        return Files.exists(home.resolve("share").resolve("extension").resolve(name + ".control"))
                || Files.exists(home.resolve("share")
                        .resolve("postgresql")
                        .resolve("extension")
                        .resolve(name + ".control"));
    }

    /** Proves that the account can run them, and tells their major version. */
    int majorVersion(Account account) {
        ShortCommand.Answer answer = ShortCommand.run(account.command(List.of(program("postgres"), "--version")));
        if (!answer.succeeded()) {
            throw new ServerProblem(
                    "The embedded PostgreSQL cannot be run by " + account.description() + ": " + answer.output(),
                    NOTHING_STARTED,
                    "If its directory cannot be entered or is mounted noexec, name another one in "
                            + CacheDirectory.SWITCH + "; on a system without glibc use `server: { kind: container }`.");
        }
        // postgres (PostgreSQL) 18.6
        String number = answer.output().replaceFirst(".*\\) ", "").replaceFirst("[^0-9].*", "");
        return Integer.parseInt(number);
    }
}
