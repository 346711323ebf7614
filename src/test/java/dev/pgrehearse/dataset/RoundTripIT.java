package dev.pgrehearse.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgrehearse.fidelity.Fidelity;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.profile.Profile;
import dev.pgrehearse.profiling.ProfileReader;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.recording.FidelityFacts;
import dev.pgrehearse.scenario.DatasetSpec;
import dev.pgrehearse.scenario.ProfiledSpec;
import dev.pgrehearse.server.TestServer;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Profile, generate, profile again: the second profile says what the first one did. The source's rows are made by plain
 * SQL, and nothing but its statistics reaches the generator.
 */
@Tag("thorough")
class RoundTripIT {
    private static final long SEED = 42;
    /** In a query: another one, whose only value takes its place. */
    private static final Pattern PLACE = Pattern.compile("\\{(.*?)}");

    @RegisterExtension
    static final TestServer POSTGRES = TestServer.forLoading().with("shared_buffers", "256MB");

    private static ConnectionDetails source;
    private static ConnectionDetails generated;
    private static Profile asked;

    @BeforeAll
    static void makeBoth() throws Exception {
        source = POSTGRES.newDatabase();
        RoundTripSource.make(source);
        asked = ProfileReader.statisticsOf(source, Progress.SILENT);
        generated = POSTGRES.newDatabase();
        DatasetSpec spec = like(asked);
        Map<String, Long> rows = spec.sizes().get(ProfiledSpec.SIZE);
        DatasetLoader loader = new DatasetLoader(Progress.SILENT);
        PreparedDataset prepared = loader.prepare(generated, POSTGRES.app(generated), spec, rows, SEED);
        loader.load(generated, prepared);
        loader.settle(generated, prepared);
    }

    private static DatasetSpec like(Profile profile) throws URISyntaxException {
        Map<String, Long> rows = new LinkedHashMap<>();
        profile.tables().stream()
                .filter(table -> !table.isPartitioned())
                .forEach(table -> rows.put(table.displayName(), Math.round(table.rows())));
        return new DatasetSpec(
                RoundTripSource.resource("roundtrip.sql"),
                Map.of(),
                Map.of(ProfiledSpec.SIZE, rows),
                ProfiledSpec.SIZE,
                DatasetSpec.CacheState.WARM,
                null,
                new ProfiledSpec(Path.of("roundtrip.profile.json"), profile, "", 1));
    }

    @Test
    void theStatisticsOfTheGeneratedDatabaseAreThoseOfTheProfile() {
        FidelityFacts fidelity = Fidelity.compare(asked, ProfileReader.statisticsOf(generated, Progress.SILENT));

        assertThat(asked.tables()).hasSizeGreaterThanOrEqualTo(25);
        assertThat(fidelity.columns()).isGreaterThan(150);
        assertThat(fidelity.share()).as(fidelity.worst().toString()).isGreaterThanOrEqualTo(0.95);
        // A fan-out is an estimate of ANALYZE's, of which an uneven one may be a tenth off.
        assertThat(fidelity.tables())
                .allSatisfy(table -> assertThat(table.figures())
                        .as(table.name())
                        .filteredOn(figure -> !figure.name().contains(" of "))
                        .allMatch(FidelityFacts.Figure::within));
        List<FidelityFacts.Figure> indexes = fidelity.tables().stream()
                .flatMap(table -> table.figures().stream())
                .filter(figure -> figure.name().startsWith("pages of "))
                .toList();
        assertThat(indexes.stream().filter(FidelityFacts.Figure::within).count())
                .isGreaterThanOrEqualTo(indexes.size() * 9L / 10);
    }

    @Test
    void theInvalidIndexIsThere() throws SQLException {
        String invalid = "select c.relname, i.indisready, i.indisunique from pg_index i join pg_class c on c.oid ="
                + " i.indexrelid where not i.indisvalid and c.relkind = 'i'";

        assertThat(Queries.rows(generated, invalid)).hasSize(1).isEqualTo(Queries.rows(source, invalid));
    }

    @Test
    void whoRefersToTheOwnTableMakesATree() throws SQLException {
        assertThat(Queries.rows(
                        generated,
                        "select (select count(*) from categories where parent_id >= id),"
                                + " (select count(*) from employees where manager_id >= id),"
                                + " (select count(*) > 0 from categories where parent_id is null)"))
                .containsExactly("0|0|t");
    }

    /** All constraints were made again after the load, so that the server has checked every one of them. */
    @Test
    void everyConstraintAndIndexIsThereAndChecked() throws SQLException {
        String constraints = "select conrelid::regclass, conname, contype, convalidated from pg_constraint"
                + " where connamespace::regnamespace::text in ('public', 'sales') and contype <> 'n' order by 1, 2";
        String indexes =
                "select indexname, indexdef from pg_indexes where schemaname in ('public', 'sales') order by 1";

        assertThat(Queries.rows(generated, constraints)).isEqualTo(Queries.rows(source, constraints));
        assertThat(Queries.rows(generated, indexes)).isEqualTo(Queries.rows(source, indexes));
    }

    @Test
    void twentyQueriesGetPlansOfTheSameShape() throws Exception {
        List<String> queries = Files.readAllLines(RoundTripSource.resource("roundtrip-queries.txt"));
        List<String> different = new ArrayList<>();
        for (String line : queries) {
            String name = line.substring(0, line.indexOf(": "));
            String query = line.substring(name.length() + 2);
            String onSource = shape(source, query);
            String onGenerated = shape(generated, query);
            if (!onGenerated.equals(onSource)) {
                different.add(name + ": " + onSource + "\n   but: " + onGenerated);
            }
        }

        assertThat(queries).hasSizeGreaterThanOrEqualTo(20);
        assertThat(different).isEmpty();
    }

    private static String shape(ConnectionDetails where, String query) throws SQLException, IOException {
        Matcher place = PLACE.matcher(query);
        StringBuilder sql = new StringBuilder();
        while (place.find()) {
            place.appendReplacement(sql, Matcher.quoteReplacement(Queries.value(where, place.group(1))));
        }
        place.appendTail(sql);
        String plan = String.join("\n", Queries.rows(where, "explain (format json) " + sql));
        return shape(new ObjectMapper().readTree(plan).get(0).get("Plan"));
    }

    /** Nodes, how they join, what they read and through which index. */
    private static String shape(JsonNode node) {
        List<String> parts = new ArrayList<>();
        for (String key : List.of("Node Type", "Strategy", "Join Type", "Relation Name", "Index Name")) {
            if (node.has(key)) {
                parts.add(node.get(key).asText());
            }
        }
        List<String> below = new ArrayList<>();
        node.path("Plans").forEach(child -> below.add(shape(child)));
        return String.join(" ", parts) + (below.isEmpty() ? "" : " (" + String.join(", ", below) + ")");
    }
}
