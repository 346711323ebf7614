package dev.pgrehearse.server;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Password;
import dev.pgrehearse.process.Account;
import dev.pgrehearse.process.DirectoryTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What makes a standby of a copied data directory, and a primary that lets it in of the other. The password is in a file
 * that only the server's account may read, never in a setting, a command line or a log.
 */
final class StandbyFiles {
    /** The role that the standby connects as, and what it calls itself in {@code pg_stat_replication}. */
    static final String ROLE = "pgrehearse_standby";

    /** Keeps the WAL that the standby has not got yet. */
    static final String SLOT = "pgrehearse_standby";

    private static final String PASSWORDS = "pgrehearse.standby.pgpass";

    private static final String ENTRY = """
            host    replication  %s  127.0.0.1/32  scram-sha-256
            """.formatted(ROLE);

    private StandbyFiles() {}

    /** Lets the standby's role in; {@code all} databases do not include replication. */
    static void letIn(Path primary) throws IOException {
        Files.writeString(primary.resolve("pg_hba.conf"), ENTRY, StandardOpenOption.APPEND);
    }

    /** Makes a standby of a copy; its settings are {@link #settings}. */
    static void follow(Path copy, ConnectionDetails primary, Password password, Account account) throws IOException {
        Path signal = copy.resolve("standby.signal");
        Files.writeString(signal, "");
        account.take(signal);
        Path passwords = copy.resolve(PASSWORDS);
        Files.createFile(passwords, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        account.take(passwords);
        Files.writeString(
                passwords, primary.host() + ":" + primary.port() + ":*:" + ROLE + ":" + password.reveal() + "\n");
    }

    /** What the standby of a copy needs for itself. */
    static Map<String, String> settings(Path copy, ConnectionDetails primary) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("hot_standby", "on");
        settings.put("primary_slot_name", SLOT);
        settings.put(
                "primary_conninfo",
                "host=" + primary.host() + " port=" + primary.port() + " user=" + ROLE + " application_name=" + ROLE
                        + " sslmode=disable gssencmode=disable passfile='"
                        + copy.resolve(PASSWORDS)
                                .toString()
                                .replace("\\", "\\\\")
                                .replace("'", "\\'") + "'");
        return settings;
    }

    /** Removes the slot of a primary that has ended and is kept: nobody comes any more for what it would keep. */
    static void forget(Path primary) throws IOException {
        DirectoryTree.delete(primary.resolve("pg_replslot").resolve(SLOT));
    }
}
