package dev.pgrehearse.rehearsal;

import dev.pgrehearse.dataset.DatasetException;
import dev.pgrehearse.dataset.DatasetLoader;
import dev.pgrehearse.dataset.DatasetMistake;
import dev.pgrehearse.dataset.DatasetMistakes;
import dev.pgrehearse.dataset.KeyColumn;
import dev.pgrehearse.dataset.PreparedDataset;
import dev.pgrehearse.dataset.RestoredTables;
import dev.pgrehearse.golden.GoldenDataset;
import dev.pgrehearse.golden.GoldenKey;
import dev.pgrehearse.golden.Shelf;
import dev.pgrehearse.migration.Migration;
import dev.pgrehearse.migration.ScriptChecker;
import dev.pgrehearse.migration.ScriptMistake;
import dev.pgrehearse.migration.ScriptMistakes;
import dev.pgrehearse.plan.Rehearsal;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import dev.pgrehearse.restore.Restore;
import dev.pgrehearse.restore.RestoreMistake;
import dev.pgrehearse.scenario.AdversarySpec;
import dev.pgrehearse.scenario.Conditions;
import dev.pgrehearse.scenario.NamedSql;
import dev.pgrehearse.scenario.RestoreSpec;
import dev.pgrehearse.scenario.ValueSpec;
import dev.pgrehearse.scenario.WorkloadSpec;
import dev.pgrehearse.server.DataDirectory;
import dev.pgrehearse.server.Room;
import dev.pgrehearse.server.RunningServer;
import dev.pgrehearse.server.ServerHost;
import dev.pgrehearse.server.SettingRefused;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Has PostgreSQL read everything that a scenario wants it to run, on an empty database with the scenario's schema: no
 * statement of the workload or the migration is executed. Mistakes are gathered, so that one look shows them all.
 */
