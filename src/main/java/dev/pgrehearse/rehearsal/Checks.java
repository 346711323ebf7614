package dev.pgrehearse.rehearsal;

import dev.pgrehearse.dataset.DatasetException;
import dev.pgrehearse.dataset.DatasetLoader;
import dev.pgrehearse.dataset.DatasetMistakes;
import dev.pgrehearse.dataset.PreparedDataset;
import dev.pgrehearse.migration.ScriptChecker;
import dev.pgrehearse.migration.ScriptMistake;
import dev.pgrehearse.migration.ScriptMistakes;
import dev.pgrehearse.migration.ScriptSplitter;
import dev.pgrehearse.migration.SqlStatement;
import dev.pgrehearse.plan.Rehearsal;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.scenario.AdversarySpec;
import dev.pgrehearse.scenario.Conditions;
import dev.pgrehearse.scenario.NamedSql;
import dev.pgrehearse.scenario.WorkloadSpec;
import dev.pgrehearse.server.DataDirectory;
import dev.pgrehearse.server.RunningServer;
import dev.pgrehearse.server.ServerHost;
import dev.pgrehearse.server.SettingRefused;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Has PostgreSQL read everything that a scenario wants it to run, on an empty database with the scenario's schema: no
 * statement of the workload or the migration is executed. Mistakes are gathered, so that one look shows them all.
 */
final class Checks {
    private final Progress progress;
    private final Set<String> mistakes = new LinkedHashSet<>();

    Checks(Progress progress) {
        this.progress = progress;
    }

    /** What was found so far. */
    List<String> mistakes() {
        return List.copyOf(mistakes);
    }

    /** Splits the migration's scripts; no server is needed for that. */
    void readScripts(Rehearsal rehearsal) throws IOException {
        try {
            if (statements(rehearsal).isEmpty()) {
                mistakes.add("variant " + rehearsal.variant().name() + ": its scripts hold no statement");
            }
        } catch (ScriptMistakes wrong) {
            wrong.mistakes().forEach(mistake -> mistakes.add(mistake.toString()));
        }
    }

    /** The migration's statements, in order. */
    static List<SqlStatement> statements(Rehearsal rehearsal) throws ScriptMistakes, IOException {
        return ScriptSplitter.split(rehearsal.variant().migration().scripts());
    }

    /**
     * Makes the schema in a fresh data directory, prepares its dataset, and has the server parse what will run on it.
     *
     * @param sharing the rehearsals that will use it, at least one
     * @return the dataset, not loaded yet; null when there was a mistake
     */
    @Nullable
    GoldenDataset prepare(ServerHost host, List<Rehearsal> sharing)
            throws SQLException, DatasetException, IOException, InterruptedException {
        Rehearsal first = sharing.get(0);
        Conditions conditions = first.variant().conditions();
        Map<String, String> settings = conditions.server().settings();
        DataDirectory directory = host.initialise();
        if (!startsWith(host, directory, settings)) {
            return null;
        }
        try (RunningServer server = host.start(directory, GoldenDataset.loading(settings))) {
            PreparedDataset prepared = new DatasetLoader(progress)
                    .prepare(server.superuser(), server.app(), conditions.dataset(), first.rows(), first.seed());
            for (Rehearsal rehearsal : sharing) {
                parse(server.app(), rehearsal);
            }
            server.stop();
            return new GoldenDataset(host, directory, prepared, settings, progress);
        } catch (DatasetMistakes wrong) {
            wrong.mistakes().forEach(mistake -> mistakes.add("dataset: " + mistake));
            return null;
        }
    }

    /** Whether the server takes the scenario's own settings, with which it will be measured. */
    private boolean startsWith(ServerHost host, DataDirectory directory, Map<String, String> settings) {
        if (settings.isEmpty()) {
            return true;
        }
        try (RunningServer server = host.start(directory, settings)) {
            server.stop();
            return true;
        } catch (SettingRefused refused) {
            mistakes.add(refused.getMessage());
            return false;
        }
    }

    private void parse(ConnectionDetails app, Rehearsal rehearsal) throws SQLException, IOException {
        Conditions conditions = rehearsal.variant().conditions();
        try (Connection connection = app.open("pgrehearse check", Map.of("stringtype", "unspecified"))) {
            for (WorkloadSpec.Operation operation : conditions.workload().operations()) {
                for (String sql : operation.statements()) {
                    parse(
                            connection,
                            NamedSql.parse(sql).jdbc(),
                            "workload.operations." + operation.name() + ".sql: " + sql.strip());
                }
            }
            for (AdversarySpec adversary : conditions.adversaries()) {
                String sql = adversary.sql();
                parse(
                        connection,
                        sql != null ? sql : "SELECT 1 FROM " + Quoted.table(adversary.table()),
                        "adversaries: " + adversary.kind().key() + " on " + adversary.table());
            }
        }
        try {
            for (ScriptMistake mistake : ScriptChecker.mistakes(app, statements(rehearsal))) {
                mistakes.add(mistake.toString());
            }
        } catch (ScriptMistakes wrong) {
            wrong.mistakes().forEach(mistake -> mistakes.add(mistake.toString()));
        }
    }

    /** The extended protocol's Parse and Describe: the server reads the statement, looks up its names, and runs nothing. */
    private void parse(Connection connection, String jdbcText, String where) {
        try (PreparedStatement statement = connection.prepareStatement(jdbcText)) {
            statement.getParameterMetaData();
        } catch (SQLException refused) {
            mistakes.add(where + "\n    the server says: " + refused.getMessage());
        }
    }
}
