package dev.pgrehearse.profiling;

import static dev.pgrehearse.profiling.ProfiledDatabase.column;
import static dev.pgrehearse.profiling.ProfiledDatabase.profile;
import static dev.pgrehearse.profiling.ProfiledDatabase.table;
import static dev.pgrehearse.profiling.ProfiledDatabase.target;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Password;
import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.profile.Profile;
import dev.pgrehearse.profile.Profile.Column;
import dev.pgrehearse.profile.Profile.Common;
import dev.pgrehearse.profile.Profile.Counts;
import dev.pgrehearse.profile.Profile.ForeignKey;
import dev.pgrehearse.profile.Profile.Index;
import dev.pgrehearse.profile.Profile.Table;
import dev.pgrehearse.profile.Profile.Traffic;
import dev.pgrehearse.profile.Profile.TrafficStatement;
import dev.pgrehearse.profile.ProfileJson;
import dev.pgrehearse.server.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What a profile says is what PostgreSQL says, and taking it disturbs nobody. */
class ProfileIT {
    @RegisterExtension
    static final TestServer SERVER = TestServer.quick().with("shared_preload_libraries", "pg_stat_statements");

    private static ConnectionDetails database;

    @BeforeAll
    static void create() throws Exception {
        database = SERVER.newDatabase();
        ProfiledDatabase.create(database);
        assertThatThrownBy(() -> Queries.execute(database, "CREATE UNIQUE INDEX CONCURRENTLY broken ON orders (dup)"))
                .isInstanceOf(SQLException.class);
    }

    @Test
    void figuresAreThoseOfTheCatalogue() throws Exception {
        Profile profile = profile(database, true, Duration.ZERO);
        for (Table table : profile.tables()) {
            assertThat(String.join(
                            "|",
                            Long.toString(table.pages()),
                            Long.toString(table.deadRows()),
                            Integer.toString(table.fillFactor()),
                            Boolean.toString(table.autovacuum().enabled())))
                    .as(table.name())
                    .isEqualTo(Queries.value(
                                    database,
                                    "SELECT pg_relation_size(c.oid) / 8192, coalesce(s.n_dead_tup, 0),"
                                            + " coalesce(substring(c.reloptions::text from 'fillfactor=(\\d+)'), '100'),"
                                            + " coalesce(c.reloptions::text NOT LIKE '%autovacuum_enabled=off%', true)"
                                            + " FROM pg_class c LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid"
                                            + " WHERE c.oid = '" + table.displayName() + "'::regclass")
                            .replace("|t", "|true")
                            .replace("|f", "|false"));
            for (Column column : table.columns()) {
                isWhatPgStatsSays(table, column);
            }
        }
        assertThat(profile.tables())
                .extracting(Table::name)
                .containsExactly("never", "orders", "part", "part_a", "part_b", "users");
        assertThat(table(profile, "users").rows()).isEqualTo(2000);
        assertThat(table(profile, "orders").rows()).isEqualTo(5000);
        assertThat(table(profile, "orders").deadRows()).isEqualTo(1000);
        assertThat(table(profile, "orders").allVisibleShare())
                .isEqualTo(Double.parseDouble(Queries.value(
                        database, "SELECT relallvisible / relpages::float8 FROM pg_class WHERE relname = 'orders'")));
        assertThat(table(profile, "part").rows()).isEqualTo(900);
        assertThat(table(profile, "part_a").partitionOf()).isEqualTo("part");
        assertThat(column(profile, "part", "k").hasStatistics()).isTrue();
        assertThat(column(profile, "never", "n").hasStatistics()).isFalse();
    }

