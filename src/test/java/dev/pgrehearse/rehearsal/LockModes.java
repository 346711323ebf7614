package dev.pgrehearse.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.migration.MigrationResult;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.server.BenchmarkPage;
import dev.pgrehearse.server.TestServer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * What the recording says that schema changes lock, rewrite and scan, against what was taken down by hand from PostgreSQL 15 and
 * 18 ({@code lock-modes.yaml}). All cases are one migration, run as the tool runs it and seen as the observer sees it. The
 * comparison becomes a part of {@code docs/accuracy.md}.
 */
abstract class LockModes {
    /** What one statement does; a lock is {@code relation MODE}. */
    private record Effects(Set<String> locks, Set<String> rewrites, Set<String> scans) {}

    /**
     * A case of the list.
     *
     * @param expected what was taken down
     * @param also locks that the recording tells besides
     * @param why it does; empty when there are none
     * @param makes relations that the statement makes, which nobody else can see yet
     */
    private record Case(
            String name,
            int since,
            List<String> before,
            String sql,
            Effects expected,
            Set<String> also,
            String why,
            Set<String> makes) {
        /** What the recording has to say. */
        Effects told() {
            Set<String> locks = new TreeSet<>(expected.locks());
            locks.addAll(also);
            Set<String> scans = new TreeSet<>(expected.scans());
            scans.removeAll(makes);
            return new Effects(locks, expected.rewrites(), scans);
        }
    }

    @TempDir
    static Path folder;

    private int major;
    private String version;
    private List<Case> cases;
    private final Map<Case, Effects> recorded = new LinkedHashMap<>();

    abstract TestServer server();

