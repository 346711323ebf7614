package dev.pgrehearse.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.profile.Profile;
import dev.pgrehearse.profiling.ProfileReader;
import dev.pgrehearse.profiling.Target;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.recording.Recording.DerivedStatement;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Thirty statements that were written before anything that makes statements runnable: they run, a profile is taken, a
 * workload is derived of it, and {@code pg_stat_statements} is asked whether that is the same.
 */
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

    @BeforeAll
    static void runBoth() throws Exception {
        ConnectionDetails source = POSTGRES.newDatabase();
        Queries.execute(
                source,
                "CREATE EXTENSION pg_stat_statements",
                "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO public");
        ConnectionDetails owner = POSTGRES.app(source);
        PlantedShop.make(owner, "shop.sql", "shop-rows.sql");
        Queries.execute(source, "VACUUM ANALYZE");
        ConnectionDetails toTry = copy(source, "to_try");
        ConnectionDetails toRun = copy(source, "to_run");
        PlantedShop.run(owner);
        original = PlantedShop.counted(source);
        Profile profile = profile(source);
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
}
