package dev.pgrehearse.server;

import dev.pgrehearse.process.DirectoryTree;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * The files of another cluster's data directory, made ours: our configuration, nothing that leads out of the directory,
 * nothing that reaches another server.
 *
 * <p>Source: PostgreSQL's documentation, "Database File Layout" and "Continuous Archiving"; tablespaces within
 * {@code pg_tblspc} are read by every version, as {@code allow_in_place_tablespaces} makes them.
 */
final class PhysicalFiles {
    /** What tells the server to follow or to ask others, what was another machine's, and what other settings said. */
    private static final List<String> REMOVED = List.of(
            "standby.signal",
            "recovery.signal",
            "recovery.conf",
            "recovery.done",
            "postgresql.auto.conf",
            "postgresql.conf",
            "pg_hba.conf",
            "pg_ident.conf",
            "postmaster.opts",
            "postmaster.pid",
            "current_logfiles",
            "backup_manifest",
            // It would make the server link tablespaces to where they were.
            "tablespace_map");

    private PhysicalFiles() {}

    /** What forbids to use a directory; empty when nothing does. */
    static String complaint(Path directory, int major) throws IOException {
        Path version = directory.resolve("PG_VERSION");
        if (Files.notExists(version)) {
            return "it is no data directory: there is no PG_VERSION in it";
        }
        String found = Files.readString(version).strip();
        if (!found.equals(Integer.toString(major))) {
            return "it is of PostgreSQL " + found + ", and the server is of " + major;
        }
        if (Files.exists(directory.resolve("postmaster.pid"))) {
            return "a server uses it, or it was copied from under one (postmaster.pid is there)";
        }
        return Files.exists(directory.resolve("global").resolve("pg_control"))
                ? ""
                : "it is not whole: there is no global/pg_control in it";
    }

    /** Makes a copy ours; ownership apart. */
    static void adopt(Path copy) throws IOException {
        for (String name : REMOVED) {
            DirectoryTree.delete(copy.resolve(name));
        }
        for (Path link : links(copy)) {
            replaceByItsTarget(link);
        }
        // A base backup need not have the empty ones, and tar leaves some out.
        for (String name : List.of(
                "pg_wal",
                "pg_tblspc",
                "pg_replslot",
                "pg_stat",
                "pg_stat_tmp",
                "pg_snapshots",
                "pg_notify",
                "pg_serial",
                "pg_dynshmem",
                "pg_commit_ts",
                "pg_twophase",
                "pg_subtrans",
                "pg_logical")) {
            Files.createDirectories(copy.resolve(name));
        }
        // A slot would keep WAL for a consumer that never comes.
        try (DirectoryStream<Path> slots = Files.newDirectoryStream(copy.resolve("pg_replslot"))) {
            for (Path slot : slots) {
                DirectoryTree.delete(slot);
            }
        }
        DirectoryTree.delete(copy.resolve("log"));
        Files.writeString(copy.resolve("pg_hba.conf"), ClusterFiles.HBA);
        Files.writeString(copy.resolve("pg_ident.conf"), "");
        Files.writeString(copy.resolve("postgresql.conf"), ClusterFiles.INCLUDE);
        Files.writeString(copy.resolve("postgresql.auto.conf"), "");
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwx------"));
    }

    private static List<Path> links(Path copy) throws IOException {
        List<Path> links = new ArrayList<>();
        for (Path folder : List.of(copy, copy.resolve("pg_tblspc"))) {
            if (Files.isDirectory(folder)) {
                try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, Files::isSymbolicLink)) {
                    entries.forEach(links::add);
                }
            }
        }
        return links;
    }

    /** WAL or a tablespace elsewhere: the server would write there. */
    private static void replaceByItsTarget(Path link) throws IOException {
        Path target = link.resolveSibling(Files.readSymbolicLink(link)).normalize();
        if (!Files.isDirectory(target)) {
            throw new IOException(link + " is a link to " + target
                    + ", which is no directory here: a tablespace, or WAL, that the backup does not hold");
        }
        Files.delete(link);
        ShortCommand.Answer copied =
                ShortCommand.unbounded(List.of("cp", "-a", "--reflink=auto", target.toString(), link.toString()));
        if (!copied.succeeded()) {
            throw new IOException("copying " + target + ": " + copied.output());
        }
    }
}
