package dev.pgrehearse.rehearsal;

import dev.pgrehearse.plan.Rehearsal;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.SqlState;
import dev.pgrehearse.scenario.Conditions;
import dev.pgrehearse.scenario.NamedSql;
import dev.pgrehearse.scenario.StandbySpec;
import dev.pgrehearse.scenario.WorkloadSpec;
import dev.pgrehearse.server.DataDirectory;
import dev.pgrehearse.server.RunningServer;
import dev.pgrehearse.server.ServerHost;
import dev.pgrehearse.server.SettingRefused;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Whether a standby can be had as the scenario wants it: its settings, and that what runs on it only reads. */
final class StandbyCheck {
    private static final String BOUND = "SET LOCAL statement_timeout = '2s'";

    private final Rehearsal rehearsal;
    private final Consumer<String> mistakes;

    StandbyCheck(Rehearsal rehearsal, Consumer<String> mistakes) {
        this.rehearsal = rehearsal;
        this.mistakes = mistakes;
    }

    /** Has a server on an empty directory take the standby's own settings: each that it refuses is a mistake. */
    void settings(ServerHost host, DataDirectory empty) {
        Conditions conditions = rehearsal.variant().conditions();
        StandbySpec standby = conditions.standby();
        if (standby == null) {
            return;
        }
        Map<String, String> own = new LinkedHashMap<>(standby.settings());
        while (!own.isEmpty()) {
            try (RunningServer server = host.start(empty, own)) {
                server.stop();
                return;
            } catch (SettingRefused refused) {
                mistakes.accept(place(List.of("server", "standby", "settings", refused.setting()))
                        + "\n  the server says: " + refused.why());
                if (!own.keySet().removeIf(refused.setting()::equalsIgnoreCase)) {
                    throw refused;
                }
            }
        }
    }

    /**
     * Runs the operations that are to run on the standby in a READ ONLY transaction, on a database that has the schema and no
     * rows, with NULL for each parameter: one that writes is a mistake. Any other error says nothing, since it may be
     * NULL's. What a function writes only when it finds rows shows on the standby itself, before the load.
     */
    void reads(ConnectionDetails app) throws SQLException {
        for (WorkloadSpec.Operation operation :
                rehearsal.variant().conditions().workload().operations()) {
            if (operation.onStandby()) {
                try (Connection connection = app.open("pgrehearse check", Map.of("stringtype", "unspecified"))) {
                    connection.setReadOnly(true);
                    connection.setAutoCommit(false);
                    read(connection, operation);
                    connection.rollback();
                }
            }
        }
    }

    private void read(Connection connection, WorkloadSpec.Operation operation) throws SQLException {
        try (PreparedStatement bound = connection.prepareStatement(BOUND)) {
            bound.execute();
        }
        for (WorkloadSpec.Statement statement : operation.statements()) {
            NamedSql named = NamedSql.parse(statement.sql());
            try (PreparedStatement prepared = connection.prepareStatement(named.jdbc())) {
                for (int i = 1; i <= named.parameters().size(); i++) {
                    prepared.setNull(i, Types.OTHER);
                }
                boolean unused = prepared.execute();
            } catch (SQLException refused) {
                if (SqlState.READ_ONLY.equals(refused.getSQLState())) {
                    mistakes.accept(RefusedSql.inWords(
                                    place(List.of("workload", "operations", operation.name(), "sql")),
                                    statement.sql(),
                                    named,
                                    refused)
                            + "; expected: a statement that only reads, since the operation is `on: standby`");
                }
                return;
            }
        }
    }

    private String place(List<String> path) {
        return rehearsal.scenario().places().of(rehearsal.variant().name(), path);
    }
}
