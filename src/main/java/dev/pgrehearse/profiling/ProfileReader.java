package dev.pgrehearse.profiling;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.profile.Calibration;
import dev.pgrehearse.profile.Profile;
import dev.pgrehearse.profile.Profile.Ages;
import dev.pgrehearse.profile.Profile.ForeignKey;
import dev.pgrehearse.profile.Profile.Literal;
import dev.pgrehearse.profile.Profile.Schema;
import dev.pgrehearse.profile.Profile.Server;
import dev.pgrehearse.profile.Profile.Surroundings;
import dev.pgrehearse.profile.Profile.Table;
import dev.pgrehearse.profile.Profile.Traffic;
import dev.pgrehearse.profiling.TrafficReader.Seen;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Takes a profile. All of the schema and the statistics is read in one read-only REPEATABLE READ transaction, which takes
 * no lock above ACCESS SHARE, reads no row of a user's table and ends at once; a window is watched in transactions of
 * milliseconds, so that no snapshot is held meanwhile. Then pg_dump reads the schema as SQL. Used by one thread.
 */
public final class ProfileReader implements AutoCloseable {
    private static final Duration BETWEEN_SAMPLES = Duration.ofSeconds(1);
    private static final int NAMES_IN_A_NOTICE = 20;

    /** Not preloaded, no privilege, of a version before 1.9. */
    private static final Set<String> NO_TRAFFIC_TO_READ = Set.of("55000", "42501", "42703");

    private final Session session;
    private final Progress progress;
    private final List<String> notices = new ArrayList<>();

    private ProfileReader(Session session, Progress progress) {
        this.session = session;
        this.progress = progress;
    }

    /**
     * What is asked for.
     *
     * @param tool the tool's version
     * @param values whether values of rows are written, see {@link Profile.Column}
     * @param calibrate whether probes are run that tell how fast the machine is
     * @param window how long traffic and ages are watched; zero for one look at the traffic alone
     * @param searchPath of directories with programs, parted by colons, for pg_dump: the value of PATH
     */
    public record Request(String tool, boolean values, boolean calibrate, Duration window, String searchPath) {
        /** Without probes. */
        public Request(String tool, boolean values, Duration window, String searchPath) {
            this(tool, values, false, window, searchPath);
        }
    }

    /**
     * Connects to the database.
     *
     * @throws PasswordMissing when the server wants a password and the target has none
     * @throws ProfilingProblem when it cannot be reached, refuses, or is too old
     */
    public static ProfileReader open(Target target, Progress progress) throws PasswordMissing {
        return new ProfileReader(Session.open(target), progress);
    }

    /**
     * The statistics of a database of our own, for a comparison: without values, schema and traffic.
     *
     * @throws ProfilingProblem when they cannot be read
     */
    public static Profile statisticsOf(ConnectionDetails details, Progress progress) {
        Request request = new Request("", false, Duration.ZERO, "");
        try (ProfileReader reader = open(Target.of(details), progress)) {
            Map<String, String> settings = reader.session.serverSettings();
            Statistics statistics = reader.task(
                    "comparing with the profile",
                    () -> reader.session.look(
                            "the statistics", connection -> reader.statistics(connection, request, settings)));
            return new Profile(
                    Profile.FORMAT,
                    request.tool(),
                    Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                    request.values(),
                    statistics.server(),
                    new Schema("", "it is known", List.of()),
                    statistics.tables(),
                    statistics.foreignKeys(),
                    null,
                    null,
                    statistics.surroundings(),
                    reader.notices);
        } catch (PasswordMissing impossible) {
            throw new IllegalStateException("our own servers' passwords are known", impossible);
        }
    }

    /** What the one transaction reads. */
    private record Statistics(
            Server server,
            List<Table> tables,
            List<ForeignKey> foreignKeys,
            Surroundings surroundings,
            Optional<String> trafficSchema,
            String database,
            String user) {}

