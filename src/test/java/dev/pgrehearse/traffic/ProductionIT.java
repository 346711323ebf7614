package dev.pgrehearse.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.profile.Profile;
import dev.pgrehearse.profile.Profile.Counts;
import dev.pgrehearse.profile.Profile.Traffic;
import dev.pgrehearse.profile.Profile.TrafficStatement;
import dev.pgrehearse.profiling.ProfileReader;
import dev.pgrehearse.profiling.Target;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.recording.Recording.DerivedStatement;
import dev.pgrehearse.recording.Recording.LeftOutStatement;
import dev.pgrehearse.scenario.WorkloadSpec.FromProfile;
import dev.pgrehearse.server.TestServer;
import dev.pgrehearse.traffic.PlantedShop.Counted;
import dev.pgrehearse.workload.Operation;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Thirty statements that were written before anything that makes statements runnable: they run, a profile is taken, a
 * workload is derived of it, and {@code pg_stat_statements} is asked whether that is the same.
 */
@Tag("thorough")
class ProductionIT {
    private static final long SEED = 42;

    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick()
            .with("shared_preload_libraries", "pg_stat_statements")
            .with("shared_buffers", "256MB");

    private static Map<String, Counted> original;
    private static Map<String, Counted> derived;
    private static DerivedWorkload workload;
    private static List<String> failures;
    private static Profile profile;
    private static ConnectionDetails owner;

    @BeforeAll
    static void runBoth() throws Exception {
        ConnectionDetails source = POSTGRES.newDatabase();
        Queries.execute(
                source,
                "CREATE EXTENSION pg_stat_statements",
                "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO public");
        owner = POSTGRES.app(source);
        PlantedShop.make(owner, "shop.sql", "shop-rows.sql");
        Queries.execute(source, "VACUUM ANALYZE");
        ConnectionDetails toTry = copy(source, "to_try");
        ConnectionDetails toRun = copy(source, "to_run");
        PlantedShop.run(owner);
        original = PlantedShop.counted(source);
        profile = profile(source);
        FromProfile spec = new FromProfile(Path.of("shop.profile.json"), profile, "", 0.95, true, Map.of());
        workload = Production.derive(spec, 100, POSTGRES.app(toTry), SEED, Progress.SILENT);
        Queries.execute(toRun, "SELECT pg_stat_statements_reset()");
        failures = Requests.run(workload.operations(), POSTGRES.app(toRun), (int) calls(original));
        derived = PlantedShop.counted(toRun);
    }

    private static ConnectionDetails copy(ConnectionDetails source, String name) throws SQLException {
        Queries.execute(
                POSTGRES.superuser(),
                "CREATE DATABASE " + name + " TEMPLATE " + source.database() + " OWNER "
                        + POSTGRES.app().user());
        return source.withDatabase(name);
    }

    private static Profile profile(ConnectionDetails source) throws Exception {
        Target target = Target.parse(
                source.jdbcUrl() + "?sslmode=disable&gssEncMode=disable",
                source.user(),
                Map.of("PGPASSWORD", source.password().reveal()));
        try (ProfileReader reader = ProfileReader.open(target, Progress.SILENT)) {
            return reader.read(new ProfileReader.Request("test", false, Duration.ZERO, ""));
        }
    }

    private static double calls(Map<String, Counted> counted) {
        return counted.values().stream().mapToLong(Counted::calls).sum();
    }

    @Test
    void atLeastNineteenOfTwentyCallsAreRunnable() {
        assertThat(workload.facts().callsShare())
                .as(workload.facts().leftOut().toString())
                .isGreaterThanOrEqualTo(0.95);
        assertThat(failures).isEmpty();
        assertThat(workload.operations().stream().map(Operation::name)).doesNotHaveDuplicates();
    }

    @Test
    void theMixIsTheSame() {
        double apart = original.entrySet().stream()
                        .mapToDouble(each -> Math.abs(each.getValue().calls() / calls(original)
                                - of(each.getKey()).calls() / calls(derived)))
                        .sum()
                / 2;
        assertThat(apart).as("total variation distance").isLessThanOrEqualTo(0.02);
    }

    /** What was counted of the statement that was made of an original one: texts differ by casts, and some calls are alike. */
    private static Counted of(String text) {
        return workload.facts().statements().stream()
                .filter(statement -> likeness(statement.sql()).equals(likeness(text)))
                .map(DerivedStatement::sql)
                .findFirst()
                .map(sql -> derived.getOrDefault(PlantedShop.plain(sql), new Counted(0, 0, 0)))
                .orElse(new Counted(0, 0, 0));
    }