    private static void isWhatPgStatsSays(Table table, Column column) throws SQLException {
        List<String> rows = Queries.rows(
                database,
                "SELECT null_frac, n_distinct, avg_width, correlation,"
                        + " coalesce(array_to_string(most_common_vals::text::text[], ';'), ''),"
                        + " coalesce(array_to_string(most_common_freqs, ';'), ''),"
                        + " coalesce(array_to_string(histogram_bounds::text::text[], ';'), '')"
                        + " FROM pg_stats WHERE tablename = '" + table.name() + "' AND attname = '" + column.name()
                        + "' AND inherited = " + table.isPartitioned());
        assertThat(column.hasStatistics()).isEqualTo(!rows.isEmpty());
        if (rows.isEmpty()) {
            return;
        }
        String[] fields = rows.get(0).split("\\|", -1);
        assertThat(column.nullShare()).isEqualTo(Double.parseDouble(fields[0]));
        assertThat(column.distinct()).isEqualTo(Double.parseDouble(fields[1]));
        assertThat(column.averageWidth()).isEqualTo(Integer.parseInt(fields[2]));
        assertThat(String.valueOf(column.correlation()))
                .isEqualTo(
                        fields[3].equals("null")
                                ? "null"
                                : Double.valueOf(fields[3]).toString());
        assertThat(column.common())
                .extracting(Common::frequency)
                .containsExactlyElementsOf(
                        split(fields[5]).stream().map(Double::valueOf).toList());
        // Whatever is printed in the same way whatever the session's settings are.
        if (!column.type().matches(".*(interval|time|money|range|bytea).*")) {
            assertThat(column.common()).extracting(Common::value).containsExactlyElementsOf(split(fields[4]));
            assertThat(column.bounds()).containsExactlyElementsOf(split(fields[6]));
        }
    }

    private static List<String> split(String joined) {
        return joined.isEmpty() ? List.of() : Arrays.asList(joined.split(";", -1));
    }

    @Test
    void withoutValuesBoundsAreWiderAndTextsAreLengths() throws Exception {
        Profile profile = profile(database, false, Duration.ZERO);
        Column email = column(profile, "users", "email");
        assertThat(email.bounds()).isEmpty();
        // The shortest and the longest of user1@example.org … user2000@example.org.
        assertThat(email.lengths()).hasSize(101).allMatch(length -> length >= 17 && length <= 20);
        assertThat(column(profile, "users", "raw").lengths()).hasSize(101).containsOnly(16);
        assertThat(column(profile, "users", "mood").common())
                .extracting(Common::value)
                .containsExactlyInAnyOrder("sad", "ok", "happy");
        assertThat(column(profile, "users", "mood").nullShare()).isEqualTo(0.25);
        Column score = column(profile, "users", "score");
        assertThat(score.fractionDigits()).isEqualTo(2);
        assertThat(score.common()).allMatch(common -> common.value() == null);
        assertThat(score.bounds().get(score.bounds().size() - 1)).isEqualTo("980");
        assertThat(column(profile, "users", "id").bounds()).startsWith("0").endsWith("2000");
        assertThat(column(profile, "users", "born").bounds())
                .startsWith("1950-01-01")
                .endsWith("1989-01-01");
        assertThat(column(profile, "users", "tags").elements()).isNotNull().satisfies(elements -> {
            assertThat(elements.common()).isNotEmpty().allMatch(common -> common.value() == null);
            // Both tags are the same for those of every 35 numbers where i % 5 = i % 7: five of them.
            assertThat(elements.averageCount()).isCloseTo(2 - 5.0 / 35, within(0.05));
        });
        Column span = column(profile, "users", "span");
        assertThat(span.emptyShare()).isCloseTo(0.1, within(0.0001));
        // All are 17: a length that is rounded to one digit, since with one end known it would tell the other.
        assertThat(span.rangeLengths()).containsOnly(20.0);
        assertThat(span.bounds()).isNotEmpty().allMatch(bound -> bound.matches("\\[\\d*0?0,\\d+00\\)"));
    }

