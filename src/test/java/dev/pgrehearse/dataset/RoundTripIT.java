package dev.pgrehearse.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.profile.Fidelity;
import dev.pgrehearse.profile.Profile;
import dev.pgrehearse.recording.FidelityFacts;
import dev.pgrehearse.profiling.ProfileReader;
import dev.pgrehearse.profiling.Target;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.scenario.DatasetSpec;
import dev.pgrehearse.scenario.ProfiledSpec;
import dev.pgrehearse.server.TestServer;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Profile, generate, profile again: the second profile says what the first one did. */
class RoundTripIT {
    private static final String UNIQUE_VIOLATION = "23505";

    @RegisterExtension
    static final TestServer POSTGRES = TestServer.forLoading().with("shared_buffers", "256MB");

    private static Path resource(String name) throws URISyntaxException {
        return Path.of(
                Objects.requireNonNull(RoundTripIT.class.getResource(name)).toURI());
    }

    /** Statement by statement, since some of them allow no transaction; the index that cannot be built stays INVALID. */
    private static void run(ConnectionDetails details, String script) throws Exception {
        try (Connection connection = details.open("source");
                Statement statement = connection.createStatement()) {
            for (String sql : Files.readString(resource(script)).split(";\n", -1)) {
                try {
                    statement.execute(sql);
                } catch (SQLException refused) {
                    if (!UNIQUE_VIOLATION.equals(refused.getSQLState())) {
                        throw new SQLException(sql, refused);
                    }
                }
            }
        }
    }

    private static Profile profileOf(ConnectionDetails details) throws Exception {
        Target target = Target.parse(
                details.jdbcUrl(),
                details.user(),
                Map.of("PGPASSWORD", details.password().reveal()));
        try (ProfileReader reader = ProfileReader.open(target, Progress.SILENT)) {
            return reader.read(new ProfileReader.Request("test", false, Duration.ZERO, ""));
        }
    }

    @Test
    void theGeneratedDatabaseHasTheProfileItWasMadeFrom() throws Exception {
        ConnectionDetails source = POSTGRES.newDatabase();
        run(source, "roundtrip.sql");
        run(source, "roundtrip-rows.sql");
        Profile asked = profileOf(source);

        ConnectionDetails generated = POSTGRES.newDatabase();
        Map<String, Long> rows = new LinkedHashMap<>();
        asked.tables().stream()
                .filter(table -> !table.isPartitioned())
                .forEach(table -> rows.put(table.displayName(), Math.round(table.rows())));
        DatasetSpec spec = new DatasetSpec(
                resource("roundtrip.sql"),
                Map.of(),
                Map.of(ProfiledSpec.SIZE, rows),
                ProfiledSpec.SIZE,
                DatasetSpec.CacheState.WARM,
                null,
                new ProfiledSpec(Path.of("roundtrip.profile.json"), asked, "", 1));
        DatasetLoader loader = new DatasetLoader(event -> {
            if (event.kind() == dev.pgrehearse.progress.ProgressEvent.Kind.NOTICE) {
                System.err.println(event.task());
            }
        });
        try {
            PreparedDataset prepared = loader.prepare(generated, POSTGRES.app(generated), spec, rows, 42);
            loader.load(generated, prepared);
            loader.settle(generated, prepared);
        } catch (DatasetMistakes mistakes) {
            mistakes.mistakes().forEach(System.err::println);
            throw mistakes;
        }
        FidelityFacts fidelity = Fidelity.compare(asked, profileOf(generated));
        fidelity.worst().tables().forEach(t -> { t.figures().forEach(f -> System.err.println(t.name() + " " + f)); t.columns().forEach(c -> c.figures().forEach(f -> System.err.println("  " + t.name() + "." + c.name() + " " + f))); });
        System.err.println(fidelity.within() + " of " + fidelity.columns());
        assertThat(fidelity.share()).isGreaterThanOrEqualTo(0.95);
    }
}
