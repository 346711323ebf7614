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

/**
 * The names of relations by oid, read from {@code pg_class}: reading the catalogue does not wait for locks on the tables
 * it tells of. A relation keeps the name under which it was first seen, whatever the migration renames or drops.
 *
 * <p>Used by one thread.
 */
final class RelationNames {
    /** An oid that the catalogue does not show yet, because its transaction is open, is looked up again after this. */
    private static final long RETRY_NANOS = 1_000_000_000;

    private static final String NAMES = "SELECT c.oid::bigint, " + RelationName.NAME + RelationName.FROM;

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

    /** Looks up those that are not known yet, at once; those not found are not asked for again for a while. */
    void learn(LockTable table, long nowNanos) throws SQLException {
        Set<Long> unknown = new HashSet<>();
        for (LockRow row : table.rows()) {
            if (row.relation() != 0
                    && isOfThisDatabase(row)
                    && !names.containsKey(row.relation())
                    && missingUntil.getOrDefault(row.relation(), Long.MIN_VALUE) <= nowNanos) {
                unknown.add(row.relation());
            }
        }
        if (unknown.isEmpty()) {
            return;
        }
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

    /** The locked object in words: {@code orders}, {@code (tuple) orders}, {@code (transaction)}. */
    String describe(LockRow row) {
        String relation = row.relation() == 0 ? "" : relationOf(row);
        return switch (row.lockType()) {
            case LockRow.RELATION -> relation;
            case "transactionid" -> "(transaction)";
            case "virtualxid" -> "(virtual transaction)";
            case "advisory" -> "(advisory lock)";
            case "spectoken" -> "(speculative token)";
            default -> relation.isEmpty() ? "(" + row.lockType() + ")" : "(" + row.lockType() + ") " + relation;
        };
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