    /**
     * Takes the profile.
     *
     * @throws ProfilingProblem when a table is locked, a privilege is missing without which it is of no use, or the server
     *     or pg_dump fails
     */
    public Profile read(Request request) throws InterruptedException, IOException {
        String takenAt = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        Map<String, String> settings = session.serverSettings();
        Statistics statistics = task(
                "reading statistics",
                () -> session.look("the statistics", connection -> statistics(connection, request, settings)));
        Optional<Seen> first = traffic(statistics.trafficSchema());
        Ages ages = request.window().isZero() ? null : watch(request.window());
        Traffic traffic = null;
        if (first.isPresent()) {
            traffic = ages == null
                    ? TrafficReader.traffic(null, first.get())
                    : traffic(statistics.trafficSchema())
                            .map(last -> TrafficReader.traffic(first.get(), last))
                            .orElse(null);
        }
        Schema schema = schema(statistics, request);
        // Last of all: whatever stands in the way of a profile has shown by now, before production was given work.
        Calibration calibration = request.calibrate() ? calibrate() : null;
        return new Profile(
                Profile.FORMAT,
                request.tool(),
                takenAt,
                request.values(),
                statistics.server(),
                schema,
                statistics.tables(),
                statistics.foreignKeys(),
                traffic,
                ages,
                statistics.surroundings(),
                calibration,
                notices);
    }

    private <T> T task(String name, Supplier<T> work) {
        progress.report(ProgressEvent.started(name, 0, null));
        T result = work.get();
        progress.report(ProgressEvent.finished(name));
        return result;
    }

    private Statistics statistics(Connection connection, Request request, Map<String, String> settings)
            throws SQLException {
        notices.addAll(Privileges.notices(connection));
        List<TablesReader.Bare> bare = new TablesReader(connection).read();
        List<Long> oids = bare.stream().map(TablesReader.Bare::oid).toList();
        ColumnsReader.Found columns = new ColumnsReader(
                        connection, session.version(), Types.read(connection), new ColumnPrivacy(request.values()))
                .read(oids);
        Map<Long, List<Profile.Index>> indexes = new IndexesReader(connection).read(oids);
        Map<Long, Double> rows = TablesReader.rows(bare);
        Map<Long, Table> tables = new LinkedHashMap<>();
        for (TablesReader.Bare table : bare) {
            tables.put(
                    table.oid(),
                    table.with(
                            rows.getOrDefault(table.oid(), 0.0),
                            columns.columns().getOrDefault(table.oid(), List.of()),
                            indexes.getOrDefault(table.oid(), List.of())));
        }
        hidden(bare, columns);
        neverAnalyzed(bare, tables, columns);
        return new Statistics(
                ServerReader.read(connection, session.version(), settings),
                List.copyOf(tables.values()),
                new ForeignKeysReader(connection).read(tables),
                new SurroundingsReader(connection).read(),
                TrafficReader.schema(connection),
                one(connection, "SELECT datname FROM pg_catalog.pg_database WHERE datname = current_database()"),
                one(connection, "SELECT rolname FROM pg_catalog.pg_roles WHERE rolname = session_user"));
    }