    @BeforeEach
    void runAllCases() throws Exception {
        version = Queries.value(server().superuser(), "SHOW server_version");
        major = Integer.parseInt(Queries.value(server().superuser(), "SHOW server_version_num")) / 10_000;
        Map<String, Object> list = read();
        List<String> tables = strings(list.get("tables"));
        cases = ((List<?>) Objects.requireNonNull(list.get("cases")))
                .stream()
                        .map(each -> of((Map<?, ?>) each))
                        .filter(each -> each.since() <= major)
                        .toList();
        StringBuilder script = new StringBuilder();
        Map<Integer, Case> byStatement = new LinkedHashMap<>();
        int statements = 0;
        for (Case each : cases) {
            List<String> own = new ArrayList<>(List.of("DROP SCHEMA public CASCADE", "CREATE SCHEMA public"));
            own.addAll(tables);
            own.addAll(each.before());
            // No look that began while one of those held its locks reaches into the statement.
            own.add("SELECT pg_sleep(0.1)");
            own.add(each.sql());
            own.forEach(sql -> script.append(sql).append(";\n"));
            statements += own.size();
            byStatement.put(statements, each);
        }
        ConnectionDetails database = server().newDatabase();
        try (Observation observation = Observation.begin(server(), database, folder)) {
            MigrationResult result = observation.migrate(script.toString()).get();
            assertThat(result.fault()).isNull();
            Recording recording = observation.finish();
            for (Recording.Statement statement :
                    Objects.requireNonNull(recording.migration()).statements()) {
                Case its = byStatement.get(statement.index());
                if (its != null) {
                    recorded.put(its, effects(statement, its.makes()));
                }
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> whatStatementsDoIsWhatWasTakenDown() throws IOException {
        assertThat(recorded).hasSameSizeAs(cases);
        writePage();
        return cases.stream()
                .map(each -> DynamicTest.dynamicTest(each.name(), () -> {
                    Effects effects = Objects.requireNonNull(recorded.get(each));
                    assertThat(effects.locks())
                            .as("locks")
                            .isEqualTo(each.told().locks());
                    assertThat(effects.rewrites())
                            .as("rewrites")
                            .isEqualTo(each.told().rewrites());
                    assertThat(effects.scans())
                            .as("scans")
                            .isEqualTo(each.told().scans());
                }));
    }

    /** Puts the comparison into the document, whether it agrees or not. */
    private void writePage() throws IOException {
        StringBuilder rows = new StringBuilder();
        int agreeing = 0;
        for (Case each : cases) {
            Effects effects = Objects.requireNonNull(recorded.get(each));
            boolean agrees = effects.equals(each.told());
            agreeing += agrees ? 1 : 0;
            rows.append("| %s | %s | %s | %s | %s |%n"
                    .formatted(
                            each.sql().replace("|", "\\|"),
                            inWords(effects.locks()),
                            inWords(effects.rewrites()),
                            inWords(effects.scans()),
                            agrees ? agreement(each) : "**differs**"));
        }
        BenchmarkPage.ACCURACY.put(
                "Locks, rewrites and scans on PostgreSQL " + major,
                """
                Written by `mvn verify -Dit.test='LockModes*IT' -Dpgrehearse.write.docs=true` on PostgreSQL %s. Each statement has tables of \
                its own and is run as the tool runs it; given is what the recording says. It is compared with what was taken \
                down by hand, apart from this tool (`lock-modes.yaml`): without ACCESS SHARE and without TOAST tables, which those \
                notes leave out, and without relations that the statement makes itself, which nobody else can see yet. \
                %d of %d statements agree; the bar is all of them: **%s**.

                | statement | locks | rewrites | scans | |
                |---|---|---|---|---|
                %s""".formatted(version, agreeing, cases.size(), agreeing == cases.size() ? "met" : "NOT met", rows),
                true);
    }

    private static String agreement(Case each) {
        if (!each.also().isEmpty()) {
            return "agrees; besides " + inWords(each.also()) + ": " + each.why();
        }
        return "agrees";
    }

    private static String inWords(Set<String> names) {
        return names.isEmpty() ? "" : String.join(", ", names);
    }

    /** Without what nobody else can see yet: the sampler may have seen it. */
    private static Effects effects(Recording.Statement statement, Set<String> makes) {
        return new Effects(
                statement.locks().stream()
                        .filter(lock -> !lock.mode().equals(LockMode.ACCESS_SHARE.sqlName())
                                && !lock.relation().contains("(TOAST")
                                && !lock.relation().startsWith("pg_t")
                                && !makes.contains(lock.relation()))
                        .map(lock -> lock.relation() + " " + lock.mode())
                        .collect(Collectors.toCollection(TreeSet::new)),
                new TreeSet<>(statement.rewrote()),
                new TreeSet<>(statement.scanned()));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> read() throws IOException {
        try (InputStream list = LockModes.class.getResourceAsStream("lock-modes.yaml")) {
            return (Map<String, Object>)
                    new Load(LoadSettings.builder().build()).loadFromInputStream(Objects.requireNonNull(list));
        }
    }

    private static Case of(Map<?, ?> each) {
        return new Case(
                String.valueOf(each.get("name")),
                each.get("since") instanceof Integer since ? since : 15,
                strings(each.get("before")),
                String.valueOf(each.get("sql")),
                new Effects(
                        locks(each.get("locks")),
                        new TreeSet<>(strings(each.get("rewrites"))),
                        new TreeSet<>(strings(each.get("scans")))),
                locks(each.get("also")),
                each.get("why") instanceof String why ? why : "",
                new TreeSet<>(strings(each.get("makes"))));
    }

    private static List<String> strings(Object list) {
        return list == null
                ? List.of()
                : ((List<?>) list).stream().map(String::valueOf).toList();
    }

    /** {@code t AccessExclusive} is {@code t ACCESS EXCLUSIVE}. */
    private static Set<String> locks(Object list) {
        return strings(list).stream()
                .map(lock -> lock.split(" ", 2))
                .map(lock -> lock[0] + " "
                        + LockMode.ofCatalogueName(lock[1] + "Lock").sqlName())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
