package dev.pgrehearse.dataset;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import dev.pgrehearse.recording.Recording.Doubt;
import dev.pgrehearse.recording.Recording.TableFacts;
import dev.pgrehearse.scenario.DatasetSpec;
import dev.pgrehearse.scenario.ProfiledSpec;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Fills a database with generated rows: {@link #prepare}, {@link #load}, {@link #settle}, {@link #warm}, in this order.
 *
 * <p>Best on a server with {@code wal_level=minimal}, a large {@code max_wal_size} and {@code autovacuum=off}; none of it
 * is required, and the loader changes no setting of the server. Interrupting the calling thread stops whatever runs,
 * within about a second, and leaves no session of ours; a database that was being loaded is of no use then.
 *
 * <p>Thread-safe: it keeps no state between calls.
 */
public final class DatasetLoader {
    /** One COPY is bound by one server core; more than two leave none for making the rows on a small machine. */
    private static final int STREAMS = 2;

    private final Progress progress;
    private final int makers;

    /** With a thread per logical processor to make rows. */
    public DatasetLoader(Progress progress) {
        this(progress, Runtime.getRuntime().availableProcessors());
    }

    /**
     * @param progress told of rows and index builds
     * @param makers how many threads make rows; the rows are the same for any number
     */
    public DatasetLoader(Progress progress, int makers) {
        this.progress = progress;
        this.makers = makers;
    }

    /**
     * Makes the schema in an empty database and plans how to fill it.
     *
     * @param superuser a superuser in the database
     * @param app the application's role in the same database, which will own everything; it is a superuser only while
     *     the schema file runs
     * @param spec what the scenario says
     * @param rows by table, as the size has them
     * @param seed what all values come from
     * @throws DatasetMistakes everything that is wrong with the specification
     * @throws IOException when the schema file cannot be read
     */
    public PreparedDataset prepare(
            ConnectionDetails superuser, ConnectionDetails app, DatasetSpec spec, Map<String, Long> rows, long seed)
            throws SQLException, DatasetException, DatasetMistakes, IOException, InterruptedException {
        String task = "making the schema";
        progress.report(ProgressEvent.started(task, 0, null));
        SchemaScript.of(spec).run(superuser, app);
        progress.report(ProgressEvent.finished(task));
        PreparedDataset prepared = describe(superuser, app, spec, rows, seed);
        List<DatasetMistake> mistakes = new ArrayList<>();
        new LoadSessions(superuser).run(connection -> {
            CatalogueReader reader = new CatalogueReader(connection);
            for (TablePlan table : prepared.tables()) {
                if (reader.hasRows(table.table())) {
                    mistakes.add(new DatasetMistake(
                            table.name(),
                            null,
                            "the schema file puts rows into it, and the size gives it " + table.rows(),
                            "rows from one of them: take the table out of the size, or the INSERT out of the file"));
                }
            }
            SampleCheck check = new SampleCheck(connection, mistakes::add);
            for (TablePlan table : prepared.tables()) {
                check.check(table);
            }
        });
        if (!mistakes.isEmpty()) {
            throw new DatasetMistakes(mistakes);
        }
        return prepared;
    }

    /**
     * The plan for a database whose schema exists already; loads and changes nothing. For a copy of a dataset that was
     * loaded by the same plan, this gives its keys again.
     *
     * @throws DatasetMistakes what is wrong with the specification, as far as the catalogue shows it
     */
    public PreparedDataset describe(
            ConnectionDetails superuser, ConnectionDetails app, DatasetSpec spec, Map<String, Long> rows, long seed)
            throws SQLException, DatasetMistakes {
        Catalogue catalogue;
        try (Connection connection = app.open("pgrehearse dataset")) {
            catalogue = new CatalogueReader(connection).read();
        }
        Set<Long> filledBySchema = new HashSet<>();
        Map<Long, Set<Integer>> filledWithTheTime;
        try (Connection connection = superuser.open("pgrehearse dataset")) {
            CatalogueReader reader = new CatalogueReader(connection);
            filledWithTheTime = reader.filledWithTheTime();
            for (CatalogueTable table : catalogue.tables()) {
                boolean sized =
                        rows.containsKey(table.displayName()) || rows.containsKey(table.schema() + "." + table.name());
                if (table.isPlain() && !sized && reader.hasRows(table)) {
                    filledBySchema.add(table.oid());
                }
            }
        }
        PreparedDataset prepared =
                plan(superuser, catalogue, filledBySchema, spec, rows, seed).with(filledWithTheTime);
        prepared.notices().forEach(notice -> progress.report(ProgressEvent.notice(notice)));
        return prepared;
    }

    private static PreparedDataset plan(
            ConnectionDetails superuser,
            Catalogue catalogue,
            Set<Long> filledBySchema,
            DatasetSpec spec,
            Map<String, Long> rows,
            long seed)
            throws SQLException, DatasetMistakes {
        ProfiledSpec profiled = spec.profile();
        if (profiled == null) {
            return new DatasetPlanner(catalogue, filledBySchema, spec, seed).plan(rows);
        }
        try (Connection connection = superuser.open("pgrehearse dataset")) {
            LimitsReader reader = new LimitsReader(connection);
            Map<Long, TableLimits> limits = new HashMap<>();
            catalogue.tables().forEach(table -> limits.put(table.oid(), reader.of(table.oid())));
            ProfiledShapes shapes = new ProfiledShapes(ColumnType.read(connection), limits, seed);
            ConstraintDoubts constraints = new ConstraintDoubts(connection);
            return new ProfiledPlanner(catalogue, Partitions.read(connection), shapes, profiled.profile(), spec, seed)
                    .plan(rows)
                    .with(constraints.notValid(), constraints.shownByTheServer());
        }
    }

    /**
     * Loads every table, with indexes and keys set aside meanwhile, and sets sequences past the rows.
     *
     * @throws DatasetException when it failed; the database is half loaded then
     */
    public LoadedDataset load(ConnectionDetails superuser, PreparedDataset prepared)
            throws SQLException, DatasetException, InterruptedException {
        long start = System.nanoTime();
        LoadSessions sessions = new LoadSessions(superuser);
        List<Obstacles> obstacles = new ArrayList<>();
        List<CatalogueTable> tables =
                prepared.tables().stream().map(TablePlan::table).toList();
        sessions.run(connection -> obstacles.add(Obstacles.dropFrom(connection, tables)));
        List<Doubt> doubts = Collections.synchronizedList(new ArrayList<>());
        loadTables(sessions, prepared, obstacles.get(0), doubts);
        List<TableFacts> facts = new ArrayList<>();
        sessions.run(connection -> {
            for (SetAside key : obstacles.get(0).foreignKeys()) {
                TableLoad.rebuild(connection, key, "checking " + key.name(), progress);
            }
            for (TablePlan table : prepared.tables()) {
                SequencePositions.advance(connection, table);
            }
            refreshViews(connection);
            facts.addAll(TableSizes.of(connection, prepared));
        });
        return new LoadedDataset(facts, prepared.keys(), List.copyOf(doubts), (System.nanoTime() - start) / 1e9);
    }

    /** In the order in which they were made, since one may read another. */
    private void refreshViews(Connection connection) throws SQLException, DatasetException {
        List<String> views = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            try (ResultSet row = statement.executeQuery(
                    "select n.nspname, c.relname from pg_catalog.pg_class c"
                            + " join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.relkind = 'm' order by c.oid")) {
                while (row.next()) {
                    views.add(Quoted.identifier(row.getString(1), row.getString(2)));
                }
            }
            for (String view : views) {
                String task = "refreshing " + view;
                progress.report(ProgressEvent.started(task, 0, null));
                statement.execute("refresh materialized view " + view);
                progress.report(ProgressEvent.finished(task));
            }
        } catch (SQLException refused) {
            throw DatasetException.halfLoaded("Refreshing materialized views after the load failed", refused);
        }
    }

    private void loadTables(LoadSessions sessions, PreparedDataset prepared, Obstacles obstacles, List<Doubt> doubts)
            throws SQLException, DatasetException, InterruptedException {
        ExecutorService rowMakers = Executors.newFixedThreadPool(makers, task -> {
            Thread thread = new Thread(task, "dataset rows");
            thread.setDaemon(true);
            return thread;
        });
        try {
            // The longest first, so that no stream is left alone with it at the end.
            List<LoadSessions.Work> loads = prepared.tables().stream()
                    .sorted(Comparator.comparingLong(TablePlan::rows).reversed())
                    .<LoadSessions.Work>map(table -> connection -> new TableLoad(
                                    table,
                                    obstacles.indexesOf(table.table()),
                                    rowMakers,
                                    makers + 1,
                                    progress,
                                    density(connection, prepared, table),
                                    prepared.likeness().isPresent() ? doubts::add : null)
                            .run(connection))
                    .toList();
            sessions.run(STREAMS, loads);
        } finally {
            rowMakers.shutdownNow();
        }
    }

    /** What goes in through a partitioned table is spread by the server alone. */
    private static @Nullable LoadDensity density(Connection connection, PreparedDataset prepared, TablePlan table)
            throws SQLException, InterruptedException {
        Optional<TableState> state = prepared.stateOf(table.table());
        return state.isPresent() && table.table().isPlain()
                ? DensitySample.density(connection, table, state.get())
                : null;
    }

    /**
     * VACUUM (ANALYZE) of every table, then CHECKPOINT: hint bits, visibility map and statistics as in production, and
     * nothing left to write. Tables with a state of their own get it last, since any VACUUM would undo it.
     *
     * @return the tables, measured afterwards
     */
    public List<TableFacts> settle(ConnectionDetails superuser, PreparedDataset prepared)
            throws SQLException, DatasetException, InterruptedException {
        List<TableFacts> facts = new ArrayList<>();
        new LoadSessions(superuser).run(connection -> {
            try (Statement statement = connection.createStatement()) {
                // Rows of commits that are not flushed yet, or that share 32 transaction ids with such ones, get no
                // hint
                // bits, and what has none is not marked as visible to all: VACUUM would leave them as they are.
                statement.execute("set synchronous_commit = on");
                statement.execute("checkpoint");
                for (TablePlan table : prepared.tables()) {
                    if (prepared.stateOf(table.leaves().get(0)).isEmpty()) {
                        String task = "vacuuming " + table.name();
                        progress.report(ProgressEvent.started(task, 0, null));
                        statement.execute("vacuum (analyze) " + table.table().sqlName());
                        progress.report(ProgressEvent.finished(task));
                    }
                }
                // What the load changed in the catalogue, and tables that the schema file filled.
                statement.execute("vacuum (analyze)");
                for (TablePlan table : prepared.tables()) {
                    wear(superuser, connection, prepared, table);
                }
                statement.execute("checkpoint");
            }
            facts.addAll(TableSizes.of(connection, prepared));
        });
        return facts;
    }

    private void wear(ConnectionDetails superuser, Connection connection, PreparedDataset prepared, TablePlan table)
            throws SQLException, DatasetException, InterruptedException {
        for (CatalogueTable leaf : table.leaves()) {
            Optional<TableState> state = prepared.stateOf(leaf);
            if (state.isPresent()) {
                String task = "wearing " + leaf.displayName();
                progress.report(ProgressEvent.started(task, 0, null));
                LoadDensity density = density(connection, prepared, table);
                int fillFactor = density == null ? state.get().fillFactor() : density.leastFillFactor();
                new TableWear(superuser, connection)
                        .wear(leaf, state.get(), fillFactor)
                        .notices()
                        .forEach(notice -> progress.report(ProgressEvent.notice(notice)));
                progress.report(ProgressEvent.finished(task));
            }
        }
        if (!table.table().isPlain()) {
            // Statistics of all partitions together, which ANALYZE of a partition does not make.
            try (Statement statement = connection.createStatement()) {
                statement.execute("analyze " + table.table().sqlName());
            }
        }
    }

    /**
     * Makes the declared state of the caches, and reads it back. For cold ones the server has to be restarted before.
     */
    public CacheState warm(ConnectionDetails superuser, PreparedDataset prepared, DatasetSpec.CacheState wanted)
            throws SQLException, DatasetException, InterruptedException {
        List<CacheState> states = new ArrayList<>();
        CacheWarming warming = new CacheWarming(prepared);
        new LoadSessions(superuser).run(connection -> {
            CacheState.Method method = CacheState.Method.LEFT_COLD;
            if (wanted == DatasetSpec.CacheState.WARM) {
                String task = "warming the caches";
                progress.report(ProgressEvent.started(task, 0, null));
                method = warming.read(connection);
                progress.report(ProgressEvent.finished(task));
            }
            states.add(warming.stateAfter(method, connection));
        });
        return states.get(0);
    }
}