    private static String one(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    private void hidden(List<TablesReader.Bare> bare, ColumnsReader.Found columns) {
        List<String> names = bare.stream()
                .filter(table -> columns.hidden().contains(table.oid()))
                .map(TablesReader.Bare::displayName)
                .toList();
        if (names.isEmpty()) {
            return;
        }
        String remedy =
                "pg_stats shows columns only to roles that may SELECT them and whom no row security binds. GRANT"
                        + " pg_read_all_data TO the role (and BYPASSRLS where there is row security), and take the profile again.";
        boolean anything =
                columns.columns().values().stream().flatMap(Collection::stream).anyMatch(Profile.Column::hasStatistics);
        if (!anything) {
            throw new ProfilingProblem("This role is shown the statistics of no column: " + some(names)
                    + ". No profile was taken and nothing was written. " + remedy);
        }
        notices.add("Statistics of columns of " + names.size() + (names.size() == 1 ? " table" : " tables")
                + " are hidden from this role: " + some(names) + ". " + remedy);
    }

    private void neverAnalyzed(List<TablesReader.Bare> bare, Map<Long, Table> tables, ColumnsReader.Found columns) {
        List<String> names = new ArrayList<>();
        for (TablesReader.Bare table : bare) {
            Table whole = tables.get(table.oid());
            if (whole != null
                    && !whole.analyzed()
                    && !columns.hidden().contains(table.oid())
                    && (whole.rows() > 0 || whole.pages() > 0)) {
                names.add(table.displayName());
            }
        }
        if (!names.isEmpty()) {
            notices.add((names.size() == 1 ? "A table has" : names.size() + " tables have")
                    + " no statistics of their columns: " + some(names)
                    + ". What is generated for them only looks alike. Run ANALYZE on them (autovacuum never does it for"
                    + " partitioned tables), and take the profile again.");
        }
        if (columns.rangesUnread()) {
            notices.add(
                    "Statistics of ranges are not shown by pg_stats before PostgreSQL 17, and this role may not read"
                            + " pg_statistic: columns of ranges have none. Take the profile as a superuser for those.");
        }
    }

    private static String some(List<String> names) {
        return names.size() <= NAMES_IN_A_NOTICE
                ? String.join(", ", names)
                : String.join(", ", names.subList(0, NAMES_IN_A_NOTICE)) + " and " + (names.size() - NAMES_IN_A_NOTICE)
                        + " more";
    }

    /** One look at the traffic; empty, with a notice, where there is none to look at. */
    private Optional<Seen> traffic(Optional<String> extension) {
        if (extension.isEmpty()) {
            notices.add("This database has no pg_stat_statements, so the profile knows no traffic. Add it to"
                    + " shared_preload_libraries, restart, and CREATE EXTENSION pg_stat_statements.");
            return Optional.empty();
        }
        return session.look("pg_stat_statements", connection -> {
            try {
                return Optional.of(TrafficReader.look(connection, extension.get()));
            } catch (SQLException e) {
                if (!NO_TRAFFIC_TO_READ.contains(String.valueOf(e.getSQLState()))) {
                    throw e;
                }
                notices.add("pg_stat_statements cannot be read ("
                        + String.valueOf(e.getMessage()).lines().findFirst().orElse("")
                        + "), so the profile knows no traffic. It must be in shared_preload_libraries and of version 1.9 or"
                        + " newer (ALTER EXTENSION pg_stat_statements UPDATE), and this role needs USAGE on its schema and"
                        + " pg_monitor.");
                return Optional.empty();
            }
        });
    }

    private Ages watch(Duration window) throws InterruptedException {
        String name = "watching the traffic";
        progress.report(ProgressEvent.started(name, window.toMillis(), "ms"));
        AgesSampler sampler = new AgesSampler();
        long start = System.nanoTime();
        for (long passed = 0; passed < window.toNanos(); passed = System.nanoTime() - start) {
            session.look("pg_stat_activity", sampler::sample);
            progress.report(
                    ProgressEvent.advanced(name, Duration.ofNanos(passed).toMillis(), window.toMillis(), "ms"));
            long left = window.toNanos() - (System.nanoTime() - start);
            Thread.sleep(Math.max(
                    0,
                    Math.min(BETWEEN_SAMPLES.toMillis(), Duration.ofNanos(left).toMillis() + 1)));
        }
        progress.report(ProgressEvent.finished(name));
        return sampler.ages();
    }

    private Calibration calibrate() throws InterruptedException {
        Calibration calibration = session.calibrate(progress);
        calibration.probes().stream()
                .filter(probe -> probe.unknown() != null)
                .forEach(
                        probe -> notices.add("Calibration, " + probe.kind().words() + ": unknown. " + probe.unknown()));
        return calibration;
    }

    private Schema schema(Statistics statistics, Request request) throws InterruptedException, IOException {
        String name = "reading the schema with pg_dump";
        progress.report(ProgressEvent.started(name, 0, null));
        PgDump.Dump dump = new PgDump(session, request.searchPath()).dump(statistics.database(), statistics.user());
        progress.report(ProgressEvent.finished(name));
        boolean dumped = dump.missing().isEmpty();
        List<Literal> ofIndexes = indexLiterals(statistics.tables(), dumped);
        if (!dumped) {
            notices.add(dump.missing());
            return new Schema("", dump.missing(), ofIndexes);
        }
        DumpedSchema schema = DumpedSchema.of(dump.sql());
        if (!schema.leftOut().isEmpty()) {
            notices.add("Left out of the schema, since they hold addresses, secrets or roles: "
                    + schema.leftOut().entrySet().stream()
                            .sorted(Map.Entry.comparingByKey())
                            .map(entry -> entry.getKey() + " (" + entry.getValue() + ")")
                            .collect(Collectors.joining(", "))
                    + ". Views and functions that need them cannot be built from the profile.");
        }
        List<Literal> literals = new ArrayList<>(schema.literals());
        literals.addAll(ofIndexes);
        return new Schema(schema.sql(), null, literals);
    }

    /** Definitions of indexes may have values too; INVALID ones are in no dump. */
    private static List<Literal> indexLiterals(List<Table> tables, boolean dumped) {
        return tables.stream()
                .flatMap(table -> table.indexes().stream())
                .filter(index -> !dumped || !index.valid())
                .flatMap(index -> SqlTokens.of(index.definition()).map(SchemaLiterals::of).orElse(List.of()).stream())
                .toList();
    }

    @Override
    public void close() {
        session.close();
    }
}
