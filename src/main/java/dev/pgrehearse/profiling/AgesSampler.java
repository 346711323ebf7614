package dev.pgrehearse.profiling;

import dev.pgrehearse.profile.Profile.Age;
import dev.pgrehearse.profile.Profile.Ages;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * How old transactions, snapshots and idle transactions of this database are, from samples of {@code pg_stat_activity}.
 * Parallel workers and WAL senders are left out, since their leaders and standbys stand for them. Used by one thread.
 */
final class AgesSampler {
    private static final String QUERY = """
            SELECT extract(epoch FROM clock_timestamp() - xact_start)::float8 AS age, backend_xmin IS NOT NULL AS snapshot,
                   CASE WHEN state LIKE 'idle in transaction%'
                     THEN extract(epoch FROM clock_timestamp() - state_change)::float8 END AS idle
              FROM pg_catalog.pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_catalog.pg_backend_pid() AND xact_start IS NOT NULL
               AND backend_type NOT IN ('parallel worker', 'walsender')""";

    private final List<Double> transactions = new ArrayList<>();
    private final List<Double> snapshots = new ArrayList<>();
    private final List<Double> idle = new ArrayList<>();
    private int samples;

    /** One look; a transaction that is seen in several looks counts in each, so quantiles are those of any moment. */
    AgesSampler sample(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(QUERY)) {
            while (row.next()) {
                // A transaction may have begun between the two readings of the clock.
                double age = Math.max(0, row.getDouble("age"));
                transactions.add(age);
                if (row.getBoolean("snapshot")) {
                    snapshots.add(age);
                }
                double idleFor = row.getDouble("idle");
                if (!row.wasNull()) {
                    idle.add(Math.max(0, idleFor));
                }
            }
        }
        samples++;
        return this;
    }

    Ages ages() {
        return new Ages(age(transactions, samples), age(snapshots, samples), age(idle, samples), samples);
    }

    /** The smallest age that at least this share of the ages does not exceed. */
    private static Age age(List<Double> ages, int samples) {
        List<Double> sorted = ages.stream().sorted().toList();
        return sorted.isEmpty()
                ? new Age(0, 0, 0, 0, 0)
                : new Age(
                        sorted.size() / (double) samples,
                        quantile(sorted, 0.5),
                        quantile(sorted, 0.9),
                        quantile(sorted, 0.99),
                        sorted.get(sorted.size() - 1));
    }

    private static double quantile(List<Double> sorted, double share) {
        return sorted.get(Math.max(0, (int) Math.ceil(share * sorted.size()) - 1));
    }
}
