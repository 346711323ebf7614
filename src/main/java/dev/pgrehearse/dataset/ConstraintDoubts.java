package dev.pgrehearse.dataset;

import dev.pgrehearse.recording.Recording.Doubt;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** What generated rows cannot be expected to keep, or keep too well, by the catalogue alone. */
final class ConstraintDoubts {
    private static final String NOT_VALID = """
            select c.relname || '.' || o.conname
            from pg_catalog.pg_constraint o
            join pg_catalog.pg_class c on c.oid = o.conrelid
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where not o.convalidated and o.contype in ('c', 'f') and n.nspname !~ '^pg_|^information_schema$'
            order by 1
            """;

    private static final String ONLY_THE_SERVER_KNOWS = """
            select x.relname, i.indexprs is not null, i.indisexclusion
            from pg_catalog.pg_index i
            join pg_catalog.pg_class x on x.oid = i.indexrelid and x.relkind = 'i'
            join pg_catalog.pg_namespace n on n.oid = x.relnamespace
            where (i.indisunique and (i.indexprs is not null or i.indpred is not null) or i.indisexclusion)
              and n.nspname !~ '^pg_|^information_schema$'
            order by 1
            """;

    private final Connection connection;

    ConstraintDoubts(Connection connection) {
        this.connection = connection;
    }

    /** About constraints that production's rows may violate, and generated ones do not. */
    List<Doubt> notValid() throws SQLException {
        List<String> names = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(NOT_VALID)) {
            while (row.next()) {
                names.add(row.getString(1));
            }
        }
        return names.isEmpty()
                ? List.of()
                : List.of(new Doubt(
                        "constraints-not-valid",
                        "Whether production's rows meet " + String.join(", ", names)
                                + ", which " + (names.size() == 1 ? "is" : "are")
                                + " NOT VALID there, nobody knows: generated rows do, so VALIDATE CONSTRAINT always passes"
                                + " here. Count the rows that do not in production first."));
    }

    /** About keys of which it shows only when they are built whether the generated rows keep them. */
    List<String> shownByTheServer() throws SQLException {
        List<String> notices = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(ONLY_THE_SERVER_KNOWS)) {
            while (row.next()) {
                String what = row.getBoolean(3)
                        ? "an exclusion constraint"
                        : row.getBoolean(2) ? "unique over an expression" : "unique over some rows";
                notices.add(row.getString(1) + " is " + what
                        + ": whether the generated rows keep it shows when it is built after the load. If they do not, give"
                        + " its columns a source under tables.");
            }
        }
        return notices;
    }
}
