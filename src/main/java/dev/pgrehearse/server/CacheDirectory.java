package dev.pgrehearse.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Where unpacked binaries and running data directories are.
 *
 * <p>{@code PGREHEARSE_CACHE} (environment or system property) wins; root has {@code /var/cache/pgrehearse}, since an
 * unprivileged account must get there and cannot enter root's home; everybody else {@code $XDG_CACHE_HOME/pgrehearse}
 * or {@code ~/.cache/pgrehearse}.
 */
public final class CacheDirectory {
    /** Environment variable and system property that names the directory. */
    public static final String SWITCH = "PGREHEARSE_CACHE";

    private CacheDirectory() {}

    /** The directory, made when it is missing. */
    public static Path find() {
        Path directory = choose();
        try {
            boolean root = "root".equals(System.getProperty("user.name"));
            if (!Files.isDirectory(directory)) {
                Files.createDirectories(directory);
                Files.setPosixFilePermissions(
                        directory, PosixFilePermissions.fromString(root ? "rwxr-xr-x" : "rwx------"));
            }
            return directory.toRealPath();
        } catch (IOException e) {
            throw new ServerProblem(
                    "The cache directory " + directory + " cannot be made: " + e,
                    "Nothing was started.",
                    "Make it, or name another one in " + SWITCH + ".",
                    e);
        }
    }

    /** The directory, whether it exists or not. */
    static Path choose() {
        return chosen().toAbsolutePath().normalize();
    }

    private static Path chosen() {
        String environment = System.getenv(SWITCH);
        String wanted = System.getProperty(SWITCH, environment == null ? "" : environment);
        if (!wanted.isBlank()) {
            return Path.of(wanted);
        }
        if ("root".equals(System.getProperty("user.name"))) {
            return Path.of("/var/cache/pgrehearse");
        }
        String cacheHome = System.getenv("XDG_CACHE_HOME");
        return cacheHome == null || cacheHome.isBlank()
                ? Path.of(System.getProperty("user.home"), ".cache", "pgrehearse")
                : Path.of(cacheHome, "pgrehearse");
    }
}