    @Test
    void anInvalidIndexIsListed() throws Exception {
        Profile profile = profile(database, false, Duration.ZERO);
        assertThat(table(profile, "orders").indexes())
                .extracting(Index::name, Index::valid, Index::ready, Index::unique, Index::constraint)
                .containsExactly(
                        tuple("broken", false, false, true, false),
                        tuple("orders_pkey", true, true, true, true),
                        tuple("orders_user", true, true, false, false));
        assertThat(table(profile, "orders").indexes().get(0).definition())
                .isEqualTo("CREATE UNIQUE INDEX broken ON public.orders USING btree (dup)");
    }

    @Test
    void fanOutIsThatOfTheRows() throws Exception {
        ForeignKey key = profile(database, false, Duration.ZERO).foreignKeys().get(0);
        assertThat(key.columns()).containsExactly("user_id");
        assertThat(key.parent()).isEqualTo("users");
        // Of 5000 orders 3750 refer to the 375 users among the first 500 whose number less one is no multiple of four.
        assertThat(key.nullShare()).isEqualTo(0.25);
        assertThat(key.meanFanOut()).isEqualTo(10);
        assertThat(key.referredShare()).isEqualTo(375 / 2000.0);
    }

    @Test
    void theFileMatchesItsSchemaAndIsReadAgain(@TempDir Path directory) throws Exception {
        Profile profile = profile(database, true, Duration.ofSeconds(1));
        Path file = directory.resolve("shop.profile.json");
        ProfileJson.write(profile, file);
        assertThat(ProfileJson.read(file)).isEqualTo(profile);
        assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                        .getSchema(Files.readString(Path.of("docs/profile.schema.json")))
                        .validate(new ObjectMapper().readTree(file.toFile())))
                .isEmpty();
        if (profile.schema().missing() == null) {
            assertThat(profile.schema().sql())
                    .contains("CREATE TABLE public.users", "CREATE STATISTICS shop.dependent");
        } else {
            assertThat(profile.schema().missing()).contains("pg_dump", "dataset.schema");
        }
    }

    @Test
    void aWindowTellsRatesAndAges() throws Exception {
        try (Connection idle = database.open("idle")) {
            idle.setAutoCommit(false);
            Queries.execute(idle, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "SELECT count(*) FROM orders");
            Profile profile = profile(database, false, Duration.ofMillis(3500));
            assertThat(profile.ages()).isNotNull().satisfies(ages -> {
                assertThat(ages.samples()).isGreaterThanOrEqualTo(2);
                assertThat(ages.transactions().meanCount()).isEqualTo(1);
                assertThat(ages.snapshots().meanCount()).isEqualTo(1);
                assertThat(ages.idleInTransaction().meanCount()).isEqualTo(1);
                assertThat(ages.transactions().maxSeconds()).isGreaterThanOrEqualTo(1);
            });
            assertThat(profile.traffic()).isNotNull().satisfies(traffic -> {
                assertThat(traffic.windowSeconds()).isGreaterThanOrEqualTo(3.5);
                assertThat(traffic.statements())
                        .filteredOn(statement -> statement.sql().startsWith("DELETE FROM orders"))
                        .singleElement()
                        .satisfies(deleted -> {
                            assertThat(deleted.sql()).isEqualTo("DELETE FROM orders WHERE id % $1 = $2");
                            assertThat(deleted.calls()).isEqualTo(1);
                            assertThat(deleted.rows()).isEqualTo(1000);
                            // Each deleted row's page is asked for once at least.
                            assertThat(deleted.sharedBuffers()).isGreaterThanOrEqualTo(1000);
                            assertThat(deleted.callsPerSecond()).isZero();
                        });
                assertThat(traffic.statements())
                        .noneMatch(statement -> statement.sql().contains("pg_"));
            });
        }
    }

    @Test
    void nothingIsChangedAndNoTableIsRead() throws Exception {
        String counters = "SELECT pg_snapshot_xmax(pg_current_snapshot()), sum(seq_scan), sum(idx_scan), sum(n_tup_upd)"
                + " FROM pg_stat_user_tables";
        Queries.execute(database, "SELECT pg_stat_force_next_flush()");
        String before = Queries.value(database, counters);
        profile(database, false, Duration.ofSeconds(1));
        assertThat(Queries.value(database, counters)).isEqualTo(before);
    }

    @Test
    void aLockedTableIsNamedSoonAndNoLockAboveAccessShareIsTaken() throws Exception {
        try (Connection locker = database.open("locker")) {
            locker.setAutoCommit(false);
            Queries.execute(locker, "LOCK TABLE users IN ACCESS EXCLUSIVE MODE");
            CompletableFuture<Profile> profile = CompletableFuture.supplyAsync(() -> {
                try {
                    return profile(database, false, Duration.ZERO);
                } catch (Exception e) {
                    throw new CompletionException(e);
                }
            });
            // While it waits it has all that it holds: asked at once, since it waits for two seconds only.
            Queries.await(
                    database,
                    "SELECT concat_ws('|', string_agg(DISTINCT l.mode, ','), coalesce(max(a.backend_xid::text), 'no xid'),"
                            + " count(*) FILTER (WHERE NOT l.granted AND l.relation = 'users'::regclass))"
                            + " FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
                            + " WHERE a.application_name = 'pgrehearse profile' AND l.locktype = 'relation'",
                    "AccessShareLock|no xid|1");
            assertThatThrownBy(profile::join)
                    .cause()
                    .isInstanceOf(ProfilingProblem.class)
                    .hasMessageContaining(
                            "users was locked in ACCESS EXCLUSIVE mode by another session for longer than 2s")
                    .hasMessageContaining("nothing was written");
        }
    }

    @Test
    void whatARoleMayNotSeeIsNamed() throws Exception {
        Queries.execute(database, "CREATE ROLE looker LOGIN PASSWORD 'looks'", "GRANT SELECT ON orders TO looker");
        ConnectionDetails looker = database.withUser("looker", new Password("looks"));
        Profile profile = profile(looker, false, Duration.ZERO);
        assertThat(profile.notices())
                .anySatisfy(notice -> assertThat(notice)
                        .contains("hidden from this role", "never, part, part_a, part_b, users", "pg_read_all_data"))
                .anySatisfy(notice -> assertThat(notice).contains("pg_read_all_stats", "pg_monitor"));
        assertThat(column(profile, "orders", "user_id").hasStatistics()).isTrue();
        assertThat(column(profile, "users", "id").hasStatistics()).isFalse();

        Queries.execute(database, "REVOKE SELECT ON orders FROM looker");
        assertThatThrownBy(() -> profile(looker, false, Duration.ZERO))
                .isInstanceOf(ProfilingProblem.class)
                .hasMessageContaining("statistics of no column")
                .hasMessageContaining("pg_read_all_data");
        Queries.execute(database, "GRANT pg_monitor, pg_read_all_data TO looker");
        assertThat(profile(looker, false, Duration.ZERO).notices())
                .noneMatch(notice -> notice.contains("hidden") || notice.contains("pg_read_all_stats"));
        Queries.execute(database, "DROP OWNED BY looker", "DROP ROLE looker");
    }

    /** Of others' traffic a role without pg_read_all_stats sees counters alone; utility statements are nobody's load. */
    @Test
    void callsThatAreHiddenOrHaveNoTextAreCounted() throws Exception {
        ConnectionDetails busy = SERVER.newDatabase();
        Queries.execute(
                busy,
                "CREATE EXTENSION pg_stat_statements",
                "CREATE TABLE things (n int)",
                "INSERT INTO things VALUES (1)",
                "ANALYZE things",
                "CREATE PROCEDURE touch() LANGUAGE sql AS 'UPDATE things SET n = n'",
                "CREATE ROLE stranger LOGIN PASSWORD 'strange'",
                "GRANT SELECT ON things TO stranger",
                "SELECT pg_stat_statements_reset()");
        for (int i = 0; i < 7; i++) {
            Queries.execute(busy, "SELECT n FROM things WHERE n = " + i, "SET work_mem = '5MB'");
        }
        for (int i = 0; i < 3; i++) {
            Queries.execute(busy, "CALL touch()");
        }
        Queries.execute(busy, "SELECT 1 FROM pg_class LIMIT 1");
        String ofRole = "SELECT sum(calls) FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid WHERE toplevel"
                + " AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND rolname ";

        Traffic all = profile(busy, false, Duration.ZERO).traffic();
        assertThat(all).isNotNull();
        assertThat(all.statements())
                .extracting(TrafficStatement::sql, TrafficStatement::calls)
                .containsExactly(tuple("SELECT n FROM things WHERE n = $1", 7L));
        assertThat(all.hidden()).isEqualTo(Counts.NONE);
        assertThat(all.cutOff()).isEqualTo(Counts.NONE);
        assertThat(all.unwritten().calls()).as("of CALL, and not of SET").isEqualTo(3);
        assertThat(all.unwritten().entries()).isEqualTo(1);
        assertThat(all.unwritten().totalMillis()).isPositive();

        ConnectionDetails stranger = busy.withUser("stranger", new Password("strange"));
        Queries.execute(stranger, "SELECT n FROM things WHERE n = 1");
        long before = Long.parseLong(Queries.value(busy, ofRole + "<> 'stranger'"));
        Traffic some = profile(stranger, false, Duration.ZERO).traffic();
        assertThat(some).isNotNull();
        assertThat(some.statements()).extracting(TrafficStatement::calls).containsExactly(1L);
        // The question itself is counted when it has ended.
        assertThat(some.hidden().calls()).isEqualTo(before + 1);
        assertThat(some.hidden().calls()).isGreaterThan(7 + 7 + 3);
        assertThat(some.hidden().totalMillis()).isPositive();
        assertThat(some.unwritten()).isEqualTo(Counts.NONE);
        Queries.execute(busy, "DROP OWNED BY stranger", "DROP ROLE stranger");
    }

    /** A profile holds a thousand statements; what it does not is known by its calls. */
    @Test
    void callsBeyondTheThousandStatementsAreCounted() {
        TrafficReader.Counted[] statements = new TrafficReader.Counted[1002];
        for (int i = 0; i < statements.length; i++) {
            statements[i] = new TrafficReader.Counted("SELECT a" + i + " FROM t", true, 10L + i, 5000.0 - i, 1, 1);
        }
        TrafficReader.Seen thousand = new TrafficReader.Seen(List.of(statements).subList(0, 1000), null, List.of(), 0);
        TrafficReader.Seen more = new TrafficReader.Seen(List.of(statements), null, List.of(), 0);

        assertThat(TrafficReader.traffic(null, thousand).cutOff()).isEqualTo(Counts.NONE);
        assertThat(TrafficReader.traffic(null, more).statements()).hasSize(1000);
        assertThat(TrafficReader.traffic(null, more).cutOff())
                .isEqualTo(new Counts(2, 10 + 1000 + 10 + 1001, 5000.0 - 1000 + 5000.0 - 1001));
    }

    @Test
    void whatIsWrongWithTheConnectionIsSaid() {
        assertThatThrownBy(() -> ProfileReader.open(
                        target(database.withUser(database.user(), new Password("wrong"))), event -> {}))
                .isInstanceOf(ProfilingProblem.class)
                .hasMessageContaining("refuses this role and password");
        assertThatThrownBy(() -> ProfileReader.open(target(database.withDatabase("nowhere")), event -> {}))
                .isInstanceOf(ProfilingProblem.class)
                .hasMessageContaining("no such database");
        assertThatThrownBy(() ->
                        ProfileReader.open(Target.parse(database.jdbcUrl(), database.user(), Map.of()), event -> {}))
                .isInstanceOf(PasswordMissing.class);
        assertThatThrownBy(() -> ProfileReader.open(
                        Target.parse("postgresql://127.0.0.1:1/nowhere", "nobody", Map.of("PGPASSWORD", "x")),
                        event -> {}))
                .isInstanceOf(ProfilingProblem.class)
                .hasMessageContaining("cannot be reached");
    }
}
