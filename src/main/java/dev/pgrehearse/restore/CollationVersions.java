package dev.pgrehearse.restore;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.recording.Recording.Doubt;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether text was sorted by the same version of its collations where the data come from: otherwise indexes on text may be
 * in an order that is wrong here, and searches of them miss rows.
 */
final class CollationVersions {
    private static final int FIRST_WITH_VERSION_OF_DATABASE = 15;

    private static final String OF_DATABASE = """
            select 'the database''s default', datcollversion, pg_catalog.pg_database_collation_actual_version(oid)
            from pg_catalog.pg_database
            where datname = current_database()
            """;

    /** Those of objects that users made. */
    private static final String OF_OBJECTS = """
            select c.collname, c.collversion, pg_catalog.pg_collation_actual_version(c.oid)
            from pg_catalog.pg_collation c
            where c.collversion is not null
              and exists (select from pg_catalog.pg_depend d
                          where d.refclassid = 'pg_catalog.pg_collation'::pg_catalog.regclass and d.refobjid = c.oid)
            order by 1
            """;

    private CollationVersions() {}

    static List<Doubt> doubts(ConnectionDetails superuser) throws SQLException {
        List<String> differing = new ArrayList<>();
        try (Connection connection = superuser.open("pgrehearse dataset");
                Statement statement = connection.createStatement()) {
            if (connection.getMetaData().getDatabaseMajorVersion() >= FIRST_WITH_VERSION_OF_DATABASE) {
                addDiffering(statement, OF_DATABASE, differing);
            }
            addDiffering(statement, OF_OBJECTS, differing);
        }
        return differing.isEmpty()
                ? List.of()
                : List.of(
                        new Doubt(
                                "collation-version",
                                "Text was sorted by other versions of its collations where the data come from ("
                                        + String.join("; ", differing)
                                        + "): indexes on text may be in an order that is wrong here, and searches may miss rows."));
    }

    private static void addDiffering(Statement statement, String query, List<String> differing) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            while (row.next()) {
                String stored = row.getString(2);
                String actual = row.getString(3);
                if (stored != null && !stored.equals(actual)) {
                    differing.add(row.getString(1) + ": " + stored + " there, " + (actual == null ? "none" : actual)
                            + " here");
                }
            }
        }
    }
}
