package dev.pgrehearse.dataset;

import dev.pgrehearse.dataset.StoredKeys.KeySample;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import dev.pgrehearse.recording.Recording.TableFacts;
import dev.pgrehearse.values.Keys;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The tables of a database that was restored: masked, settled, counted, and read for keys. Thread-safe. */
public final class RestoredTables {
    /** A table with the tables below it: its partitions, or what inherits from it. */
    private static final String TREE = """
            with recursive tree as (
                select ?::bigint::pg_catalog.oid as oid
                union
                select i.inhrelid from pg_catalog.pg_inherits i join tree t on t.oid = i.inhparent)
            select oid::bigint from tree
            """;

    private final Progress progress;

    public RestoredTables(Progress progress) {
        this.progress = progress;
    }

    /**
     * Runs a script that masks data, as a superuser, in one transaction unless it commits by itself.
     *
     * @throws DatasetMistakes what the server refuses of it
     */
    public void mask(ConnectionDetails superuser, Path script)
            throws SQLException, DatasetException, DatasetMistakes, InterruptedException {
        String task = "masking by " + script.getFileName();
        progress.report(ProgressEvent.started(task, 0, null));
        List<DatasetMistakes> refused = new ArrayList<>();
        new LoadSessions(superuser).run(connection -> {
            try {
                SchemaScript.of(script).runIn(connection);
            } catch (DatasetMistakes wrong) {
                refused.add(wrong);
            } catch (IOException unreadable) {
                throw new DatasetException(script + " cannot be read", unreadable);
            }
        });
        if (!refused.isEmpty()) {
            throw refused.get(0);
        }
        progress.report(ProgressEvent.finished(task));
    }

    /** VACUUM (ANALYZE) of all, then CHECKPOINT. */
    public void settle(ConnectionDetails superuser, ConnectionDetails app)
            throws SQLException, DatasetException, InterruptedException {
        new DatasetLoader(progress).settle(superuser, plans(catalogue(app), Map.of(), Keys.NONE));
    }

    /**
     * Counts the rows of each table, and measures it. That reads everything, and lets the server clean what it passes:
     * never to be done to data whose dead rows matter, but to a copy of them.
     */
    public List<TableFacts> count(ConnectionDetails superuser, ConnectionDetails app)
            throws SQLException, DatasetException, InterruptedException {
        Catalogue catalogue = catalogue(app);
        List<TableFacts> facts = new ArrayList<>();
        String task = "counting rows";
        progress.report(ProgressEvent.started(task, 0, null));
        new LoadSessions(superuser).run(connection -> {
            Map<String, Long> rows = new TreeMap<>();
            for (CatalogueTable table : stored(catalogue)) {
                try (Statement statement = connection.createStatement();
                        ResultSet row = statement.executeQuery("select count(*) from only " + table.sqlName())) {
                    row.next();
                    rows.put(table.displayName(), row.getLong(1));
                }
            }
            facts.addAll(TableSizes.of(connection, plans(catalogue, rows, Keys.NONE)));
        });
        progress.report(ProgressEvent.finished(task));
        return facts;
    }

    /**
     * What a rehearsal has to know of it.
     *
     * @param counted its tables
     * @param keys the columns of which values are needed
     * @param seed of the choice among the rows of large tables
     * @throws DatasetMistakes for columns that are not there, or have no rows
     */
    public PreparedDataset describe(
            ConnectionDetails superuser,
            ConnectionDetails app,
            List<TableFacts> counted,
            Set<KeyColumn> keys,
            long seed)
            throws SQLException, DatasetException, DatasetMistakes, InterruptedException {
        Catalogue catalogue = catalogue(app);
        Map<String, Long> rows = new LinkedHashMap<>();
        counted.forEach(table -> rows.put(table.name(), table.rows()));
        Map<String, List<String>> columns = new LinkedHashMap<>();
        keys.forEach(key ->
                columns.computeIfAbsent(key.table(), table -> new ArrayList<>()).add(key.column()));
        List<DatasetMistake> mistakes = new ArrayList<>();
        List<KeySample> samples = new ArrayList<>();
        new LoadSessions(superuser).run(connection -> {
            for (Map.Entry<String, List<String>> wanted : columns.entrySet()) {
                CatalogueTable table = catalogue.find(wanted.getKey());
                List<DatasetMistake> wrong = wrong(catalogue, table, wanted.getKey(), wanted.getValue());
                mistakes.addAll(wrong);
                if (table != null && wrong.isEmpty()) {
                    long all = rowsOf(connection, catalogue, table, rows);
                    if (all == 0) {
                        wanted.getValue()
                                .forEach(column -> mistakes.add(new DatasetMistake(
                                        wanted.getKey(), column, "the table has no rows", "a table with rows")));
                    } else {
                        samples.add(
                                new KeyReading(connection, seed).read(wanted.getKey(), table, wanted.getValue(), all));
                    }
                }
            }
        });
        if (!mistakes.isEmpty()) {
            throw new DatasetMistakes(mistakes);
        }
        return plans(catalogue, rows, new StoredKeys(samples));
    }

    private static List<DatasetMistake> wrong(
            Catalogue catalogue, @Nullable CatalogueTable table, String name, List<String> columns) {
        List<DatasetMistake> mistakes = new ArrayList<>();
        for (String column : columns) {
            if (table == null) {
                mistakes.add(new DatasetMistake(
                        name,
                        column,
                        "no such table in what was restored",
                        "one that exists: " + catalogue.nearestTable(name)));
            } else if (table.column(column) == null) {
                mistakes.add(new DatasetMistake(
                        name,
                        column,
                        "no such column in what was restored",
                        "one that exists: " + Catalogue.nearestColumn(table, column)));
            } else if (!Set.of("r", "p", "m").contains(table.kind())) {
                mistakes.add(
                        new DatasetMistake(name, column, table.kindInWords() + ", which stores no rows", "a table"));
            }
        }
        return mistakes;
    }

    private static long rowsOf(Connection connection, Catalogue catalogue, CatalogueTable table, Map<String, Long> rows)
            throws SQLException {
        long sum = 0;
        try (PreparedStatement tree = connection.prepareStatement(TREE)) {
            tree.setLong(1, table.oid());
            try (ResultSet row = tree.executeQuery()) {
                while (row.next()) {
                    sum += rows.getOrDefault(catalogue.table(row.getLong(1)).displayName(), 0L);
                }
            }
        }
        return sum;
    }

    private static Catalogue catalogue(ConnectionDetails app) throws SQLException {
        try (Connection connection = app.open("pgrehearse dataset")) {
            return new CatalogueReader(connection).read();
        }
    }

    private static List<CatalogueTable> stored(Catalogue catalogue) {
        return catalogue.tables().stream()
                .filter(table -> table.isPlain() || table.kind().equals("m"))
                .toList();
    }

    private static PreparedDataset plans(Catalogue catalogue, Map<String, Long> rows, Keys keys) {
        return new PreparedDataset(
                stored(catalogue).stream()
                        .map(table -> new TablePlan(
                                table, table.displayName(), rows.getOrDefault(table.displayName(), 0L), List.of()))
                        .toList(),
                keys,
                List.of());
    }
}
