package dev.pgrehearse.observe;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files of the watched database, in its server's directories now. What they hold is on the disk whether or not a
 * transaction has committed it: the new file of a rewrite is in no catalogue until the end, and gone at once after a
 * rollback.
 *
 * <p>Read through the server's own functions ({@code pg_ls_dir}, {@code pg_stat_file}), which look at directories and take no
 * lock on a table; so it works wherever the server runs, and needs no right to its files. Used by one thread at a time.
 *
 * <p>Source of the places and names: documentation, "Database File Layout"; of {@code pgsql_tmp} and its directories
 * {@code src/backend/storage/file/fileset.c}.
 */
final class DataFiles {
    /** A relation's storage: {@code 24601}, {@code 24601.1}, {@code 24601_vm}, of a temporary table {@code t3_24601}. */
    private static final Pattern RELATION_FILE = Pattern.compile("((?:t\\d+_)?\\d+)(?:_[a-z]+)?(?:\\.\\d+)?");

    private static final String FILES = """
            WITH spaces AS (
              SELECT 'base' AS place
              UNION ALL
              SELECT 'pg_tblspc/' || t.oid || '/' || version.name
                FROM pg_catalog.pg_tablespace t,
                     pg_catalog.pg_ls_dir('pg_tblspc/' || t.oid, true, false) version(name)
               WHERE t.spcname NOT IN ('pg_default', 'pg_global') AND version.name LIKE 'PG\\_%'
            ), temporary AS (
              SELECT place || '/pgsql_tmp' AS place FROM spaces
              UNION ALL
              SELECT s.place || '/pgsql_tmp/' || f.name
                FROM spaces s, pg_catalog.pg_ls_dir(s.place || '/pgsql_tmp', true, false) f(name)
               WHERE f.name LIKE '%fileset'
            ), places AS (
              SELECT 'relation' AS kind, s.place || '/' || d.oid AS place
                FROM spaces s, pg_catalog.pg_database d WHERE d.datname = current_database()
              UNION ALL SELECT 'temporary', place FROM temporary
              UNION ALL SELECT 'wal', 'pg_wal'
            )
            SELECT p.kind, p.place, f.name, file.size
              FROM places p,
                   pg_catalog.pg_ls_dir(p.place, true, false) f(name),
                   pg_catalog.pg_stat_file(p.place || '/' || f.name, true) file
             WHERE NOT file.isdir
            """;

    /**
     * What was there at one moment.
     *
     * @param relations bytes of each relation of the database by its path as {@code pg_relation_filepath} writes it, all
     *     segments and forks together
     * @param temporaryBytes sorts and hashes that did not fit into memory, of all sessions
     * @param walBytes in {@code pg_wal}, recycled segments among them
     */
    record Reading(Map<String, Long> relations, long temporaryBytes, long walBytes) {
        long relationBytes() {
            return relations.values().stream().mapToLong(Long::longValue).sum();
        }

        /** All that a migration can make grow. */
        long totalBytes() {
            return relationBytes() + temporaryBytes + walBytes;
        }

        /** Bytes of the relations' files that an earlier reading did not have. */
        long newSince(Reading earlier) {
            long bytes = 0;
            for (Map.Entry<String, Long> file : relations.entrySet()) {
                if (!earlier.relations().containsKey(file.getKey())) {
                    bytes += file.getValue();
                }
            }
            return bytes;
        }
    }

    private final PreparedStatement files;

    /**
     * Reads through a connection.
     *
     * @param connection to the watched database, of a superuser or a member of {@code pg_monitor} and
     *     {@code pg_read_server_files}
     */
    DataFiles(Connection connection) throws SQLException {
        this.files = connection.prepareStatement(FILES);
    }

    /**
     * Looks now. A file that goes while it looks is left out.
     *
     * @throws SQLException when the server does not answer, or the role may not see its directories
     */
    Reading read() throws SQLException {
        Map<String, Long> relations = new HashMap<>();
        long temporary = 0;
        long wal = 0;
        try (ResultSet rows = files.executeQuery()) {
            while (rows.next()) {
                long size = rows.getLong(4);
                switch (rows.getString(1)) {
                    case "temporary" -> temporary += size;
                    case "wal" -> wal += size;
                    default -> {
                        Matcher file = RELATION_FILE.matcher(rows.getString(3));
                        if (file.matches()) {
                            relations.merge(rows.getString(2) + "/" + file.group(1), size, Long::sum);
                        }
                    }
                }
            }
        }
        return new Reading(relations, temporary, wal);
    }
}