final class Checks {
    private static final List<String> RESTORE = List.of("dataset", "restore");

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
            if (migration(rehearsal).statements().isEmpty()) {
                mistakes.add(place(
                                rehearsal,
                                List.of(
                                        "migration",
                                        "variants",
                                        rehearsal.variant().name(),
                                        "sql"))
                        + "\n  its scripts hold no statement; expected: one at least");
            }
        } catch (ScriptMistakes wrong) {
            wrong.mistakes().forEach(mistake -> mistakes.add(mistake.toString()));
        }
    }

    /** The migration, whose stops have no time yet. */
    private static Migration migration(Rehearsal rehearsal) throws ScriptMistakes, IOException {
        return Migration.read(rehearsal.variant().migration(), stop -> Duration.ZERO);
    }

    /**
     * Whether the host's disk holds what the rehearsals on it need.
     *
     * @param needed bytes
     */
    void room(ServerHost host, long needed) {
        Optional<Room> room = host.room();
        room.filter(free -> free.freeBytes() < needed)
                .ifPresent(free -> mistakes.add("the data do not fit: they need about " + gigabytes(needed) + ", and "
                        + gigabytes(free.freeBytes()) + " are free at " + free.place()
                        + "; expected: a smaller --size or --scale, or more room (`pgrehearse dataset list` shows what"
                        + " earlier runs keep)"));
    }

    private static String gigabytes(long bytes) {
        return String.format(Locale.ROOT, "%,.1f GB", (double) bytes / (1L << 30));
    }

    /**
     * Makes the schema in a fresh data directory, prepares its dataset, and has the server parse what will run on it.
     *
     * @param sharing the rehearsals that will use it, at least one
     * @return the dataset, not loaded yet; null when there was a mistake
     */
    @Nullable
    GoldenDataset prepare(ServerHost host, Supervisor supervisor, Shelf shelf, List<Rehearsal> sharing)
            throws SQLException, DatasetException, IOException, InterruptedException {
        RestoreSpec restore = sharing.get(0).data().dataset().restore();
        return restore == null
                ? prepareGenerated(host, supervisor, shelf, sharing)
                : prepareRestored(restore, host, supervisor, shelf, sharing);
    }

    private @Nullable GoldenDataset prepareGenerated(
            ServerHost host, Supervisor supervisor, Shelf shelf, List<Rehearsal> sharing)
            throws SQLException, DatasetException, IOException, InterruptedException {
        Rehearsal first = sharing.get(0);
        Conditions conditions = first.variant().conditions();
        DataDirectory directory = host.initialise();
        Map<String, String> settings = accepted(host, directory, first);
        sharing.forEach(rehearsal -> new StandbyCheck(rehearsal, mistakes::add).settings(host, directory));
        try (RunningServer server = host.start(directory, GoldenDataset.loading(settings))) {
            PreparedDataset prepared = null;
            boolean schema = true;
            try {
                prepared = new DatasetLoader(progress)
                        .prepare(server.superuser(), server.app(), conditions.dataset(), first.rows(), first.seed());
            } catch (DatasetMistakes wrong) {
                wrong.mistakes().forEach(mistake -> mistakes.add(inWords(first, mistake)));
                // A mistake about no table in particular is the schema file's: then there are no tables to look for.
                schema = wrong.mistakes().stream().allMatch(mistake -> mistake.table() != null);
            }
            parse(server, sharing, schema);
            server.stop();
            return prepared == null
                    ? null
                    : GoldenDataset.generated(
                            shelf, host, supervisor, recipe(host, first, prepared), directory, prepared, progress);
        }
    }

    /** The schema alone is restored where that can be; otherwise nothing is parsed before {@link #look}. */
    private @Nullable GoldenDataset prepareRestored(
            RestoreSpec spec, ServerHost host, Supervisor supervisor, Shelf shelf, List<Rehearsal> sharing)
            throws SQLException, DatasetException, IOException, InterruptedException {
        Rehearsal first = sharing.get(0);
        DataDirectory directory = host.initialise();
        Map<String, String> settings = accepted(host, directory, first);
        sharing.forEach(rehearsal -> new StandbyCheck(rehearsal, mistakes::add).settings(host, directory));
        try {
            Restore restore = Restore.of(spec, host, supervisor, progress);
            if (restore.hasSchemaApart()) {
                try (RunningServer server = host.start(directory, GoldenDataset.loading(settings))) {
                    restore.schema(server);
                    parse(server, sharing, true);
                    server.stop();
                }
            } else {
                progress.report(ProgressEvent.notice(spec.source().inWords()
                        + " has no schema apart from its data: statements are checked when it is restored."));
            }
            GoldenKey key = GoldenKey.ofRestored(host.identity(), GoldenDataset.loading(settings), restore.digest());
            return GoldenDataset.restored(shelf, host, supervisor, recipe(key, first, settings), restore, progress);
        } catch (RestoreMistake wrong) {
            mistakes.add(place(first, RESTORE) + "\n  " + wrong.getMessage());
            return null;
        } finally {
            host.remove(directory);
        }
    }

    /**
     * Restores a dataset, if it is not kept already, and looks at a copy of it, which is then removed: the server parses
     * what will run on it, and keys of its rows are read for the workload.
     */
    void look(GoldenDataset dataset, ServerHost host, List<Rehearsal> sharing)
            throws SQLException, DatasetException, IOException, InterruptedException {
        Rehearsal first = sharing.get(0);
        try {
            dataset.make();
        } catch (RestoreMistake wrong) {
            mistakes.add(place(first, RESTORE) + "\n  " + wrong.getMessage());
            return;
        }
        GoldenDataset.Copy copy = dataset.copyToLookAt();
        Map<String, String> settings =
                GoldenDataset.loading(first.variant().conditions().server().settings());
        Map<KeyColumn, List<String>> keys = keys(sharing);
        try (RunningServer server = host.start(copy.directory(), settings)) {
            dataset.isDescribedBy(new RestoredTables(progress)
                    .describe(server.superuser(), server.app(), copy.facts().tables(), keys.keySet(), first.seed()));
            parse(server, sharing, true);
            server.stop();
        } catch (DatasetMistakes wrong) {
            for (DatasetMistake mistake : wrong.mistakes()) {
                KeyColumn key = new KeyColumn(String.valueOf(mistake.table()), String.valueOf(mistake.column()));
                mistakes.add(place(first, keys.getOrDefault(key, RESTORE)) + "\n  " + key + ": " + mistake.what()
                        + "; expected: " + mistake.expected());
            }
        }
        host.remove(copy.directory());
    }

    /** The columns whose keys the workloads ask for, each with a place where one does. */
    private static Map<KeyColumn, List<String>> keys(List<Rehearsal> sharing) {
        Map<KeyColumn, List<String>> keys = new LinkedHashMap<>();
        for (Rehearsal rehearsal : sharing) {
            for (WorkloadSpec.Operation operation :
                    rehearsal.variant().conditions().workload().operations()) {
                operation.parameters().forEach((parameter, value) -> {
                    if (value.source() instanceof ValueSpec.Reference reference) {
                        keys.putIfAbsent(
                                new KeyColumn(reference.table(), reference.column()),
                                List.of("workload", "operations", operation.name(), "params", parameter, "key"));
                    }
                });
            }
        }
        return keys;
    }

    private void parse(RunningServer server, List<Rehearsal> sharing, boolean schema) throws SQLException, IOException {
        for (Rehearsal rehearsal : sharing) {
            if (schema) {
                parseWorkload(server.app(), rehearsal);
                new StandbyCheck(rehearsal, mistakes::add).reads(server.app());
            }
            parseScripts(server.app(), rehearsal);
            new BackfillCheck(server.app(), rehearsal, mistakes::add).check(schema);
        }
    }

    private static GoldenDataset.Recipe recipe(ServerHost host, Rehearsal rehearsal, PreparedDataset prepared)
            throws IOException {
        Conditions conditions = rehearsal.variant().conditions();
        Map<String, String> settings = conditions.server().settings();
        GoldenKey key = GoldenKey.of(
                host.identity(),
                GoldenDataset.loading(settings),
                conditions.dataset(),
                rehearsal.rows(),
                rehearsal.seed(),
                prepared.sample());
        return recipe(key, rehearsal, settings);
    }

    private static GoldenDataset.Recipe recipe(GoldenKey key, Rehearsal rehearsal, Map<String, String> settings) {
        return new GoldenDataset.Recipe(
                key,
                rehearsal.scenario().name(),
                rehearsal.size() + (rehearsal.scale() == 1 ? "" : " × " + rehearsal.scale()),
                settings);
    }

    /** The scenario's own settings, without those that the server does not take: each of them is a mistake. */
    private Map<String, String> accepted(ServerHost host, DataDirectory directory, Rehearsal rehearsal) {
        Map<String, String> settings =
                new LinkedHashMap<>(rehearsal.variant().conditions().server().settings());
        while (!settings.isEmpty()) {
            try (RunningServer server = host.start(directory, settings)) {
                server.stop();
                return settings;
            } catch (SettingRefused refused) {
                mistakes.add(place(rehearsal, List.of("server", "settings", refused.setting()))
                        + "\n  the server says: " + refused.why());
                // A server names the first only; without it, it names the next.
                if (settings.keySet().removeIf(refused.setting()::equalsIgnoreCase)) {
                    continue;
                }
                throw refused;
            }
        }
        return settings;
    }

    private static String place(Rehearsal rehearsal, List<String> path) {
        return rehearsal.scenario().places().of(rehearsal.variant().name(), path);
    }

    private static String inWords(Rehearsal rehearsal, DatasetMistake mistake) {
        String table = mistake.table();
        String column = mistake.column();
        String what = mistake.what() + "; expected: " + mistake.expected();
        if (table == null) {
            return what;
        }
        List<String> path = new ArrayList<>(List.of("dataset", "tables", table));
        if (column != null) {
            path.addAll(List.of("columns", column));
        }
        return place(rehearsal, path) + "\n  " + what;
    }

    private void parseWorkload(ConnectionDetails app, Rehearsal rehearsal) throws SQLException {
        Conditions conditions = rehearsal.variant().conditions();
        try (Connection connection = app.open("pgrehearse check", Map.of("stringtype", "unspecified"))) {
            for (WorkloadSpec.Operation operation : conditions.workload().operations()) {
                String place = place(rehearsal, List.of("workload", "operations", operation.name(), "sql"));
                int before = mistakes.size();
                for (WorkloadSpec.Statement statement : operation.statements()) {
                    parse(connection, statement.sql(), NamedSql.parse(statement.sql()), place);
                }
                if (mistakes.size() == before) {
                    mistakes.addAll(NamedRows.mistakes(connection, operation.statements(), place));
                }
            }
            for (int i = 0; i < conditions.adversaries().size(); i++) {
                AdversarySpec adversary = conditions.adversaries().get(i);
                if (adversary.kind() == AdversarySpec.Kind.DUMP) {
                    continue;
                }
                String own = adversary.sql();
                String sql = own != null ? own : "SELECT 1 FROM " + Quoted.table(adversary.table());
                parse(
                        connection,
                        sql,
                        new NamedSql(sql, List.of(), List.of()),
                        place(
                                rehearsal,
                                List.of(
                                        "adversaries",
                                        Integer.toString(i),
                                        adversary.kind().key(),
                                        own != null ? "sql" : "table")));
            }
        }
    }

    /** Notes a mistake that another part has found. */
    void refuse(String mistake) {
        mistakes.add(mistake);
    }

    private void parseScripts(ConnectionDetails app, Rehearsal rehearsal) throws SQLException, IOException {
        try {
            for (ScriptMistake mistake :
                    ScriptChecker.mistakes(app, migration(rehearsal).scripted())) {
                mistakes.add(mistake.toString());
            }
        } catch (ScriptMistakes wrong) {
            wrong.mistakes().forEach(mistake -> mistakes.add(mistake.toString()));
        }
    }

    /** The extended protocol's Parse and Describe: the server reads the statement, looks up its names, and runs nothing. */
    private void parse(Connection connection, String sql, NamedSql named, String place) {
        try (PreparedStatement statement = connection.prepareStatement(named.jdbc())) {
            statement.getParameterMetaData();
        } catch (SQLException refused) {
            mistakes.add(RefusedSql.inWords(place, sql, named, refused));
        }
    }
}
