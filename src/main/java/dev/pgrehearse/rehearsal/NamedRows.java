package dev.pgrehearse.rehearsal;

import dev.pgrehearse.scenario.NamedSql;
import dev.pgrehearse.scenario.NearestName;
import dev.pgrehearse.scenario.WorkloadSpec;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Whether the columns that an operation's statements take from earlier ones ({@code :order.id}) are returned by those. */
final class NamedRows {
    private NamedRows() {}

    /**
     * What is wrong; the server describes each statement, and runs none.
     *
     * @throws SQLException when it cannot describe one
     */
    static List<String> mistakes(Connection connection, List<WorkloadSpec.Statement> statements, String place)
            throws SQLException {
        List<String> mistakes = new ArrayList<>();
        Map<String, List<String>> columns = new HashMap<>();
        for (WorkloadSpec.Statement statement : statements) {
            NamedSql named = NamedSql.parse(statement.sql());
            for (String parameter : named.parameters()) {
                int dot = parameter.indexOf('.');
                List<String> there = dot < 0 ? null : columns.get(parameter.substring(0, dot));
                String column = parameter.substring(dot + 1);
                if (there != null && !there.contains(column)) {
                    String nearest = NearestName.of(column, there);
                    mistakes.add(place + "\n  found `:" + parameter + "`, but that statement returns "
                            + (there.isEmpty() ? "no rows" : String.join(", ", there))
                            + (nearest == null ? "" : "; did you mean `" + nearest + "`?"));
                }
            }
            String as = statement.as();
            if (as != null) {
                columns.put(as, returned(connection, named));
            }
        }
        return mistakes;
    }

    private static List<String> returned(Connection connection, NamedSql named) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(named.jdbc())) {
            ResultSetMetaData rows = statement.getMetaData();
            List<String> names = new ArrayList<>();
            for (int i = 1; rows != null && i <= rows.getColumnCount(); i++) {
                names.add(rows.getColumnLabel(i));
            }
            return names;
        }
    }
}
