package dev.pgrehearse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.process.Leaks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong with a scenario or a command line is said at once, ends with 2, and leaves nothing. */
@ExtendWith(Leaks.NothingLeftBehind.class)
class WrongInputIT {
    @TempDir
    Path temporary;

    private Path directory;
    private SmallScenario small;

    @BeforeEach
    void prepare() throws Exception {
        small = SmallScenario.in(temporary);
        directory = Files.createDirectory(temporary.resolve("here"));
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        try (Stream<Path> entries = Files.list(directory)) {
            assertThat(entries).isEmpty();
        }
    }

    private Program.Ended wrong(String... arguments) throws Exception {
        Program.Ended ended = Program.run(directory, arguments);
        assertThat(ended.code()).as(ended.error()).isEqualTo(2);
        assertThat(ended.out()).isEmpty();
        return ended;
    }

    @Test
    void mistakesInTheFilesAreToldTogether() throws Exception {
        small.with("scenario.yaml", "instances: 1", "instanzes: 1")
                .with("scenario.yaml", "workers: 20", "workers: many")
                .with("scenario.yaml", "rate: 40/s", "rate: -1/s")
                .with("scenario.yaml", "sql: quick.sql", "sql: quck.sql")
                .with("scenario.yaml", "schema: schema.sql", "schema: shema.sql");
        assertThat(wrong("run", "../small").error())
                .contains("scenario.yaml:19:3: app.instanzes", "did you mean `instances`?")
                .contains("scenario.yaml:20:12: app.workers", "a whole number from 1 to 10000")
                .contains("scenario.yaml:26:9: workload.rate", "-1/s")
                .contains("migration.variants.quick.sql", "did you mean `quick.sql`?")
                .contains("dataset.schema", "did you mean `schema.sql`?");
    }

    @Test
    void whatTheServerRefusesIsToldTogether() throws Exception {
        small.with("scenario.yaml", "from orders where", "from ordrs where")
                .with("scenario.yaml", "set status =", "set statos =")
                .with("scenario.yaml", "max_connections: 60", "max_connections: banana, shared_bufers: 1GB")
                .write("quick.sql", "alter table orders add column x text;\n\nalter tabel orders\n  add y text;\n");
        assertThat(wrong("run", "../small", "--variant", "quick", "--scale", "1e9")
                        .error())
                .contains(
                        "scenario.yaml:30:12: workload.operations.read_order.sql", "relation \"ordrs\" does not exist")
                .contains("\n    select id, status, total_cents from ordrs where id = :id\n" + " ".repeat(40) + "^\n")
                .contains("scenario.yaml:35:12: workload.operations.pay_order.sql", "column \"statos\" of relation")
                .contains("server.settings.max_connections", "banana")
                .contains("server.settings.shared_bufers", "unrecognized configuration parameter")
                .contains("quick.sql:3:7: syntax error at or near \"tabel\"")
                .contains("the data do not fit", "are free at " + Leaks.cache().toRealPath())
                .contains("6 mistakes; nothing was rehearsed");
    }

    @Test
    void aBrokenSchemaIsToldWithItsLine() throws Exception {
        small.write(
                        "schema.sql",
                        "create table orders (\n  id bigint primary key,\n  status text,,\n  total_cents bigint);")
                .with("scenario.yaml", "sql: broken.sql", "sql: [broken.sql, empty.sql]")
                .write("empty.sql", "selec nothing;");
        assertThat(wrong("validate", "../small").error())
                .contains("schema.sql:3:15: syntax error at or near \",\"")
                .contains("empty.sql:1:")
                .contains("2 mistakes")
                .doesNotContain("workload.operations");
    }

    @Test
    void mistakesOnTheCommandLineAreToldTogether() throws Exception {
        assertThat(wrong("run", "../small", "--variant", "quik", "--size", "huge", "--repeat", "0", "--scale", "-1")
                        .error())
                .contains("--variant quik", "quick, slow, broken; did you mean `quick`?")
                .contains("--size huge", "tiny")
                .contains("--repeat 0")
                .contains("--scale -1");
        assertThat(wrong("run", "../small", "--scale", "0.0001").error())
                .contains("--scale 0.0001 leaves orders with 0 rows of 1000", "at least 0.001");
        assertThat(wrong("run", "../small", "--scale", "little").error())
                .contains("found `little`, expected a factor", "pgrehearse run --help");
        assertThat(wrong("run", "../small", "--server", "contaner").error()).contains("expected embedded or container");
        assertThat(wrong("run", "../small", "--set", "workload.rate").error()).contains("path=value");
        assertThat(wrong("run", "../small", "--set", "workload.rat=1/s").error())
                .contains("--set workload.rat=1/s", "did you mean `rate`?");
        assertThat(wrong("run", "../small", "--outt=x").error()).contains("--outt", "--out");
        assertThat(wrong("run").error()).contains("SCENARIO");
        assertThat(wrong("run", "../smal").error()).contains("../smal");
        assertThat(wrong("rum", "../small").error()).contains("pgrehearse run");
        assertThat(wrong("rnu", "../small").error())
                .contains(
                        "found `rnu`, expected a command: one of run, estimate, validate, judge, report, dataset, profile, help");
        assertThat(wrong("run", "../small", "--migration", "../small/nope.sql").error())
                .contains("--migration ../small/nope.sql");
    }

    @Test
    void aFolderThatIsNoRunCannotBeJudged() throws Exception {
        assertThat(wrong("judge", "../small").error()).contains("holds no rehearsal");
        assertThat(wrong("judge", "../nowhere").error()).contains("nowhere is no folder");
        assertThat(wrong("report", "../small/schema.sql").error()).contains("is no folder");
        assertThat(wrong("judge", "../small", "--set", "limits.duration=1s").error())
                .contains("--scenario");
    }

    @Test
    void aFolderWithSomethingInItIsNotWrittenTo() throws Exception {
        assertThat(wrong("run", "../small", "--out", "../small").error()).contains("is not empty");
        assertThat(wrong("run", "../small", "--out", "../small/schema.sql").error())
                .contains("is a file");
    }
}
