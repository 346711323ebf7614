package dev.pgrehearse.profiling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Queries;
import dev.pgrehearse.profile.Profile;
import dev.pgrehearse.progress.Progress;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;

/** A database with a column of every type, and how tests take its profile. */
final class ProfiledDatabase {
    private ProfiledDatabase() {}

    static final String[] SCHEMA = {
        "CREATE EXTENSION IF NOT EXISTS pg_stat_statements",
        "CREATE SCHEMA shop",
        "CREATE TYPE shop.mood AS ENUM ('sad', 'ok', 'happy')",
        "CREATE DOMAIN shop.email AS text CHECK (VALUE LIKE '%@%')",
        """
        CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email shop.email NOT NULL,
          mood shop.mood, born date, score numeric(10,2), tags text[], numbers int[], span int4range, during tstzrange,
          spans int4multirange, data jsonb, plain json, ip inet, raw bytea, u uuid, at timestamptz, local timestamp,
          ok boolean, t time, duration interval, ratio float8, money money, small smallint, bits bit(8), code char(6),
          name text GENERATED ALWAYS AS (email || '!') STORED)""",
        """
        INSERT INTO users (email, mood, born, score, tags, numbers, span, during, spans, data, plain, ip, raw, u, at, local,
                           ok, t, duration, ratio, money, small, bits, code)
        SELECT 'user' || i || '@example.org', (ARRAY['sad', 'ok', 'happy', NULL])[1 + i % 4]::shop.mood,
               date '1950-01-01' + i * 7, i % 977 + 0.37, ARRAY['tag' || i % 5, 'tag' || i % 7], ARRAY[i % 5, i % 11],
               CASE WHEN i % 10 = 0 THEN 'empty' ELSE int4range(i, i + 17) END,
               tstzrange(timestamptz '2020-01-01 00:00:01+00' + i * interval '1 hour',
                         timestamptz '2020-01-02 00:00:01+00' + i * interval '1 hour'),
               int4multirange(int4range(i, i + 5)), jsonb_build_object('k', i), '{"k": 1}', ('10.0.' || i % 250 || '.1')::inet,
               decode(md5(i::text), 'hex'), md5(i::text)::uuid, timestamptz '2023-01-01 03:04:05+00' + i * interval '1 minute',
               timestamp '2023-01-01 03:04:05' + i * interval '1 minute', i % 2 = 0, time '00:00:01' + i * interval '13 s',
               i * interval '3 s', i / 7.0, i::numeric::money, i % 300, (i % 256)::bit(8), 'c' || i
          FROM generate_series(1, 2000) i""",
        "CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint REFERENCES users, state text, dup int)"
                + " WITH (fillfactor = 80, autovacuum_enabled = off)",
        "INSERT INTO orders SELECT i, CASE WHEN i % 4 > 0 THEN 1 + i % 500 END, 'open', i % 10"
                + " FROM generate_series(1, 5000) i",
        "CREATE INDEX orders_user ON orders (user_id) WHERE state = 'open'",
        "CREATE STATISTICS shop.dependent (dependencies) ON user_id, dup FROM orders",
        "CREATE TABLE part (k int, v text) PARTITION BY RANGE (k)",
        "CREATE TABLE part_a PARTITION OF part FOR VALUES FROM (1) TO (500)",
        "CREATE TABLE part_b PARTITION OF part FOR VALUES FROM (500) TO (1000)",
        "INSERT INTO part SELECT i, 'v' || i FROM generate_series(1, 900) i",
        "CREATE TABLE never (n int)",
        "VACUUM ANALYZE users",
        "VACUUM ANALYZE orders",
        "ANALYZE part",
        "DELETE FROM orders WHERE id % 5 = 0",
        "SELECT pg_stat_force_next_flush()",
    };

    static void create(ConnectionDetails superuser) throws SQLException {
        Queries.execute(superuser, SCHEMA);
    }

    static Target target(ConnectionDetails details) {
        return Target.parse(
                details.jdbcUrl() + "?sslmode=disable&gssEncMode=disable",
                details.user(),
                Map.of("PGPASSWORD", details.password().reveal()));
    }

    static Profile profile(ConnectionDetails details, boolean values, Duration window) throws Exception {
        try (ProfileReader reader = ProfileReader.open(target(details), Progress.SILENT)) {
            return reader.read(new ProfileReader.Request("test", values, window, System.getenv("PATH")));
        }
    }

    static Profile.Table table(Profile profile, String name) {
        assertThat(profile.table("public", name)).isPresent();
        return profile.table("public", name).orElseThrow();
    }

    static Profile.Column column(Profile profile, String table, String name) {
        assertThat(table(profile, table).column(name)).isPresent();
        return table(profile, table).column(name).orElseThrow();
    }
}
