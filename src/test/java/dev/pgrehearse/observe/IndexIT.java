package dev.pgrehearse.observe;

import static dev.pgrehearse.postgres.Queries.execute;
import static dev.pgrehearse.postgres.Queries.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.Recording.Phase;
import dev.pgrehearse.server.TestServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the observer tells of indexes, against PostgreSQL's own functions and against scans that the test counts. */
class IndexIT {
    private static final String SCAN = "SELECT note FROM orders WHERE country = 'c7'";

    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick();

    private final ConcurrentLinkedQueue<Fact> facts = new ConcurrentLinkedQueue<>();
    private Observer observer;

    @BeforeEach
    void prepare() throws SQLException {
        execute(
                POSTGRES.app(),
                "DROP TABLE IF EXISTS orders, parts",
                "CREATE TABLE orders (id integer PRIMARY KEY, country text, \"Status\" text, note text)",
                "INSERT INTO orders SELECT g, 'c' || g % 100, 's', 'n' FROM generate_series(1, 10000) g",
                "CREATE INDEX orders_country_status_idx ON orders (country, \"Status\" DESC)",
                "ANALYZE orders");
        observe();
    }

    private void observe() throws SQLException {
        Watched watched = new Watched(POSTGRES.superuser(), POSTGRES.postmasterPid(), List::of, Watched.App.NONE);
        observer = Observer.open(watched, RehearsalClock.start(), facts::add, new Sessions());
    }

    @AfterEach
    void close() {
        observer.close();
    }

    @Test
    void countsEveryScanOfSessionsThatHaveEnded() throws Exception {
        observer.start();
        try (Connection load = session()) {
            begin(Phase.BASELINE);
            scan(load, 3);
            flush(load);
            begin(Phase.MIGRATION);
            scan(load, 5);
            flush(load);
            begin(Phase.RECOVERY);
            // Nobody asks the backend to tell of these: that it ends must be enough.
            scan(load, 7);
            observer.finish();
        }
        observer.readIndexes();

        long index = oid("orders_country_status_idx");
        assertThat(facts(Fact.IndexScansRead.class))
                .extracting(Fact.IndexScansRead::moment)
                .containsExactly(Phase.BASELINE, Phase.MIGRATION, Phase.RECOVERY, Fact.IndexScansRead.END);
        assertThat(facts(Fact.IndexScansRead.class))
                .extracting(read -> read.scans().get(index))
                .containsExactly(0L, 3L, 8L, 15L);
        assertThat(doubts()).isEmpty();
    }

    @Test
    void countsWhileTheTableIsLocked() throws Exception {
        observer.start();
        try (Connection holder = session()) {
            execute(holder, "BEGIN", "LOCK TABLE orders IN ACCESS EXCLUSIVE MODE");
            begin(Phase.MIGRATION);
            assertThat(value(POSTGRES.superuser(), "SELECT count(*) FROM pg_locks WHERE NOT granted"))
                    .isEqualTo("0");
            assertThat(facts(Fact.IndexScansRead.class))
                    .singleElement()
                    .satisfies(read -> assertThat(read.scans()).containsKey(oid("orders_country_status_idx")));
            observer.finish();

            // A lock that somebody left: told, and not waited for.
            observer.readIndexes();

            assertThat(doubts()).containsExactlyInAnyOrder("index-scans-late", "indexes-locked");
            assertThat(listed(true, "orders_country_status_idx")).satisfies(index -> {
                assertThat(index.valid()).isTrue();
                assertThat(index.definition()).isNull();
                assertThat(index.sizeBytes()).isNull();
                assertThat(index.keys()).isEmpty();
            });
            execute(holder, "ROLLBACK");
        }
    }

    @Test
    void tellsWhatTheCatalogueHolds() throws Exception {
        execute(
                POSTGRES.app(),
                "CREATE INDEX orders_lower_idx ON orders (lower(note) text_pattern_ops, id DESC NULLS LAST)"
                        + " INCLUDE (\"Status\") WHERE country = 'c1'",
                "CREATE TABLE parts (id integer, day integer) PARTITION BY RANGE (day)",
                "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10)",
                "CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20)",
                "CREATE INDEX parts_id_idx ON parts (id)",
                "INSERT INTO parts SELECT g, g % 20 FROM generate_series(1, 5000) g");
        observer.start();
        observer.finish();
        observer.readIndexes();

        Fact.CatalogueIndex composite = listed(false, "orders_country_status_idx");
        assertThat(composite.sizeBytes()).isNull();
        assertThat(composite.definition())
                .isEqualTo(
                        value(POSTGRES.superuser(), "SELECT pg_get_indexdef('orders_country_status_idx'::regclass)"));
        assertThat(composite.keys()).extracting(Fact.IndexKey::column).containsExactly("country", "\"Status\"");
        // DESC is NULLS FIRST unless told otherwise.
        assertThat(composite.keys()).extracting(Fact.IndexKey::options).containsExactly(0, 3);
        assertThat(composite.enforces()).isFalse();
        assertThat(listed(true, "orders_pkey").enforces()).isTrue();

        Fact.CatalogueIndex expression = listed(true, "orders_lower_idx");
        assertThat(expression.table()).isEqualTo("orders");
        assertThat(expression.method()).isEqualTo("btree");
        assertThat(expression.keys()).extracting(Fact.IndexKey::column).containsExactly("lower(note)", "id");
        assertThat(expression.keys()).extracting(Fact.IndexKey::options).containsExactly(0, 1);
        assertThat(expression.keys().get(0).operatorClass())
                .isEqualTo(Long.parseLong(value(
                        POSTGRES.superuser(),
                        "SELECT c.oid FROM pg_opclass c JOIN pg_am a ON a.oid = c.opcmethod"
                                + " WHERE c.opcname = 'text_pattern_ops' AND a.amname = 'btree'")));
        assertThat(expression.included()).containsExactly("\"Status\"");
        assertThat(expression.predicate()).isEqualTo("(country = 'c1'::text)");
        assertThat(expression.sizeBytes())
                .isEqualTo(Long.parseLong(
                        value(POSTGRES.superuser(), "SELECT pg_relation_size('orders_lower_idx'::regclass)")));

        // One line for all partitions.
        assertThat(listed(true, "parts_id_idx").sizeBytes())
                .isEqualTo(Long.parseLong(value(
                        POSTGRES.superuser(),
                        "SELECT pg_relation_size('parts_1_id_idx') + pg_relation_size('parts_2_id_idx')")));
        assertThat(after()).extracting(Fact.CatalogueIndex::name).doesNotContain("parts_1_id_idx");
    }

