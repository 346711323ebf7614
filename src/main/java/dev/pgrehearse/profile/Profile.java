package dev.pgrehearse.profile;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The shape of a production database, read from its statistics and catalogues: no row of it. What {@code profile} writes
 * and {@code dataset: { profile: … }} generates from. Immutable; lists and maps are never null.
 *
 * <p>Unless {@link #values} says otherwise it holds no value of any row: see {@link Column}. It never holds a host, an
 * address or a password.
 *
 * @param format {@value #FORMAT}
 * @param tool version of the tool that wrote it
 * @param takenAt ISO 8601 in UTC
 * @param values whether common values and bounds are written as they are, see {@link Column}
 * @param server what it was taken from
 * @param schema the schema as SQL
 * @param tables plain tables, partitions and partitioned tables made by users, by schema and name
 * @param foreignKeys those of the tables
 * @param traffic what {@code pg_stat_statements} knows; null when it is not there or may not be read (see notices)
 * @param ages of what decides lock queues; null without {@code --window}
 * @param surroundings what else holds locks or snapshots, or decides how long a session waits
 * @param calibration how fast the machine is; null without {@code --calibrate}, and in profiles that are older than it
 * @param notices what could not be read, and why, in whole sentences
 */
public record Profile(
        String format,
        String tool,
        String takenAt,
        boolean values,
        Server server,
        Schema schema,
        List<Table> tables,
        List<ForeignKey> foreignKeys,
        @Nullable Traffic traffic,
        @Nullable Ages ages,
        Surroundings surroundings,
        @Nullable Calibration calibration,
        List<String> notices) {
    /** Of the files that this program reads and writes. */
    public static final String FORMAT = "pgrehearse-profile/1";

    public Profile {
        tables = List.copyOf(tables);
        foreignKeys = List.copyOf(foreignKeys);
        notices = List.copyOf(notices);
    }

    /** Of a machine that was not calibrated. */
    public Profile(
            String format,
            String tool,
            String takenAt,
            boolean values,
            Server server,
            Schema schema,
            List<Table> tables,
            List<ForeignKey> foreignKeys,
            @Nullable Traffic traffic,
            @Nullable Ages ages,
            Surroundings surroundings,
            List<String> notices) {
        this(
                format,
                tool,
                takenAt,
                values,
                server,
                schema,
                tables,
                foreignKeys,
                traffic,
                ages,
                surroundings,
                null,
                notices);
    }

    /** The same with other tables and foreign keys. */
    public Profile with(List<Table> others, List<ForeignKey> otherKeys) {
        return new Profile(
                format,
                tool,
                takenAt,
                values,
                server,
                schema,
                others,
                otherKeys,
                traffic,
                ages,
                surroundings,
                calibration,
                notices);
    }

    /** The table of that schema and name. */
    public Optional<Table> table(String schemaName, String name) {
        return tables.stream()
                .filter(table ->
                        table.schema().equals(schemaName) && table.name().equals(name))
                .findFirst();
    }

    /**
     * The server.
     *
     * @param version as {@code server_version} says it, such as {@code 15.18}
     * @param versionNumber {@code server_version_num}
     * @param encoding of the database
     * @param collate {@code datcollate}
     * @param characterType {@code datctype}
     * @param localeProvider {@code libc}, {@code icu} or {@code builtin}
     * @param locale of the ICU or builtin provider; null for libc
     * @param settings that matter to a migration, by name, with units as {@code SHOW} prints them
     * @param databaseBytes {@code pg_database_size}
     */
    public record Server(
            String version,
            int versionNumber,
            String encoding,
            String collate,
            String characterType,
            String localeProvider,
            @Nullable String locale,
            Map<String, String> settings,
            long databaseBytes) {
        public Server {
            settings = Map.copyOf(settings);
        }
    }

    /**
     * The schema.
     *
     * @param sql plain SQL that makes it in an empty database, without psql commands, comments, owners and grants; empty
     *     when there is none
     * @param missing why there is none, and what to do; null when there is one
     * @param literals parts of it that hold values somebody wrote (defaults, CHECKs, bounds of partitions, bodies of views
     *     and functions), to be reviewed before the file is given away
     */
    public record Schema(String sql, @Nullable String missing, List<Literal> literals) {
        public Schema {
            literals = List.copyOf(literals);
        }
    }

    /** A part of the schema with a literal in it: what it is, such as {@code CHECK orders_total_check}, and its text. */
    public record Literal(String what, String sql) {}

    /**
     * A table.
     *
     * @param kind {@code r} for a plain table or a partition that holds rows, {@code p} for a partitioned table
     * @param partitionOf schema and name of the partitioned table that it is a partition of; null when it is none
     * @param rows {@code reltuples}: live rows, as of the last VACUUM or ANALYZE, or what sessions have told when there was
     *     neither; of a partitioned table those of all its partitions
     * @param pages of the main fork, as it is on disk
     * @param allVisibleShare share of the pages that are marked all-visible, 0 to 1
     * @param deadRows {@code n_dead_tup}
     * @param fillFactor in percent
     * @param toastPages of the TOAST table's main fork; 0 without one
     * @param analyzed whether the columns have statistics
     * @param autovacuum what is known of its vacuuming
     * @param columns in the table's order
     * @param indexes by name
     */
    public record Table(
            String schema,
            String name,
            String kind,
            @Nullable String partitionOf,
            double rows,
            long pages,
            double allVisibleShare,
            long deadRows,
            int fillFactor,
            long toastPages,
            boolean analyzed,
            Autovacuum autovacuum,
            List<Column> columns,
            List<Index> indexes) {
        public Table {
            columns = List.copyOf(columns);
            indexes = List.copyOf(indexes);
        }

        /**
         * The same table in another size: rows, pages and dead rows in proportion. How many different values a column has
         * stays, as far as there are rows for them: statuses do not grow with the orders. Those of columns that refer to
         * other tables, which change their size as well, are in proportion.
         *
         * @param others live rows
         * @param referring by name of a column of a foreign key, how much larger the table is that it refers to
         */
        public Table scaled(long others, Map<String, Double> referring) {
            double proportion = rows > 0 ? others / rows : 1;
            if (proportion == 1 && referring.values().stream().allMatch(growth -> growth == 1)) {
                return this;
            }
            return new Table(
                    schema,
                    name,
                    kind,
                    partitionOf,
                    others,
                    (long) Math.ceil(pages * proportion - 1e-6),
                    allVisibleShare,
                    Math.round(deadRows * proportion),
                    fillFactor,
                    (long) Math.ceil(toastPages * proportion - 1e-6),
                    analyzed,
                    autovacuum,
                    columns.stream()
                            .map(column -> column.scaled(others, referring.getOrDefault(column.name(), 1.0)))
                            .toList(),
                    indexes.stream()
                            .map(index -> index.with(Math.round(index.pages() * proportion)))
                            .toList());
        }

        /** The same without some columns. */
        public Table without(Set<String> names) {
            return new Table(
                    schema,
                    name,
                    kind,
                    partitionOf,
                    rows,
                    pages,
                    allVisibleShare,
                    deadRows,
                    fillFactor,
                    toastPages,
                    analyzed,
                    autovacuum,
                    columns.stream()
                            .filter(column -> !names.contains(column.name()))
                            .toList(),
                    indexes);
        }

        /** As scenarios name it: bare in {@code public}, otherwise with its schema. */
        public String displayName() {
            return schema.equals("public") ? name : schema + "." + name;
        }

        public boolean isPartitioned() {
            return kind.equals("p");
        }

        /** The column of that name. */
        public Optional<Column> column(String columnName) {
            return columns.stream()
                    .filter(column -> column.name().equals(columnName))
                    .findFirst();
        }
    }

    /**
     * How a table is vacuumed.
     *
     * @param enabled false when its own options turn autovacuum off
     * @param lastVacuum the last, by hand or not, ISO 8601 in UTC; null when never
     * @param lastAnalyze likewise
     * @param vacuums how many there were since statistics began
     * @param analyzes likewise
     * @param modifiedSinceAnalyze rows changed since the last ANALYZE
     */
    public record Autovacuum(
            boolean enabled,
            @Nullable String lastVacuum,
            @Nullable String lastAnalyze,
            long vacuums,
            long analyzes,
            long modifiedSinceAnalyze) {}

    /**
     * A column, as {@code pg_stats} has it. Without statistics shares and widths are 0 and lists empty.
     *
     * <p>Privacy: without {@link Profile#values} the common values and bounds of a row are never written. Of text-like
     * columns lengths remain; of numbers and times bounds rounded outward; of booleans and enums, whose values are part of
     * the schema, the values themselves.
     *
     * @param type {@code format_type}
     * @param notNull whether NULL is refused
     * @param hasStatistics whether ANALYZE has looked at it
     * @param nullShare {@code null_frac}, 0 to 1
     * @param distinct {@code n_distinct}: above 0 a count, below 0 minus the share of the rows, 0 unknown
     * @param averageWidth {@code avg_width}: bytes, as stored
     * @param correlation with the physical order, -1 to 1; null where PostgreSQL computes none
     * @param common the most common values, the most frequent first
     * @param bounds ends of as many equally populated parts of all other values as there are bounds less one, ascending:
     *     as they are with {@link Profile#values}; else, of numbers and times, rounded outward, the first and the last so
     *     that common values are within, too; else empty
     * @param lengths of the histogram's bounds, in the order of the bounds, for types of variable length: bytes of their text
     *     form, of bytea the bytes themselves; else empty
     * @param fractionDigits the most digits after the point that a bound or a common value of a numeric has; 0 otherwise
     * @param elements of arrays; null for anything else
     * @param emptyShare of ranges: the share of empty ones; 0 otherwise
     * @param rangeLengths of ranges: quantiles of their lengths, ascending, as PostgreSQL keeps them (of ranges without an end
     *     Infinity, of times in seconds); empty otherwise
     */
    public record Column(
            String name,
            String type,
            boolean notNull,
            boolean hasStatistics,
            double nullShare,
            double distinct,
            int averageWidth,
            @Nullable Double correlation,
            List<Common> common,
            List<String> bounds,
            List<Integer> lengths,
            int fractionDigits,
            @Nullable Elements elements,
            double emptyShare,
            List<Double> rangeLengths) {
        public Column {
            common = List.copyOf(common);
            bounds = List.copyOf(bounds);
            lengths = List.copyOf(lengths);
            rangeLengths = List.copyOf(rangeLengths);
        }

        private Column scaled(long rows, double growth) {
            double most = Math.max(1, rows * (1 - nullShare));
            double wanted = distinct > 0 ? distinct * growth : distinct;
            return new Column(
                    name,
                    type,
                    notNull,
                    hasStatistics,
                    nullShare,
                    Math.min(wanted, most),
                    averageWidth,
                    correlation,
                    common,
                    bounds,
                    lengths,
                    fractionDigits,
                    elements,
                    emptyShare,
                    rangeLengths);
        }

        /** How many different values {@code rows} rows hold, at least 1 when any is not NULL; 0 when nobody knows. */
        public double distinctOf(double rows) {
            return distinct >= 0 ? distinct : -distinct * rows;
        }
    }

    /**
     * A common value.
     *
     * @param frequency share of all rows that have it, 0 to 1
     * @param place where it stands among the other values in their order, 0 to 1: the share of the histogram below it, and of
     *     several at the same place the order among them; null where nobody knows
     * @param length in bytes of its text form (of bytea: its bytes), of types of variable length; null otherwise
     * @param value the value itself; null unless {@link Column} says that it is written
     */
    public record Common(
            double frequency,
            @Nullable Double place,
            @Nullable Integer length,
            @Nullable String value) {}

    /**
     * The elements of arrays.
     *
     * @param common the most common ones: {@code frequency} is the share of rows that hold it at least once
     * @param counts how many distinct elements the rows have: ends of equally populated parts, ascending
     * @param averageCount of distinct elements in a row
     */
    public record Elements(List<Common> common, List<Double> counts, double averageCount) {
        public Elements {
            common = List.copyOf(common);
            counts = List.copyOf(counts);
        }
    }

    /**
     * An index.
     *
     * @param definition {@code pg_get_indexdef}
     * @param constraint whether a constraint owns it
     * @param valid {@code indisvalid}: false for what a failed CREATE INDEX CONCURRENTLY left
     * @param ready {@code indisready}
     * @param pages of its main fork
     * @param scans {@code idx_scan}
     */
    public record Index(
            String name,
            String definition,
            boolean unique,
            boolean primary,
            boolean constraint,
            boolean valid,
            boolean ready,
            long pages,
            long scans) {
        /** The same with another number of pages. */
        public Index with(long others) {
            return new Index(name, definition, unique, primary, constraint, valid, ready, others, scans);
        }
    }

    /**
     * A foreign key and its fan-out, computed from the statistics of the referring columns.
     *
     * @param table display name of the referring table
     * @param parent display name of the table referred to
     * @param nullShare share of rows that refer to nothing; of several columns the largest share among them
     * @param referredShare share of the parent's rows that somebody refers to, 0 to 1; null when nobody knows
     * @param meanFanOut rows per parent row that is referred to; null when nobody knows
     * @param largestFanOut rows of the most frequent parent; null when nobody knows
     */
    public record ForeignKey(
            String name,
            String table,
            List<String> columns,
            String parent,
            List<String> parentColumns,
            double nullShare,
            @Nullable Double referredShare,
            @Nullable Double meanFanOut,
            @Nullable Double largestFanOut) {
        public ForeignKey {
            columns = List.copyOf(columns);
            parentColumns = List.copyOf(parentColumns);
        }

        /** The fan-out when the table has {@code growth} times the rows, and the parent {@code parentGrowth} times. */
        public ForeignKey scaled(double growth, double parentGrowth) {
            Double mean = meanFanOut;
            Double largest = largestFanOut;
            return new ForeignKey(
                    name,
                    table,
                    columns,
                    parent,
                    parentColumns,
                    nullShare,
                    referredShare,
                    mean == null ? null : Double.valueOf(mean * growth / parentGrowth),
                    largest == null ? null : Double.valueOf(largest * growth));
        }
    }

    /**
     * What runs on the database.
     *
     * @param since when {@code pg_stat_statements} was last reset, ISO 8601 in UTC; null when nobody knows
     * @param windowSeconds between the two looks that rates come from; 0 for one look only
     * @param statements the busiest first; utility statements are never written
     * @param leftOut how many entries there were that are not written, of any kind
     * @param hidden of those, what the role that took the profile was not shown: of which kind is not known
     * @param cutOff of those, what had less time than the statements that are written
     * @param unwritten of those, what works on rows and has a text that is not written: COPY, CALL, DO and the like, and
     *     texts that may hold constants
     */
    public record Traffic(
            @Nullable String since,
            double windowSeconds,
            List<TrafficStatement> statements,
            long leftOut,
            Counts hidden,
            Counts cutOff,
            Counts unwritten) {
        public Traffic {
            statements = List.copyOf(statements);
        }
    }

    /**
     * Of entries at top level whose texts are not written.
     *
     * @param entries of {@code pg_stat_statements}
     * @param calls since {@link Traffic#since}
     * @param totalMillis of execution in all calls
     */
    public record Counts(long entries, long calls, double totalMillis) {
        /** Of nothing. */
        public static final Counts NONE = new Counts(0, 0, 0);
    }

    /**
     * One normalised statement.
     *
     * @param sql as {@code pg_stat_statements} has it, parameters as {@code $1}; not always SQL that parses
     *     (PostgreSQL 18 has {@code $1 /*, ... *}{@code /} for a list of constants of any length)
     * @param calls since {@link Traffic#since}
     * @param rows in all calls
     * @param sharedBuffers {@code shared_blks_hit + shared_blks_read} in all calls: pages that it asked for
     * @param callsPerSecond within the window; null without one
     */
    public record TrafficStatement(
            String sql,
            long calls,
            double meanMillis,
            long rows,
            long sharedBuffers,
            @Nullable Double callsPerSecond) {}

    /**
     * How old things were, sampled over the window.
     *
     * @param transactions of all sessions that had one
     * @param snapshots of all sessions whose {@code backend_xmin} held back the horizon, by the age of their transaction
     * @param idleInTransaction since when they were idle
     * @param samples how many looks there were
     */
    public record Ages(Age transactions, Age snapshots, Age idleInTransaction, int samples) {}

    /**
     * Quantiles of ages, in seconds; all 0 when there was none.
     *
     * @param meanCount how many there were at a time
     */
    public record Age(double meanCount, double p50Seconds, double p90Seconds, double p99Seconds, double maxSeconds) {}

    /**
     * What else is there.
     *
     * @param preparedTransactions number, and the age of the oldest
     * @param replicationSlots logical and physical
     * @param standbys connected ones, from {@code pg_stat_replication}
     * @param roleSettings {@code ALTER ROLE/DATABASE … SET} of timeouts and the like
     */
    public record Surroundings(
            PreparedTransactions preparedTransactions,
            List<ReplicationSlot> replicationSlots,
            List<Standby> standbys,
            List<RoleSetting> roleSettings) {
        public Surroundings {
            replicationSlots = List.copyOf(replicationSlots);
            standbys = List.copyOf(standbys);
            roleSettings = List.copyOf(roleSettings);
        }
    }

    /** Prepared transactions of this database; the age is 0 without any. */
    public record PreparedTransactions(int count, double oldestSeconds) {}

    /** A slot: {@code physical} or {@code logical}, and the WAL that it keeps. */
    public record ReplicationSlot(String type, boolean active, long retainedWalBytes) {}

    /** A standby: {@code async}, {@code sync}, … and how far its replay is behind, in bytes of WAL. */
    public record Standby(String syncState, long replayLagBytes) {}

    /**
     * A default that a role or the database brings.
     *
     * @param role numbered in order of appearance, {@code role 1}, since names of roles are nobody's business; null for
     *     all roles
     * @param database whether it is for this database only
     */
    public record RoleSetting(@Nullable String role, boolean database, String name, String value) {}
}
