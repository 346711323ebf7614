package dev.pgrehearse.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.server.TestServer;
import dev.pgrehearse.workload.Operation;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A workload that is made of a schema runs, whatever constraints the schema has. */
class AutomaticIT {
    private static final int REQUESTS = 4_000;

    @RegisterExtension
    static final TestServer POSTGRES = TestServer.quick();

    private static final String[] SCHEMA = {
        "CREATE EXTENSION btree_gist",
        "CREATE DOMAIN positive AS int CHECK (VALUE > 0)",
        "CREATE TABLE tenants (id int PRIMARY KEY, slug varchar(20) NOT NULL UNIQUE, plan text NOT NULL CHECK (plan IN ('free', 'paid')))",
        """
        CREATE TABLE users (tenant_id int NOT NULL REFERENCES tenants, id bigint GENERATED ALWAYS AS IDENTITY, email text NOT NULL
          CHECK (email LIKE '%_@_%'), born date CHECK (born < '2020-01-01'), name text NOT NULL, score positive,
          shout text GENERATED ALWAYS AS (upper(name)) STORED, since timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (tenant_id, id),
          UNIQUE (tenant_id, email))""",
        "CREATE TABLE tags (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL UNIQUE)",
        """
        CREATE TABLE user_tags (tenant_id int, user_id bigint, tag_id uuid REFERENCES tags, PRIMARY KEY (tenant_id, user_id, tag_id),
          FOREIGN KEY (tenant_id, user_id) REFERENCES users)""",
        "CREATE TABLE categories (id int PRIMARY KEY, parent_id int REFERENCES categories, depth int NOT NULL CHECK (depth >= 0))",
        """
        CREATE TABLE bookings (id bigserial PRIMARY KEY, room int NOT NULL, during tstzrange NOT NULL, note text,
          EXCLUDE USING gist (room WITH =, during WITH &&))""",
        """
        CREATE TABLE events (at timestamptz NOT NULL, id bigint NOT NULL, kind text NOT NULL, body jsonb, CHECK (kind <> ''),
          PRIMARY KEY (at, id)) PARTITION BY RANGE (at)""",
        "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2025-07-01')",
        "CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2025-07-01') TO ('2026-01-01')",
        "CREATE UNIQUE INDEX users_lower_email ON users (lower(email), tenant_id)",
        "CREATE INDEX users_since ON users (since)",
        "CREATE INDEX events_kind ON events (kind)",
        "INSERT INTO tenants SELECT i, 'tenant-' || i, CASE WHEN i % 3 = 0 THEN 'paid' ELSE 'free' END FROM generate_series(1, 50) i",
        """
        INSERT INTO users (tenant_id, email, born, name, score) SELECT 1 + i % 50, 'u' || i || '@x.org', date '1950-01-01' + i,
          'name ' || i, 1 + i % 9 FROM generate_series(1, 3000) i""",
        "INSERT INTO tags (name) SELECT 'tag ' || i FROM generate_series(1, 40) i",
        "INSERT INTO user_tags SELECT tenant_id, u.id, t.id FROM users u, (SELECT id FROM tags ORDER BY name LIMIT 3) t",
        "INSERT INTO categories SELECT i, CASE WHEN i > 5 THEN 1 + i % 5 END, i % 4 FROM generate_series(1, 100) i",
        """
        INSERT INTO bookings (room, during, note) SELECT i % 20, tstzrange(timestamptz '2025-01-01' + i * interval '1 hour',
          timestamptz '2025-01-01' + (i + 1) * interval '1 hour'), 'n' FROM generate_series(1, 1000) i""",
        """
        INSERT INTO events SELECT timestamptz '2025-01-01' + i * interval '1 hour', i, 'kind ' || i % 7, '{"a": 1}'
          FROM generate_series(1, 8000) i""",
    };

    private static DerivedWorkload workload;
    private static List<String> failures;
    private static List<String> again;

    @BeforeAll
    static void run() throws Exception {
        ConnectionDetails database = POSTGRES.newDatabase();
        Queries.execute(
                database, "ALTER SCHEMA public OWNER TO " + POSTGRES.app().user());
        Queries.execute(database, SCHEMA[0]);
        ConnectionDetails app = POSTGRES.app(database);
        Queries.execute(app, List.of(SCHEMA).subList(1, SCHEMA.length).toArray(String[]::new));
        Queries.execute(database, "VACUUM ANALYZE");
        workload = Automatic.derive(100, app, 42, Progress.SILENT);
        again = parameters(Automatic.derive(100, app, 42, Progress.SILENT));
        failures = Requests.run(workload.operations(), app, REQUESTS);
    }

    private static List<String> parameters(DerivedWorkload derived) {
        return derived.operations().stream()
                .flatMap(operation -> operation.statements().stream())
                .flatMap(statement -> statement.parameters().stream())
                .filter(Operation.Drawn.class::isInstance)
                .map(parameter ->
                        String.valueOf(((Operation.Drawn) parameter).values().apply(7)))
                .toList();
    }

    @Test
    void noRequestFails() {
        assertThat(failures).isEmpty();
    }

    @Test
    void theSameDataAndSeedGiveTheSameParameters() {
        assertThat(parameters(workload)).isNotEmpty().isEqualTo(again);
    }

    @Test
    void everyKindOfRequestIsThere() {
        assertThat(workload.operations().stream().map(Operation::name))
                .contains("select users by tenant_id, id", "select users by tenant_id, email")
                .anyMatch(name -> name.startsWith("insert users"))
                .anyMatch(name -> name.startsWith("insert and delete users"))
                .anyMatch(name -> name.startsWith("insert user_tags"))
                .anyMatch(name -> name.startsWith("update users"))
                .anyMatch(name -> name.startsWith("select events"))
                .anyMatch(name -> name.startsWith("insert events"));
        double all =
                workload.operations().stream().mapToDouble(Operation::weight).sum();
        assertThat(all).isBetween(99.9, 100.1);
    }

    /** An existing range of a room, copied, is refused whatever its key is: so nothing of it is inserted. */
    @Test
    void whatCannotBeInsertedIsToldWithItsReason() {
        assertThat(workload.facts().leftOut())
                .filteredOn(left -> left.sql().startsWith("INSERT INTO \"public\".\"bookings\""))
                .isNotEmpty()
                .allMatch(left -> left.reason().contains("23P01"));
    }
}
