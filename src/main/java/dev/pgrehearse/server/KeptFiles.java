package dev.pgrehearse.server;

import dev.pgrehearse.postgres.Password;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;

/**
 * Where kept data directories, and the passwords of their servers, are: {@code <cache>/kept}.
 *
 * @param directory the name of the data directory there
 * @param passwords a password file as libpq reads it, mode 0600
 */
record KeptFiles(Path directory, Path passwords) {
    /** The port that is proposed for a server on a kept directory. */
    static final int PORT = 54320;

    /** Makes the password file; the data directory is the caller's to move. */
    static KeptFiles make(Path cache, String name, Password superuser, Password app) throws IOException {
        Path kept = Files.createDirectories(cache.resolve("kept"));
        String unique = name + "-" + UUID.randomUUID().toString().substring(0, 8);
        Path passwords = Files.createFile(
                kept.resolve(unique + ".pgpass"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(
                passwords,
                "*:*:*:" + DataDirectory.SUPERUSER + ":" + superuser.reveal() + "\n*:*:*:" + DataDirectory.APP + ":"
                        + app.reveal() + "\n");
        return new KeptFiles(kept.resolve(unique), passwords);
    }

    String connect() {
        return "PGPASSFILE=" + passwords + " psql -h 127.0.0.1 -p " + PORT + " -U " + DataDirectory.SUPERUSER + " "
                + DataDirectory.DATABASE;
    }
}
