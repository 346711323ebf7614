package dev.pgrehearse.workload;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.recording.OperationScans;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which indexes the operations scan. When the load has ended, some more requests of each are run, one by one, each in a transaction
 * that is rolled back and that PostgreSQL tells the scans of ({@code pg_stat_get_xact_numscans}): those of its statements and
 * those beneath them, by foreign keys, triggers and functions, but not those of parallel workers. A scan is what PostgreSQL counts as
 * one: a nested loop has one for each outer row. What was rolled back leaves dead rows, and sequences that went on. Used once, by one thread.
 */
public final class IndexUses {
    /** The driver prepares a statement on the server at its fifth run, and its plan may change then, and what it scans. */
    static final int REQUESTS = 20;

    /** Parameters are texts of whatever type the server finds. */
    private static final Map<String, String> AS_THE_POOLS = Map.of("stringtype", "unspecified");

    private static final Duration LONGEST_STATEMENT = Duration.ofSeconds(2);

    /** Of one operation: where requests are slow, fewer are looked at. */
    private static final Duration LONGEST = Duration.ofSeconds(2);

    private static final Duration LONGEST_IN_ALL = Duration.ofSeconds(30);

    /** The index of a partition counts for the partitioned table's. */
    private static final String SCANS = """
            SELECT counted.index::bigint, sum(counted.scans)::bigint
              FROM (SELECT CASE WHEN c.relispartition THEN pg_catalog.pg_partition_root(c.oid) ELSE c.oid END AS index,
                           pg_catalog.pg_stat_get_xact_numscans(c.oid) AS scans
                      FROM pg_catalog.pg_class c
                      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                     WHERE c.relkind = 'i' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema') counted
             WHERE counted.index IS NOT NULL AND counted.scans > 0
             GROUP BY 1
            """;

    private final Connection connection;
    private final long giveUpNanos = System.nanoTime() + LONGEST_IN_ALL.toNanos();
    private long number;

    private IndexUses(Connection connection, long number) {
        this.connection = connection;
        this.number = number;
    }

    /**
     * Runs them.
     *
     * @param app whom the load's sessions belong to
     * @param number of the first request, which nobody has made yet
     * @return one for each operation, in their order
     * @throws SQLException when the session is lost
     * @throws InterruptedException when somebody stopped it
     */
    public static List<OperationScans> read(ConnectionDetails app, List<Operation> operations, long number)
            throws SQLException, InterruptedException {
        try (Connection connection = app.open("pgrehearse index uses", AS_THE_POOLS)) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET statement_timeout = " + LONGEST_STATEMENT.toMillis());
            }
            IndexUses uses = new IndexUses(connection, number);
            List<OperationScans> read = new ArrayList<>();
            for (Operation operation : operations) {
                read.add(uses.of(operation));
            }
            return List.copyOf(read);
        }
    }

    private OperationScans of(Operation operation) throws SQLException, InterruptedException {
        long until = Math.min(giveUpNanos, System.nanoTime() + LONGEST.toNanos());
        Map<Long, Long> scans = new HashMap<>();
        int requests = 0;
        String failure = null;
        boolean runs = operation.mayRunInTransaction() && !operation.onStandby();
        while (runs && requests < REQUESTS && System.nanoTime() < until) {
            if (Thread.interrupted()) {
                throw new InterruptedException("while the operations' index scans were read");
            }
            Map<Long, Long> before = new HashMap<>();
            Map<Long, Long> after = new HashMap<>();
            try {
                operation.tryOut(connection, number++, session -> read(session, before), session -> {
                    checkDeferred(session);
                    read(session, after);
                });
                after.forEach((index, count) -> scans.merge(index, count - before.getOrDefault(index, 0L), Long::sum));
                requests++;
            } catch (SQLException failed) {
                if (!connection.isValid(1)) {
                    throw failed;
                }
                failure = failed.getMessage();
                runs = false;
            }
        }
        return new OperationScans(operation.name(), requests, scans, failure);
    }

    /** What a commit would check: it scans, too, and nothing is committed here. */
    private static void checkDeferred(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET CONSTRAINTS ALL IMMEDIATE");
        }
    }

    /** What this session's counters of the transaction say, and of those before it that it has not handed in yet. */
    private static void read(Connection connection, Map<Long, Long> scans) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SCANS);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                scans.put(rows.getLong(1), rows.getLong(2));
            }
        }
    }
}
