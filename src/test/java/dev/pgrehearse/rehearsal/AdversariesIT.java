package dev.pgrehearse.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.observe.ObservedDatabase;
import dev.pgrehearse.observe.Observer;
import dev.pgrehearse.observe.Watched;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.process.Supervisor;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.scenario.AdversarySpec;
import dev.pgrehearse.scenario.AdversarySpec.Kind;
import dev.pgrehearse.server.TestServer;
import dev.pgrehearse.workload.AdversaryEvents;
import dev.pgrehearse.workload.AdversaryGround;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is recorded of adversaries that do not do what they are there for, or that are ended from outside. */
@Tag("alone")
final class AdversariesIT {
    @RegisterExtension
    static final TestServer SERVER = TestServer.quick();

    private static final String DIVIDED_BY_ZERO = "UPDATE orders SET total_cents = total_cents / 0";
    private static final String ADDED = "UPDATE orders SET total_cents = total_cents + 1";
    private static final String COLUMN_GONE = "ALTER TABLE orders RENAME COLUMN total_cents TO cents";
    private static final long NOW = 0;

    @TempDir
    Path scratch;

    private final RehearsalClock clock = RehearsalClock.start();
    private final Sessions sessions = new Sessions();
    private final BlockingQueue<Fact> facts = new LinkedBlockingQueue<>();
    private Supervisor supervisor;
    private ConnectionDetails superuser;
    private ConnectionDetails app;
    private Observer observer;
    private Adversaries adversaries;

    @BeforeEach
    void prepare() throws Exception {
        supervisor = Supervisor.start();
        superuser = SERVER.newDatabase();
        app = SERVER.app(superuser);
        Queries.execute(
                app,
                "CREATE TABLE orders (id bigint PRIMARY KEY, total_cents bigint NOT NULL)",
                "INSERT INTO orders SELECT n, n FROM generate_series(1, 100) n");
        ObservedDatabase.equip(superuser, List.of());
        observer = Observer.open(
                new Watched(superuser, OptionalLong.empty(), List::of, Watched.App.NONE), clock, fact -> {}, sessions);
    }

    @AfterEach
    void end() {
        adversaries.close();
        observer.close();
        supervisor.close();
        assertThat(supervisor.troubles()).isEmpty();
    }

    private void plant(AdversarySpec spec) throws Exception {
        adversaries = new Adversaries(
                List.of(spec),
                new AdversaryGround(app, superuser, clock, sessions, supervisor, scratch, null),
                facts::add);
        adversaries.plantDue(NOW);
    }

    private static AdversarySpec batchJob(String sql) {
        return new AdversarySpec(
                Kind.BATCH_JOB,
                "orders",
                sql,
                Duration.ofSeconds(5),
                Duration.ofDays(1),
                Duration.ofMillis(50),
                false,
                false);
    }

    private Fact.Happened awaitEvent(String kind) throws InterruptedException {
        return await(Fact.Happened.class, kind);
    }

    /** Of a kind, in words of its own where it is an event. */
    private <T extends Fact> T await(Class<T> type, String kind) throws InterruptedException {
        while (true) {
            Fact fact = facts.take();
            if (type.isInstance(fact)
                    && (!(fact instanceof Fact.Happened event) || event.kind().equals(kind))) {
                return type.cast(fact);
            }
        }
    }

    private Fact.AdversaryPlanted proof() throws Exception {
        adversaries.prove(observer);
        return await(Fact.AdversaryPlanted.class, "");
    }

    @Test
    void aBatchJobWhoseEveryRunFailsDoesNotStand() throws Exception {
        plant(batchJob(DIVIDED_BY_ZERO));
        assertThat(awaitEvent(AdversaryEvents.BATCH_RUN_FAILED).text()).contains("division by zero");
        assertThat(awaitEvent(AdversaryEvents.BATCH_RUN_FAILED).text()).contains("run 2, failed");

        Fact.AdversaryPlanted planted = proof();

        assertThat(planted.stood()).as(planted.proof()).isFalse();
        assertThat(planted.proof()).contains(" 0 committed, ").contains("the last that ended failed");
        assertThat(planted.startNanos()).as("it was planted all the same").isNotNull();
    }

    @Test
    void oneThatCommittedStandsAndItsFirstFailureLaterIsADoubt() throws Exception {
        plant(batchJob(ADDED));
        assertThat(awaitEvent(AdversaryEvents.BATCH_RUN).text()).contains("run 1, wrote 100 rows");

        Fact.AdversaryPlanted planted = proof();
        assertThat(planted.stood()).as(planted.proof()).isTrue();

        Queries.execute(app, COLUMN_GONE);
        assertThat(await(Fact.Doubted.class, "").doubt().text())
                .contains("failed after the migration had started")
                .contains("total_cents");
        awaitEvent(AdversaryEvents.BATCH_RUN_FAILED);
        adversaries.close();
        assertThat(facts).as("one doubt is enough").noneMatch(Fact.Doubted.class::isInstance);
    }

    @Test
    void oneThatCommittedAndThenFailedDoesNotStand() throws Exception {
        plant(batchJob(ADDED));
        awaitEvent(AdversaryEvents.BATCH_RUN);
        Queries.execute(app, COLUMN_GONE);
        awaitEvent(AdversaryEvents.BATCH_RUN_FAILED);

        Fact.AdversaryPlanted planted = proof();

        assertThat(planted.stood()).as(planted.proof()).isFalse();
        assertThat(planted.proof()).doesNotContain(" 0 committed");
    }

    @Test
    void oneWhoseFirstRunIsRunningStands() throws Exception {
        plant(batchJob("SELECT pg_sleep(1000)"));
        while (Queries.value(
                        superuser,
                        "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(1000)' AND state = 'active'")
                .equals("0")) {
            Thread.onSpinWait();
        }

        Fact.AdversaryPlanted planted = proof();

        assertThat(planted.stood()).as(planted.proof()).isTrue();
        assertThat(planted.proof()).startsWith("1 run begun, 0 committed, one is running: backend ");
    }

    /** With a day to stay, what is told of it can only be told because it was ended. */
    @ParameterizedTest
    @EnumSource(names = {"IDLE_IN_TRANSACTION", "OLD_SNAPSHOT"})
    void anIdleSessionThatIsEndedInTheMidstIsToldThen(Kind kind) throws Exception {
        plant(new AdversarySpec(kind, "orders", null, Duration.ofSeconds(5), Duration.ofDays(1)));
        String idle = "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname ="
                + " current_database()";
        while (Queries.value(superuser, idle).equals("0")) {
            Thread.onSpinWait();
        }
        Fact.AdversaryPlanted planted = proof();
        assertThat(planted.stood()).as(planted.proof()).isTrue();
        long before = clock.nanos();

        Queries.execute(
                superuser,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname"
                        + " = current_database()");

        Fact.Happened told = awaitEvent(AdversaryEvents.FAILED);
        assertThat(told.text())
                .startsWith(kind.key() + " on orders did not stay its time: ")
                .contains("terminating connection due to administrator command");
        assertThat(told.atNanos()).isBetween(before, clock.nanos());
        assertThat(await(Fact.AdversaryGone.class, "").atNanos()).isBetween(told.atNanos(), clock.nanos());
    }
}
