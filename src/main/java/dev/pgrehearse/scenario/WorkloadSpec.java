package dev.pgrehearse.scenario;

import dev.pgrehearse.profile.Profile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the application is asked to do.
 *
 * @param traffic requests offered per second, to all instances together, over time; of a profile's when the scenario has none:
 *     then those of its statements that do not run are taken off it
 * @param arrivals how they are spread over time
 * @param operations in the file's order; none when they are derived
 * @param derived where operations come from when they are not declared; null when they are
 */
public record WorkloadSpec(
        TrafficSpec traffic,
        Arrivals arrivals,
        List<Operation> operations,
        @Nullable Derived derived) {
    /** A declared one. */
    public WorkloadSpec(TrafficSpec traffic, Arrivals arrivals, List<Operation> operations) {
        this(traffic, arrivals, operations, null);
    }

    /** The same at another rate at the migration's start, and then always; itself when that is its rate there. */
    public WorkloadSpec at(double otherRatePerSecond) {
        return otherRatePerSecond == traffic.atStart()
                ? this
                : new WorkloadSpec(TrafficSpec.constant(otherRatePerSecond), arrivals, operations, derived);
    }

    /** How arrivals are spread over time. */
    public enum Arrivals {
        /** Independent of each other, as those of many users are. */
        POISSON,
        /** At equal distances: for calibration only. */
        UNIFORM
    }

    /**
     * One kind of request.
     *
     * @param name its name
     * @param weight its share relative to the others' weights
     * @param statements run in one transaction when there are several
     * @param parameters by name, without the colon
     * @param onStandby whether it runs on the standby, where it can only read
     */
    public record Operation(
            String name,
            double weight,
            List<Statement> statements,
            Map<String, ValueSpec> parameters,
            boolean onStandby) {
        /** One that runs on the server itself. */
        public Operation(String name, double weight, List<Statement> statements, Map<String, ValueSpec> parameters) {
            this(name, weight, statements, parameters, false);
        }
    }

    /**
     * One statement of a request.
     *
     * @param sql with named parameters ({@code :id})
     * @param as what later statements of the request call its first row, as in {@code :order.id}; null for nothing
     */
    public record Statement(String sql, @Nullable String as) {
        /** Of which no other uses anything. */
        public Statement(String sql) {
            this(sql, null);
        }
    }

    /** Where operations come from that nobody declared. */
    public sealed interface Derived {}

    /**
     * What production runs.
     *
     * @param file the profile's, absolute
     * @param profile what is in it; has traffic
     * @param digest of its bytes, SHA-256 in hexadecimal
     * @param coverage the least share of the profile's calls that must run, 0 to 1
     * @param ownRate whether the rate is the profile's own
     * @param transactions by name, the beginnings of the profile's statements that share one
     */
    public record FromProfile(
            Path file,
            Profile profile,
            String digest,
            double coverage,
            boolean ownRate,
            Map<String, List<String>> transactions)
            implements Derived {
        /** The digest stands for the profile, which is long. */
        @Override
        public String toString() {
            return "FromProfile[digest=" + digest + ", coverage=" + coverage + ", ownRate=" + ownRate
                    + ", transactions=" + transactions + "]";
        }
    }

    /** What an ordinary web application would run on the schema. */
    public record Auto() implements Derived {}
}