    /** Without what a repair changes. */
    private static String likeness(String sql) {
        return PlantedShop.plain(sql)
                .toLowerCase(Locale.ROOT)
                .replaceAll("cast\\(\\? as (\\w+)\\)", "$1 ?")
                .replace("pg_catalog.extract(text ?, ", "extract(? from ")
                .replaceAll("[^a-z?_]+", " ");
    }

    @Test
    void rowsAndBuffersPerCallAreTheSame() {
        StringBuilder table = new StringBuilder();
        double[] rows = new double[2];
        double[] buffers = new double[2];
        original.forEach((text, before) -> {
            Counted now = of(text);
            double share = before.calls() / calls(original);
            rows[0] += share * before.rows() / before.calls();
            buffers[0] += share * before.buffers() / before.calls();
            if (now.calls() > 0) {
                rows[1] += share * now.rows() / now.calls();
                buffers[1] += share * now.buffers() / now.calls();
            }
            table.append(String.format(
                    "%5d %5d | %8.3f %8.3f | %8.2f %8.2f | %s%n",
                    before.calls(),
                    now.calls(),
                    before.rows() / before.calls(),
                    now.rows() / now.calls(),
                    before.buffers() / before.calls(),
                    now.buffers() / now.calls(),
                    text));
        });
        if (Boolean.getBoolean("pgrehearse.print.traffic")) {
            System.out.println(table);
        }
        assertThat(rows[1]).as(table.toString()).isCloseTo(rows[0], within(0.10 * rows[0]));
        assertThat(buffers[1]).as(table.toString()).isCloseTo(buffers[0], within(0.25 * buffers[0]));
    }

    private static final String ITEM = "SELECT title FROM products WHERE id = $1";
    private static final String STOCK = "SELECT stock FROM products WHERE id = $1";
    private static final String PRICE = "SELECT price FROM products WHERE id = $1";
    private static final String GONE = "SELECT price FROM removed WHERE id = $1";

    private static TrafficStatement called(String sql, long calls) {
        return new TrafficStatement(sql, calls, 0.1, calls, 3 * calls, null);
    }

    /** What a profile of these statements alone, with that many calls per second, makes. */
    private static DerivedWorkload of(
            double rate, boolean ownRate, Map<String, List<String>> transactions, TrafficStatement... statements)
            throws SQLException {
        return of(rate, ownRate, transactions, Counts.NONE, Counts.NONE, Counts.NONE, statements);
    }

    private static DerivedWorkload of(
            double rate,
            boolean ownRate,
            Map<String, List<String>> transactions,
            Counts hidden,
            Counts cutOff,
            Counts unwritten,
            TrafficStatement... statements)
            throws SQLException {
        Profile some = new Profile(
                profile.format(),
                profile.tool(),
                profile.takenAt(),
                profile.values(),
                profile.server(),
                profile.schema(),
                profile.tables(),
                profile.foreignKeys(),
                new Traffic(null, 0, List.of(statements), 9, hidden, cutOff, unwritten),
                profile.ages(),
                profile.surroundings(),
                profile.notices());
        FromProfile spec = new FromProfile(Path.of("some.json"), some, "", 0.5, ownRate, transactions);
        return Production.derive(spec, rate, owner, SEED, Progress.SILENT);
    }

    /** How often an operation comes per second, by the names of its statements' columns. */
    private static double perSecond(DerivedWorkload made, String sql) {
        double all = made.operations().stream().mapToDouble(Operation::weight).sum();
        String name = made.facts().statements().stream()
                .filter(statement -> PlantedShop.plain(statement.sql()).startsWith(sql.substring(0, 14)))
                .findFirst()
                .orElseThrow()
                .operation();
        return made.operations().stream()
                        .filter(operation -> operation.name().equals(name))
                        .mapToDouble(Operation::weight)
                        .sum()
                / all
                * made.facts().ratePerSecond();
    }

    @Test
    void withoutTransactionsEachCallIsARequest() throws Exception {
        // 100, 100 and 200 calls per second, and 400 of a statement that cannot be run here.
        DerivedWorkload made =
                of(800, true, Map.of(), called(ITEM, 10), called(STOCK, 10), called(PRICE, 20), called(GONE, 40));

        assertThat(made.facts().ratePerSecond()).isEqualTo(400);
        assertThat(perSecond(made, ITEM)).isEqualTo(100);
        assertThat(perSecond(made, PRICE)).isEqualTo(200);
        assertThat(made.facts().callsShare()).isEqualTo(0.5);
    }

