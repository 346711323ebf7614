package dev.pgrehearse.dataset;

import dev.pgrehearse.recording.Recording.TableFacts;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Measures tables on disk: the main fork of the heap, without TOAST, and all forks of all indexes. */
final class TableSizes {
    private TableSizes() {}

    static List<TableFacts> of(Connection connection, PreparedDataset dataset) throws SQLException {
        List<TableFacts> facts = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(
                "select pg_catalog.pg_relation_size(?::bigint::pg_catalog.oid::pg_catalog.regclass),"
                        + " pg_catalog.pg_indexes_size(?::bigint::pg_catalog.oid::pg_catalog.regclass)")) {
            for (TablePlan table : dataset.tables()) {
                query.setLong(1, table.table().oid());
                query.setLong(2, table.table().oid());
                try (ResultSet row = query.executeQuery()) {
                    row.next();
                    facts.add(new TableFacts(table.name(), table.rows(), row.getLong(1), row.getLong(2)));
                }
            }
        }
        return facts;
    }
}
