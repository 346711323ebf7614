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
                long heap = 0;
                long indexes = 0;
                for (CatalogueTable leaf : table.leaves()) {
                    query.setLong(1, leaf.oid());
                    query.setLong(2, leaf.oid());
                    try (ResultSet row = query.executeQuery()) {
                        row.next();
                        heap += row.getLong(1);
                        indexes += row.getLong(2);
                    }
                }
                facts.add(new TableFacts(table.name(), table.rows(), heap, indexes));
            }
        }
        return facts;
    }
}