    @Test
    void aTimeoutOnConcurrentlyLeavesAnIndexThatIsToldAsInvalid() throws Exception {
        execute(POSTGRES.app(), "CREATE TABLE parts (id integer)");
        observer.start();
        try (Connection snapshot = session();
                Connection migration = session()) {
            execute(snapshot, "BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT * FROM parts");
            execute(migration, "SET lock_timeout = '50ms'");
            assertThatThrownBy(() -> execute(migration, "CREATE INDEX CONCURRENTLY orders_note_idx ON orders (note)"))
                    .hasMessageContaining("lock timeout");
            // It is there now, so this is a success.
            execute(migration, "CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_note_idx ON orders (note)");
            execute(snapshot, "ROLLBACK");
        }
        observer.finish();
        observer.readIndexes();

        Fact.CatalogueIndex left = listed(true, "orders_note_idx");
        assertThat(left.valid()).isFalse();
        assertThat(String.valueOf(left.ready()))
                .isEqualTo(value(
                        POSTGRES.superuser(),
                        "SELECT (indisready AND indislive)::text FROM pg_index WHERE indexrelid ="
                                + " 'orders_note_idx'::regclass"));
        assertThat(facts(Fact.IndexesListed.class).get(0).indexes())
                .extracting(Fact.CatalogueIndex::name)
                .doesNotContain("orders_note_idx");
    }

    @Test
    void scansOfPartitionsAreThePartitionedTables() throws Exception {
        execute(
                POSTGRES.app(),
                "CREATE TABLE parts (id integer, day integer) PARTITION BY RANGE (day)",
                "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10)",
                "CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20)",
                "CREATE INDEX parts_id_idx ON parts (id)");
        observer.start();
        try (Connection load = session()) {
            execute(
                    load,
                    "SET enable_seqscan = off",
                    "SET enable_bitmapscan = off",
                    "SELECT day FROM parts WHERE id = 1");
            observer.finish();
        }
        observer.readIndexes();
        Fact.IndexScansRead end = facts(Fact.IndexScansRead.class).get(0);
        assertThat(end.scans()).containsEntry(oid("parts_id_idx"), 2L).doesNotContainKey(oid("parts_1_id_idx"));
    }

    private void begin(String phase) {
        observer.phaseBegan(phase);
        long giveUp = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (facts(Fact.IndexScansRead.class).stream()
                .noneMatch(read -> read.moment().equals(phase))) {
            assertThat(System.nanoTime()).as("no count within a minute").isLessThan(giveUp);
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }

    private static Connection session() throws SQLException {
        return POSTGRES.app().open("test");
    }

    private static void scan(Connection connection, int times) throws SQLException {
        for (int i = 0; i < times; i++) {
            execute(connection, SCAN);
        }
    }

    /** Has the session's own backend tell of its scans at the end of this statement. */
    private static void flush(Connection connection) throws SQLException {
        execute(connection, "SELECT pg_stat_force_next_flush()");
    }

    private static long oid(String index) throws SQLException {
        return Long.parseLong(value(POSTGRES.superuser(), "SELECT '" + index + "'::regclass::oid"));
    }

    private List<Fact.CatalogueIndex> after() {
        return facts(Fact.IndexesListed.class).stream()
                .filter(Fact.IndexesListed::after)
                .findFirst()
                .orElseThrow()
                .indexes();
    }

    private Fact.CatalogueIndex listed(boolean after, String name) {
        return facts(Fact.IndexesListed.class).stream()
                .filter(listed -> listed.after() == after)
                .flatMap(listed -> listed.indexes().stream())
                .filter(index -> index.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private List<String> doubts() {
        return facts(Fact.Doubted.class).stream()
                .map(doubted -> doubted.doubt().id())
                .filter(id -> id.startsWith("index") || id.startsWith("observer"))
                // A look that came late is the machine's doing, and no reading is missing for it.
                .filter(id -> !id.startsWith("observer-hole-"))
                .toList();
    }

    private <F extends Fact> List<F> facts(Class<F> kind) {
        return facts.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