    @Test
    void aTransactionIsOneRequestOfAllItsCalls() throws Exception {
        Map<String, List<String>> transaction = Map.of("look", List.of(ITEM, STOCK, PRICE));

        // Three of 100 calls per second each.
        DerivedWorkload three = of(300, true, transaction, called(ITEM, 10), called(STOCK, 10), called(PRICE, 10));
        assertThat(three.facts().ratePerSecond()).isEqualTo(100);
        assertThat(three.operations())
                .singleElement()
                .satisfies(look -> assertThat(look.statements()).hasSize(3));

        // 100, 100 and 200 calls per second, and 400 of what cannot be run: still 100 transactions, of four calls.
        DerivedWorkload four =
                of(800, true, transaction, called(ITEM, 10), called(STOCK, 10), called(PRICE, 20), called(GONE, 40));
        assertThat(four.facts().ratePerSecond()).isEqualTo(100);
        assertThat(four.operations())
                .singleElement()
                .satisfies(look -> assertThat(look.statements()).hasSize(4));
        assertThat(four.facts().callsShare()).isEqualTo(0.5);

        // Of two in it and one beside it: 100 transactions and 200 other requests per second.
        DerivedWorkload beside = of(
                400,
                true,
                Map.of("look", List.of(ITEM, STOCK)),
                called(ITEM, 10),
                called(STOCK, 10),
                called(PRICE, 20));
        assertThat(beside.facts().ratePerSecond()).isEqualTo(300);
        assertThat(perSecond(beside, ITEM)).isEqualTo(100);
        assertThat(perSecond(beside, PRICE)).isEqualTo(200);
    }

    @Test
    void aRateOfTheScenarioIsOfRequests() throws Exception {
        Map<String, List<String>> transaction = Map.of("look", List.of(ITEM, STOCK, PRICE));
        TrafficStatement[] statements = {called(ITEM, 10), called(STOCK, 10), called(PRICE, 10), called(GONE, 40)};

        assertThat(of(70, false, Map.of(), statements).facts().ratePerSecond()).isEqualTo(70);
        assertThat(of(70, false, transaction, statements).facts().ratePerSecond())
                .isEqualTo(70);
    }

    @Test
    void aTransactionOfMoreThanAHundredStatementsIsRefused() throws Exception {
        Map<String, List<String>> transaction = Map.of("look", List.of(ITEM, STOCK));

        DerivedWorkload longest = of(1000, true, transaction, called(ITEM, 10), called(STOCK, 990));
        assertThat(longest.operations())
                .singleElement()
                .satisfies(look -> assertThat(look.statements()).hasSize(100));
        assertThat(longest.facts().ratePerSecond()).isEqualTo(10);
        assertThat(longest.doubts()).noneMatch(doubt -> doubt.id().equals("transaction-not-run"));

        DerivedWorkload longer = of(1010, true, transaction, called(ITEM, 10), called(STOCK, 1000));
        assertThat(longer.operations())
                .hasSize(2)
                .allMatch(each -> each.statements().size() == 1);
        assertThat(longer.facts().ratePerSecond()).isEqualTo(1010);
        assertThat(longer.doubts())
                .filteredOn(doubt -> doubt.id().equals("transaction-not-run"))
                .singleElement()
                .satisfies(doubt -> assertThat(doubt.text())
                        .contains("The transaction look is not run as one", "101 statements long", "above the 100"));
    }

    @Test
    void aTransactionOfWhatCannotBeRunIsRefusedWithItsReason() throws Exception {
        DerivedWorkload made = of(100, true, Map.of("look", List.of(ITEM, GONE)), called(ITEM, 10), called(GONE, 10));

        assertThat(made.facts().ratePerSecond()).isEqualTo(50);
        assertThat(made.doubts())
                .anySatisfy(doubt -> assertThat(doubt.text()).contains("1 of its 2 statements cannot be run here"));
    }

    @Test
    void whatTheProfileHasNoTextOfIsNotRun() throws Exception {
        // 100 calls of 0.1 ms are run, of 1000 calls and 100 ms.
        DerivedWorkload made = of(
                100,
                true,
                Map.of(),
                new Counts(3, 600, 50),
                new Counts(2, 200, 30),
                new Counts(1, 100, 10),
                called(ITEM, 100));

        assertThat(made.facts().callsShare()).isEqualTo(0.1);
        assertThat(made.facts().timeShare()).isCloseTo(0.1, within(1e-9));
        assertThat(made.facts().ratePerSecond())
                .as("of the calls whose rate the profile tells")
                .isEqualTo(100);
        assertThat(made.facts().notInProfile()).as("such as BEGIN").isEqualTo(3);
        assertThat(made.facts().leftOut())
                .extracting(LeftOutStatement::calls, LeftOutStatement::callsShare)
                .containsExactly(tuple(600L, 0.6), tuple(200L, 0.2), tuple(100L, 0.1));
        assertThat(made.facts().leftOut().get(0).reason())
                .contains("hidden from the role", "take it as a member of pg_read_all_stats");
    }
}
