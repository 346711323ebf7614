package dev.pgrehearse.observe;

import dev.pgrehearse.postgres.RelationName;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of relations by oid, read from {@code pg_class}: reading the catalogue does not wait for locks on the tables
 * it tells of. A relation keeps its name when it is dropped, and another one that it was given once that is read again.
 *
 * <p>Used by one thread.
 */
final class RelationNames {
    /** An oid that the catalogue does not show yet, because its transaction is open, is looked up again after this. */
    private static final long RETRY_NANOS = 1_000_000_000;

    private static final String NAMES = "SELECT c.oid::bigint, " + RelationName.NAME + RelationName.FROM;

    /** {@code DescribeLockTag} in {@code src/backend/storage/lmgr/lmgr.c} says it so. */
    private static final Pattern LOGGED_RELATION = Pattern.compile(
            "(?:(extension|tuple|page)(?: \\(\\d+,\\d+\\)| \\d+)? of )?relation (\\d+) of database (\\d+)");

    private static final Map<String, String> LOGGED_KINDS = Map.of(
            "transaction ", "(transaction)",
            "virtual transaction ", "(virtual transaction)",
            "advisory lock ", "(advisory lock)",
            "speculative token ", "(speculative token)",
            "object ", "(object)",
            "user lock ", "(userlock)");

    private final Connection connection;
    private final Map<Long, String> names = new HashMap<>();
    private final Map<Long, Long> missingUntil = new HashMap<>();
    private long database;

    RelationNames(Connection connection) {
        this.connection = connection;
    }

    void readAll() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                        "SELECT oid::bigint FROM pg_catalog.pg_database WHERE datname = current_database()");
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            database = rows.getLong(1);
        }
        try (PreparedStatement statement = connection.prepareStatement(NAMES);
                ResultSet rows = statement.executeQuery()) {
            add(rows);
        }
    }

    /**
     * Reads all of them anew: one may be another table's by now.
     *
     * @return whether any is another than before
     */
    boolean readAgain() throws SQLException {
        boolean changed = false;
        try (PreparedStatement statement = connection.prepareStatement(NAMES);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                String name = rows.getString(2);
                String before = names.put(rows.getLong(1), name);
                changed |= before != null && !before.equals(name);
            }
        }
        return changed;
    }

    /** Looks up those that are not known yet, at once; those not found are not asked for again for a while. */
    void learn(LockTable table, long nowNanos) throws SQLException {
        Set<Long> unknown = new HashSet<>();
        for (LockRow row : table.rows()) {
            if (row.relation() != 0 && isOfThisDatabase(row) && isToBeAsked(row.relation(), nowNanos)) {
                unknown.add(row.relation());
            }
        }
        if (!unknown.isEmpty()) {
            lookUp(unknown, nowNanos);
        }
    }

    /** What the catalogue did not show is asked for again. */
    void askAgain() {
        missingUntil.clear();
    }

    private boolean isToBeAsked(long oid, long nowNanos) {
        return !names.containsKey(oid) && missingUntil.getOrDefault(oid, Long.MIN_VALUE) <= nowNanos;
    }

    private void lookUp(Set<Long> unknown, long nowNanos) throws SQLException {
        Array oids = connection.createArrayOf("bigint", unknown.toArray());
        try (PreparedStatement statement =
                connection.prepareStatement(NAMES + " WHERE c.oid = ANY ((?::bigint[])::oid[])")) {
            statement.setArray(1, oids);
            try (ResultSet rows = statement.executeQuery()) {
                add(rows);
            }
        } finally {
            oids.free();
        }
        for (long oid : unknown) {
            if (!names.containsKey(oid)) {
                missingUntil.put(oid, nowNanos + RETRY_NANOS);
            }
        }
    }

    /** The same of a look that may show the row: {@code (transaction) orders}. */
    String describe(LockRow row, LockTable table) {
        return describe(row)
                + table.rowOf(row).map(tuple -> " " + relationOf(tuple)).orElse("");
    }

    /** The locked object in words: {@code orders}, {@code (tuple) orders}, {@code (transaction)}. */
    String describe(LockRow row) {
        String relation = row.relation() == 0 ? "" : relationOf(row);
        return switch (row.lockType()) {
            case LockRow.RELATION -> relation;
            case LockRow.TRANSACTION -> "(transaction)";
            case "virtualxid" -> "(virtual transaction)";
            case LockRow.ADVISORY -> "(advisory lock)";
            case "spectoken" -> "(speculative token)";
            default -> relation.isEmpty() ? "(" + row.lockType() + ")" : "(" + row.lockType() + ") " + relation;
        };
    }

    /**
     * The same of an object in the words of the server's log, such as {@code tuple (0,1) of relation 16384 of database 5}: one
     * that has no other words here stays as the log has it, in brackets.
     *
     * @throws SQLException when a name that is not known yet cannot be looked up
     */
    String describeLogged(String object, long nowNanos) throws SQLException {
        for (Map.Entry<String, String> kind : LOGGED_KINDS.entrySet()) {
            if (object.startsWith(kind.getKey())) {
                return kind.getValue();
            }
        }
        Matcher relation = LOGGED_RELATION.matcher(object);
        if (!relation.matches()) {
            return "(" + object + ")";
        }
        String kind = relation.group(1) == null ? "" : "(" + relation.group(1).replace("extension", "extend") + ") ";
        long oid = Long.parseLong(relation.group(2));
        long itsDatabase = Long.parseLong(relation.group(3));
        if (itsDatabase != database && itsDatabase != 0) {
            return kind + "oid " + oid + " of another database";
        }
        if (isToBeAsked(oid, nowNanos)) {
            lookUp(Set.of(oid), nowNanos);
        }
        return kind + names.getOrDefault(oid, "oid " + oid);
    }

    private String relationOf(LockRow row) {
        if (!isOfThisDatabase(row)) {
            return "oid " + row.relation() + " of another database";
        }
        return names.getOrDefault(row.relation(), "oid " + row.relation());
    }

    private boolean isOfThisDatabase(LockRow row) {
        return row.database() == database || row.database() == 0;
    }

    private void add(ResultSet rows) throws SQLException {
        while (rows.next()) {
            names.putIfAbsent(rows.getLong(1), rows.getString(2));
        }
    }
}
