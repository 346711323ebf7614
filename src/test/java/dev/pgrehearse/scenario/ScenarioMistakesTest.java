package dev.pgrehearse.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each thing that can be wrong with a scenario is told at its line and column, with what would be right. */
class ScenarioMistakesTest extends ScenarioTest {
    @Test
    void theFixtureItselfIsRight() {
        assertThat(fixture.mistakes()).isEmpty();
    }

    /** What is replaced by what; where; found and expected (as parts of the texts); nearest. */
    static Stream<Arguments> oneMistakeEach() {
        return Stream.of(
                // keys and types
                arguments("name: small", "name: small\nservr: {}", "2:1 servr", "`servr`", "one of name,", "server"),
                arguments("name: small", "nmae: small", "1:1 name", "no `name`", "a name", null),
                arguments("name: small", "name: ../etc", "1:7 name", "`../etc`", "a name of at most 64", null),
                arguments("rate: 300/s", "rate: 300", "9:9 workload.rate", "`300`", "a rate with its unit", null),
                arguments("rate: 300/s", "rate: 0/s", "9:9 workload.rate", "`0/s`", "a rate above 0", null),
                arguments("rate: 300/s", "rate:", "9:8 workload.rate", "nothing", "a rate with its unit", null),
                arguments("  rate: 300/s\n", "", "8:1 workload.rate", "no `rate`", "a rate with its unit", null),
                arguments(
                        "weight: 80",
                        "weight: 0",
                        "12:15 workload.operations.read_order.weight",
                        "`0`",
                        "above 0",
                        null),
                arguments(
                        "weight: 80",
                        "weight: -1",
                        "12:15 workload.operations.read_order.weight",
                        "`-1`",
                        "above 0",
                        null),
                arguments(
                        "weight: 80",
                        "wieght: 80",
                        "12:7 workload.operations.read_order.wieght",
                        "`wieght`",
                        "one of weight, sql, on, params",
                        "weight"),
                arguments(
                        "rate: 300/s",
                        "rate: 300/s\n  arrivals: poison",
                        "10:13 workload.arrivals",
                        "`poison`",
                        "one of poisson, uniform",
                        "poisson"),
                arguments(
                        "expect: NO-GO",
                        "expect: no-go",
                        "17:47 migration.variants.as-written.expect",
                        "`no-go`",
                        "GO, NO-GO, UNKNOWN",
                        "NO-GO"),
                arguments(
                        "expect: NO-GO",
                        "expect: { prodution: GO }",
                        "17:49 migration.variants.as-written.expect.prodution",
                        "`prodution`",
                        "production",
                        "production"),
                arguments(
                        "sql: migration.sql, expect",
                        "expect",
                        "17:5 migration.variants.as-written.sql",
                        "no `sql`",
                        "the path of an SQL file",
                        null),
                arguments(
                        "sql: migration.sql",
                        "sql: migration.sql, steps: [ { pause: 1s } ]",
                        "17:39 migration.variants.as-written.steps",
                        "`steps` beside `sql`",
                        "either `sql` or `steps`",
                        null),
                arguments(
                        "sql: migration.sql",
                        "steps: []",
                        "17:26 migration.variants.as-written.steps",
                        "an empty list",
                        "a list of steps",
                        null),
                arguments(
                        "sql: migration.sql",
                        "steps: [ { stop: { after: 1s } } ]",
                        "17:28 migration.variants.as-written.steps.0",
                        "none of them",
                        "exactly one of sql, pause, backfill",
                        null),
                arguments(
                        "sql: migration.sql",
                        "steps: [ { sql: migration.sql, pause: 1s } ]",
                        "17:28 migration.variants.as-written.steps.0",
                        "`sql` and `pause`",
                        "exactly one of sql, pause, backfill",
                        null),
                arguments(
                        "sql: migration.sql",
                        "steps: [ { sqll: migration.sql, pause: 1s } ]",
                        "17:30 migration.variants.as-written.steps.0.sqll",
                        "`sqll`",
                        "one of sql, pause, backfill, stop",
                        "sql"),
                arguments(
                        "sql: migration.sql",
                        "steps: [ { pause: 0s } ]",
                        "17:37 migration.variants.as-written.steps.0.pause",
                        "`0s`",
                        "more than 0s",
                        null),
                arguments(
                        "sql: migration.sql",
                        "steps: [ { pause: 1s, stop: { after: 1s } } ]",
                        "17:41 migration.variants.as-written.steps.0.stop",
                        "`stop` beside `pause`",
                        "`sql` or `backfill` only",
                        null),
                arguments(
                        "sql: migration.sql",
                        "steps: [ { backfill: { table: orders } } ]",
                        "17:30 migration.variants.as-written.steps.0.backfill.set",
                        "no `set`",
                        "what stands behind SET",
                        null),
                arguments(
                        "sql: migration.sql",
                        "steps: [ { backfill: { table: orders, set: total = 1, batch: 0 } } ]",
                        "17:80 migration.variants.as-written.steps.0.backfill.batch",
                        "`0`",
                        "a count from 1",
                        null),
                arguments(
                        "sql: migration.sql",
                        "steps: [ { backfill: { table: orders, set: total = 1; drop table orders } } ]",
                        "17:62 migration.variants.as-written.steps.0.backfill.set",
                        "with a semicolon",
                        "a piece of one SQL statement",
                        null),
                arguments(
                        "sql: migration.sql",
                        "steps: [ { backfill: { table: orders, set: total = 1, where: \"note = 'x\" } } ]",
                        "17:80 migration.variants.as-written.steps.0.backfill.where",
                        "a string is never closed",
                        "a complete piece",
                        null),
                arguments(
                        "sql: migration.sql",
                        "sql: migration.sql, clean: migration.sql",
                        "17:39 migration.variants.as-written.clean",
                        "`clean` without a stop",
                        "`stop` beside it",
                        null),
                arguments(
                        "sql: migration.sql",
                        "sql: migration.sql, stop: { at: 50% }",
                        "17:45 migration.variants.as-written.stop",
                        "a mapping",
                        "`{ at: 50%, expected: 60s }`",
                        null),
                arguments(
                        "sql: migration.sql",
                        "sql: migration.sql, stop: { at: 0%, expected: 60s }",
                        "17:51 migration.variants.as-written.stop.at",
                        "`0%`",
                        "a share above 0%",
                        null),
                arguments(
                        "sql: migration.sql",
                        "sql: migration.sql, stop: { after: 0s }",
                        "17:54 migration.variants.as-written.stop.after",
                        "`0s`",
                        "more than 0s",
                        null),
                arguments(
                        "sql: migration.sql",
                        "sql: migration.sql, stop: { at: 50%, of: as-written }",
                        "17:60 migration.variants.as-written.stop.of",
                        "which is this variant itself",
                        "a variant that stands before this one, or `expected`",
                        null),
                arguments(
                        "as-written: {",
                        "first: { sql: migration.sql }\n    second: { sql: migration.sql, stop: { at: 50%, of: frist } }\n"
                                + "    as-written: {",
                        "18:56 migration.variants.second.stop.of",
                        "`frist`, which is no variant",
                        "a variant that stands before this one",
                        "first"),
                arguments(
                        "as-written: {",
                        "second: { sql: migration.sql, stop: { at: 50%, of: as-written } }\n    as-written: {",
                        "17:56 migration.variants.second.stop.of",
                        "which is rehearsed after this one",
                        "a variant that stands before this one",
                        null),
                arguments(
                        "as-written: {",
                        "first: { sql: migration.sql, stop: { after: 1s } }\n"
                                + "    second: { sql: migration.sql, stop: { at: 50%, of: first } }\n    as-written: {",
                        "18:56 migration.variants.second.stop.of",
                        "which is stopped itself",
                        "a variant that runs to its end",
                        null),
                arguments(
                        "expect: NO-GO",
                        "lockTimeout: 0.5ms",
                        "17:52 migration.variants.as-written.lockTimeout",
                        "`0.5ms`",
                        "whole milliseconds",
                        null),
                arguments(
                        "expect: NO-GO",
                        "lockTimeout: 5",
                        "17:52 migration.variants.as-written.lockTimeout",
                        "`5`",
                        "a duration with its unit",
                        null),
                // files
                arguments(
                        "schema: schema.sql",
                        "schema: shema.sql",
                        "3:11 dataset.schema",
                        "no file",
                        "an SQL file",
                        "schema.sql"),
                arguments(
                        "sql: migration.sql",
                        "sql: [ migration.sql, . ]",
                        "17:41 migration.variants.as-written.sql.1",
                        "the directory",
                        "an SQL file",
                        null),
                arguments(
                        "sql: migration.sql",
                        "sql: empty.sql",
                        "17:24 migration.variants.as-written.sql",
                        "`empty.sql`, which holds no statement",
                        "at least one",
                        null),
                arguments(
                        "sql: migration.sql",
                        "sql: latin1.sql",
                        "17:24 migration.variants.as-written.sql",
                        "the byte 0xE9 at offset 11",
                        "in UTF-8",
                        null),
                arguments(
                        "sql: migration.sql",
                        "sql: unclosed.sql",
                        "17:24 migration.variants.as-written.sql",
                        "a string is never closed",
                        "complete",
                        null),
                // dataset
                arguments(
                        "users: 10k", "users: 10.5", "7:38 dataset.sizes.production.users", "`10.5`", "a count", null),
                arguments(
                        "users: 10k",
                        "users: 1.2345k",
                        "7:38 dataset.sizes.production.users",
                        "`1.2345k`",
                        "a count that is a whole number",
                        null),
                arguments("users: 10k", "users: -1", "7:38 dataset.sizes.production.users", "`-1`", "a count", null),
                arguments(
                        "users: 10k",
                        "usrs: 10k",
                        "7:31 dataset.sizes.production.usrs",
                        "`usrs`",
                        "a table of the schema file, which has users, orders",
                        "users"),
                arguments(
                        "{ orders: 1M, users: 10k }",
                        "{}",
                        "7:17 dataset.sizes.production",
                        "an empty mapping",
                        "rows by table",
                        null),
                arguments(
                        "  sizes:\n",
                        "  sizes:\n    staging: { orders: 1 }\n",
                        "2:1 dataset.size",
                        "no `size`",
                        "one of staging, production",
                        null),
                arguments(
                        "  sizes:\n",
                        "  size: staging\n  sizes:\n",
                        "6:9 dataset.size",
                        "`staging`",
                        "`production`",
                        null),
                arguments(
                        "    orders: { columns",
                        "    ordrs: { columns",
                        "5:5 dataset.tables.ordrs",
                        "`ordrs`, which no size counts",
                        "one of orders, users",
                        "orders"),
                arguments(
                        "{ total: {",
                        "{ totl: {",
                        "5:26 dataset.tables.orders.columns.totl",
                        "`totl`",
                        "a column of the schema file",
                        "total"),
                arguments(
                        "from: 1,",
                        "from: 101,",
                        "5:50 dataset.tables.orders.columns.total.range.from",
                        "`101`",
                        "at most `to`, which is 100",
                        null),
                arguments(
                        "{ range: { from: 1, to: 100 } }",
                        "{ rnage: { from: 1, to: 100 } }",
                        "5:35 dataset.tables.orders.columns.total.rnage",
                        "`rnage`",
                        "one of faker,",
                        "range"),
                arguments(
                        "{ range: { from: 1, to: 100 } }",
                        "{ value: 1, uuid: random }",
                        "5:45 dataset.tables.orders.columns.total.uuid",
                        "`uuid` beside `value`",
                        "one source",
                        null),
                arguments(
                        "{ range: { from: 1, to: 100 } }",
                        "{ nulls: 5% }",
                        "5:33 dataset.tables.orders.columns.total",
                        "no source of values",
                        "one of faker",
                        null),
                arguments(
                        "{ range: { from: 1, to: 100 } }",
                        "{ value: 1, nulls: 101% }",
                        "5:52 dataset.tables.orders.columns.total.nulls",
                        "`101%`",
                        "from 0% to 100%",
                        null),
                arguments(
                        "{ range: { from: 1, to: 100 } }",
                        "{ value: 1, nulls: 2 }",
                        "5:52 dataset.tables.orders.columns.total.nulls",
                        "`2`",
                        "from 0% to 100%",
                        null),
                arguments(
                        "{ range: { from: 1, to: 100 } }",
                        "{ value: 1, skew: 1 }",
                        "5:45 dataset.tables.orders.columns.total.skew",
                        "`skew`",
                        "beside `references` only",
                        null),
                arguments(
                        "{ range: { from: 1, to: 100 } }",
                        "{ faker: internet.emailAdress }",
                        "5:42 dataset.tables.orders.columns.total.faker",
                        "`internet.emailAdress`",
                        "a Datafaker expression",
                        "internet.emailAddress"),
                arguments(
                        "{ range: { from: 1, to: 100 } }",
                        "{ faker: intrnet.emailAddress }",
                        "5:42 dataset.tables.orders.columns.total.faker",
                        "`intrnet.emailAddress`",
                        "a Datafaker expression",
                        "internet.emailAddress"),
                arguments(
                        "{ range: { from: 1, to: 100 } }",
                        "{ references: user.id }",
                        "5:47 dataset.tables.orders.columns.total.references",
                        "`user.id`",
                        "a column of one of orders, users",
                        "users.id"),
                arguments(
                        "{ range: { from: 1, to: 100 } }",
                        "{ references: users.idd }",
                        "5:47 dataset.tables.orders.columns.total.references",
                        "`idd`",
                        "a column of the schema file",
                        "id"),
                arguments(
                        "{ range: { from: 1, to: 100 } }",
                        "{ oneOf: { a: 0 } }",
                        "5:47 dataset.tables.orders.columns.total.oneOf.a",
                        "`0`",
                        "a weight above 0",
                        null),
                arguments(
                        "{ range: { from: 1, to: 100 } }",
                        "{ oneOf: [ a, b, a ] }",
                        "5:50 dataset.tables.orders.columns.total.oneOf.2",
                        "a second `a`",
                        "each value once",
                        null),
                arguments(
                        "{ range: { from: 1, to: 100 } }",
                        "{ text: { min: 5, max: 4 } }",
                        "5:48 dataset.tables.orders.columns.total.text.min",
                        "`5`",
                        "at most `max`, which is 4",
                        null),
                arguments(
                        "{ range: { from: 1, to: 100 } }",
                        "{ timestamp: { from: 2025-01-01, to: 2025-01-01 } }",
                        "5:54 dataset.tables.orders.columns.total.timestamp.from",
                        "`2025-01-01`",
                        "a time before `to`",
                        null),
                arguments(
                        "{ range: { from: 1, to: 100 } }",
                        "{ timestamp: { from: 2025-02-30, to: 2026-01-01 } }",
                        "5:54 dataset.tables.orders.columns.total.timestamp.from",
                        "`2025-02-30`",
                        "a date",
                        null),
                arguments(
                        "{ range: { from: 1, to: 100 } }",
                        "{ timestamp: { from: 2025-02-01T10:00:00, to: 2026-01-01 } }",
                        "5:54 dataset.tables.orders.columns.total.timestamp.from",
                        "`2025-02-01T10:00:00`",
                        "with its zone",
                        null),
                arguments(
                        "{ range: { from: 1, to: 100 } }",
                        "{ sequence: { step: 0 } }",
                        "5:53 dataset.tables.orders.columns.total.sequence.step",
                        "`0`",
                        "other than 0",
                        null),
                // workload
                arguments(
                        "sql: select * from orders where id = :id",
                        "sql: [ { sql: select * from orders where id = :id, as: order }, select :oder.id ]",
                        "13:71 workload.operations.read_order.sql.1",
                        "`:oder.id`, and no statement before it",
                        "`order`",
                        "order"),
                arguments(
                        "  operations:\n",
                        "  auto: true\n  operations:\n",
                        "10:3 workload.auto",
                        "`auto` beside `operations`",
                        "one of `operations`",
                        null),
                arguments(
                        "  operations:\n",
                        "  coverage: 90%\n  operations:\n",
                        "10:3 workload.coverage",
                        "`coverage` without `fromProfile`",
                        "both, or neither",
                        null),
                arguments(
                        "  rate: 300/s\n  operations:\n    read_order:\n      weight: 80\n      sql: select * from orders where id = :id\n      params: { id: { key: orders.id } }\n",
                        "  auto: true\n",
                        "8:1 workload.rate",
                        "no `rate`",
                        "a rate with its unit",
                        null),
                arguments(
                        "where id = :id",
                        "where id = :idd",
                        "13:12 workload.operations.read_order.sql",
                        "`:idd` without a source",
                        "under `params`",
                        "id"),
                arguments(
                        "where id = :id",
                        "where id = $1",
                        "13:12 workload.operations.read_order.sql",
                        "`$1`",
                        "a named parameter",
                        null),
                arguments(
                        "where id = :id",
                        "where id = :id; select 1",
                        "13:12 workload.operations.read_order.sql",
                        "several statements",
                        "a list",
                        null),
                arguments(
                        "where id = :id",
                        "where a = ':id'",
                        "14:17 workload.operations.read_order.params.id",
                        "`id`, which the SQL does not use",
                        "no parameter",
                        null),
                arguments(
                        "key: orders.id",
                        "key: order.id",
                        "14:28 workload.operations.read_order.params.id.key",
                        "`order.id`",
                        "a column of",
                        "orders.id"),
                arguments(
                        "key: orders.id",
                        "references: orders.id",
                        "14:23 workload.operations.read_order.params.id.references",
                        "`references`",
                        "one of faker",
                        null),
                arguments(
                        "  operations:\n",
                        "  operations:\n    \"\": {}\n",
                        "11:5 workload.operations.\"\"",
                        "``",
                        "a name",
                        null),
                // server
                more(
                        "server: { kind: container }",
                        "18:17 server.kind",
                        "`container` without an image",
                        "postgres:18",
                        null),
                more(
                        "server: { image: x }",
                        "18:11 server.image",
                        "an image for an embedded server",
                        "kind: container",
                        null),
                more(
                        "server: { kind: container, image: x, standby: true }",
                        "18:38 server.standby",
                        "a standby with `kind: container`",
                        "`kind: embedded`",
                        null),
                more(
                        "server: { standby: yes please }",
                        "18:20 server.standby",
                        "`yes please`",
                        "true, false, or a mapping with `settings`",
                        null),
                more(
                        "server: { standby: true, settings: { wal_level: minimal } }",
                        "18:49 server.settings.wal_level",
                        "`wal_level: minimal` with a standby",
                        "replica or logical",
                        null),
                more(
                        "server: { standby: true, settings: { max_wal_senders: 0 } }",
                        "18:55 server.settings.max_wal_senders",
                        "`max_wal_senders: 0` with a standby",
                        "at least 1",
                        null),
                more(
                        "server: { standby: { settings: { primary_conninfo: x } } }",
                        "18:34 server.standby.settings.primary_conninfo",
                        "`primary_conninfo`",
                        "set by pgrehearse itself",
                        null),
                more(
                        "server: { standby: { settings: { max_connections: 10 } } }",
                        "18:34 server.standby.settings.max_connections",
                        "`max_connections` of the standby",
                        "`server.settings.max_connections`",
                        null),
                arguments(
                        "weight: 80",
                        "weight: 80\n      on: standby",
                        "13:11 workload.operations.read_order.on",
                        "`on: standby`, and no standby",
                        "`server: { standby: true }`",
                        null),
                arguments(
                        "weight: 80",
                        "weight: 80\n      on: replica",
                        "13:11 workload.operations.read_order.on",
                        "`replica`",
                        "one of primary, standby",
                        null),
                more("server: { version: 17 }", "18:20 server.version", "`17`", "18, the only embedded version", null),
                more(
                        "server: { kind: contaner }",
                        "18:17 server.kind",
                        "`contaner`",
                        "one of embedded, container",
                        "container"),
                more(
                        "server: { settings: { port: 1 } }",
                        "18:23 server.settings.port",
                        "`port`",
                        "set by pgrehearse",
                        null),
                more(
                        "server: { settings: { a b: 1 } }",
                        "18:23 server.settings.a b",
                        "`a b`",
                        "the name of a PostgreSQL setting",
                        null),
                more(
                        "server: { settings: { work_mem: [ 1 ] } }",
                        "18:33 server.settings.work_mem",
                        "a list",
                        "a single value",
                        null),
                // app
                more("app: { instances: 0 }", "18:19 app.instances", "`0`", "from 1 to 1000", null),
                more("app: { instances: two }", "18:19 app.instances", "`two`", "from 1 to 1000", null),
                more("app: { requestTimeout: 0s }", "18:24 app.requestTimeout", "`0s`", "more than 0s", null),
                more(
                        "app: { pool: { maxPoolSize: 9 } }",
                        "18:16 app.pool.maxPoolSize",
                        "`maxPoolSize`",
                        "a HikariCP property",
                        "maximumPoolSize"),
                more(
                        "app: { pool: { maximumPoolSize: 0 } }",
                        "18:33 app.pool.maximumPoolSize",
                        "`0`",
                        "maxPoolSize cannot be less than 1",
                        null),
                more(
                        "app: { pool: { connectionTimeout: 249 } }",
                        "18:35 app.pool.connectionTimeout",
                        "`249`",
                        "connectionTimeout cannot be less than 250ms",
                        null),
                more(
                        "app: { pool: { maxLifetime: 20s } }",
                        "18:29 app.pool.maxLifetime",
                        "`20s`",
                        "it would silently use 1800000",
                        null),
                more(
                        "app: { pool: { maximumPoolSize: 5, minimumIdle: 6 } }",
                        "18:49 app.pool.minimumIdle",
                        "`6`",
                        "it would silently use 5",
                        null),
                more(
                        "app: { pool: { password: x } }",
                        "18:16 app.pool.password",
                        "`password`",
                        "no address, driver or account",
                        null),
                more(
                        "app: { pool: { dataSourceClassName: x } }",
                        "18:16 app.pool.dataSourceClassName",
                        "`dataSourceClassName`",
                        "no address",
                        null),
                more("app: { pool: { autoCommit: yes } }", "18:28 app.pool.autoCommit", "`yes`", "true or false", null),
                more(
                        "app: { pool: { transactionIsolation: SERIAL } }",
                        "18:38 app.pool.transactionIsolation",
                        "`SERIAL`",
                        "HikariCP",
                        null),
                // phases
                more(
                        "phases: { warmup: 61s }",
                        "18:19 phases.warmup",
                        "`warmup: 61s` beyond",
                        "at most its bound",
                        null),
                more("phases: { baseline: 0s }", "18:21 phases.baseline", "`0s`", "more than 0s", null),
                more("phases: { baseline: 400d }", "18:21 phases.baseline", "`400d`", "at most 365d", null),
                // adversaries
                more(
                        "adversaries: [ { longRead: { table: orders, lasts: 5s } } ]",
                        "18:52 adversaries.0.longRead.lasts",
                        "`5s`",
                        "more than `startsBefore`, which is 5s",
                        null),
                more(
                        "adversaries: [ { longRead: { table: ordrs, lasts: 9s } } ]",
                        "18:37 adversaries.0.longRead.table",
                        "`ordrs`",
                        "a table of the schema file",
                        "orders"),
                more(
                        "adversaries: [ { longRaed: { table: orders, lasts: 9s } } ]",
                        "18:18 adversaries.0.longRaed",
                        "`longRaed`",
                        "one of longRead,",
                        "longRead"),
                more("adversaries: [ {} ]", "18:16 adversaries.0", "an empty mapping", "exactly one of", null),
                more(
                        "adversaries: { longRead: { table: orders } }",
                        "18:16 adversaries.longRead",
                        "`longRead`",
                        "`standard`",
                        null),
                more("adversaries: {}", "18:14 adversaries", "an empty mapping", "a list of adversaries, or", null),
                more("adversaries: standrd", "18:14 adversaries", "`standrd`", "a list of adversaries, or", "standard"),
                more(
                        "adversaries: { standard: { table: ordrs } }",
                        "18:35 adversaries.standard.table",
                        "`ordrs`",
                        "a table of the schema file",
                        "orders"),
                more(
                        "adversaries: { standard: { lasts: 5s } }",
                        "18:35 adversaries.standard.lasts",
                        "`5s`",
                        "more than 5s, before which",
                        null),
                more(
                        "adversaries: [ { batchJob: { table: orders } } ]",
                        "18:18 adversaries.0.batchJob.every",
                        "no `every`",
                        "a duration",
                        null),
                more(
                        "adversaries: [ { batchJob: { table: orders, every: 0s } } ]",
                        "18:52 adversaries.0.batchJob.every",
                        "`0s`",
                        "more than 0s",
                        null),
                more(
                        "adversaries: [ { batchJob: { table: orders, every: -1s } } ]",
                        "18:52 adversaries.0.batchJob.every",
                        "`-1s`",
                        "a duration",
                        null),
                more(
                        "adversaries: [ { dump: { startsBefore: 0s } } ]",
                        "18:40 adversaries.0.dump.startsBefore",
                        "`0s`",
                        "more than 0s",
                        null),
                more(
                        "adversaries: [ { dump: { table: orders } } ]",
                        "18:26 adversaries.0.dump.table",
                        "`table`",
                        "one of startsBefore, lasts",
                        null),
                more(
                        "adversaries: [ { autovacuum: { table: ordrs } } ]",
                        "18:39 adversaries.0.autovacuum.table",
                        "`ordrs`",
                        "a table of the schema file",
                        "orders"),
                more(
                        "server: { settings: { autovacuum: off } }\nadversaries: [ { autovacuum: { table: orders } } ]",
                        "18:35 server.settings.autovacuum",
                        "`off`",
                        "`on`, since an adversary `autovacuum`",
                        null),
                more(
                        "adversaries: [ { autovacuum: { table: orders, toPreventWraparound: maybe } } ]",
                        "18:68 adversaries.0.autovacuum.toPreventWraparound",
                        "`maybe`",
                        "true or false",
                        null),
                more(
                        "adversaries: [ { oldSnapshot: { table: orders, lasts: 9s, sql: select 1; select 2 } } ]",
                        "18:64 adversaries.0.oldSnapshot.sql",
                        "`select 1; select 2`",
                        "one complete",
                        null),
                // limits
                more("limits: { errorRate: 100.1% }", "18:22 limits.errorRate", "`100.1%`", "from 0% to 100%", null),
                more(
                        "limits: { operations: { read_ordr: { p99: 1s } } }",
                        "18:25 limits.operations.read_ordr",
                        "`read_ordr`",
                        "`read_order`",
                        "read_order"),
                more(
                        "limits: { operations: { read_order: { p99: 3 } } }",
                        "18:44 limits.operations.read_order.p99",
                        "`3`",
                        "a bound such as",
                        null),
                more(
                        "limits: { operations: { read_order: { p99: 0.5x baseline } } }",
                        "18:44 limits.operations.read_order.p99",
                        "`0.5x baseline`",
                        "at least `1x baseline`",
                        null),
                more("limits: { response: {} }", "18:21 limits.response", "an empty mapping", "a bound", null),
                more("limits: 2s", "18:9 limits", "`2s`", "a mapping with longestStall", null),
                // YAML
                more("name: again", "18:1 ", "a second `name`", "each key once; the first is on line 1", null),
                more("limits:\n\tlongestStall: 2s", "19:1 ", "a tab", "spaces", null),
                more("limits: [ 1", "19:1 ", "text that is not YAML", "YAML", null),
                more(
                        "limits: &limits { operations: *limits }",
                        "18:31 ",
                        "`*limits` inside",
                        "does not hold itself",
                        null),
                more("limits: *other", "18:9 ", "`*other`", "&other", null),
                more("limits: !!map { duration: 1m }", "18:9 ", "the tag", "no tag", null),
                more("---\nname: two", "19:1 ", "a second YAML document", "one document", null),
                more("? [ 1 ]\n: 2", "18:3 ", "a list as a key", "a name", null));
    }

    /** A mistake in a part that is appended as line 18. */
    private static Arguments more(String appended, String at, String found, String expected, String nearest) {
        String last = "as-written: { sql: migration.sql, expect: NO-GO }\n";
        return arguments(last, last + appended + "\n", at, found, expected, nearest);
    }

    @ParameterizedTest
    @MethodSource
    void oneMistakeEach(String old, String replacement, String at, String found, String expected, String nearest)
            throws Exception {
        fixture.write("empty.sql", "-- nothing; yet\n/* ; */ ;");
        fixture.write("unclosed.sql", "select 'it''s;");
        Files.write(directory.resolve("latin1.sql"), "select 'caf\u00e9'".getBytes(StandardCharsets.ISO_8859_1));
        fixture.replace(old, replacement);

        List<Mistake> mistakes = fixture.mistakes().stream()
                // What follows from a wrong name of a key: that the right one is missing, or is there no more.
                .filter(mistake -> (mistake.line() + ":" + mistake.column() + " " + mistake.path()).equals(at))
                .toList();

        assertThat(mistakes).as("of %s", fixture.mistakes()).hasSize(1);
        Mistake mistake = mistakes.get(0);
        assertThat(mistake.file()).isEqualTo(fixture.file().toString());
        assertThat(mistake.found()).contains(found);
        assertThat(mistake.expected()).contains(expected);
        assertThat(mistake.nearest()).isEqualTo(nearest);
    }

    @Test
    void tellsAllMistakesAtOnceInOrder() {
        fixture.write("scenario.yaml", """
                name: small
                dataset:
                  schema: nowhere.sql
                  sizes: { production: { orders: 1M } }
                  size: staging
                app: { wrokers: 200, pool: { connectionTimeout: 100ms } }
                workload:
                  rate: 0/s
                  operations:
                    read: { weight: 0, sql: "select :x", params: { y: { faker: no.such } } }
                adversaries:
                  - longRead: { table: orders, startsBefore: 9s, lasts: 5s }
                migration:
                  variants:
                    a: { lockTimeout: 5 }
                limits: { operations: { write: { p99: 1s } }, duration: never }
                """);

        assertThat(fixture.mistakes())
                .extracting(mistake -> mistake.line() + ":" + mistake.column() + " " + mistake.path())
                .containsExactly(
                        "3:11 dataset.schema",
                        "5:9 dataset.size",
                        "6:8 app.wrokers",
                        "6:49 app.pool.connectionTimeout",
                        "8:9 workload.rate",
                        "10:21 workload.operations.read.weight",
                        "10:29 workload.operations.read.sql",
                        "10:52 workload.operations.read.params.y",
                        "10:64 workload.operations.read.params.y.faker",
                        "12:57 adversaries.0.longRead.lasts",
                        "15:5 migration.variants.a.sql",
                        "15:23 migration.variants.a.lockTimeout",
                        "16:25 limits.operations.write",
                        "16:57 limits.duration");
    }

    @Test
    void rendersTheLineWithAMarkUnderTheSpot() {
        fixture.replace("rate: 300/s", "rate: 300/s\n  arrivals: poison");

        assertThat(fixture.mistakes().get(0).render()).isEqualTo(fixture.file() + """
                        :10:13: workload.arrivals
                            arrivals: poison
                                      ^
                          found `poison`, expected one of poisson, uniform; did you mean `poisson`?""");
    }

    @Test
    void rendersNoControlCharacterAndNoEndlessLine() {
        Mistake mistake =
                new Mistake("f", 1, 302, "p", "x", "y", null, "\u001b[31m" + "a".repeat(296) + "X" + "b".repeat(500));

        String[] lines = mistake.render().split("\n", -1);
        assertThat(mistake.render()).doesNotContain("\u001b");
        assertThat(lines[1]).hasSizeLessThan(130);
        assertThat(lines[1].charAt(lines[2].indexOf('^'))).isEqualTo('X');
    }

    @Test
    void aliasesMayRepeatButNotBlowUp() {
        fixture.write("scenario.yaml", """
                a: &a [1,1,1,1,1,1,1,1,1,1]
                b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]
                c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]
                d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]
                e: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]
                """);

        assertThat(fixture.mistakes()).hasSize(1);
        assertThat(fixture.mistakes().get(0).found()).startsWith("more than 100000 values");
        assertThat(fixture.mistakes().get(0).line()).isEqualTo(5);
    }

    @Test
    void deepNestingIsAMistakeNotACrash() {
        fixture.write("scenario.yaml", "name: " + "[".repeat(100_000));

        assertThat(fixture.mistakes()).hasSize(1);
        assertThat(fixture.mistakes().get(0).found()).startsWith("more than 50 levels");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n  \n", "# only a comment\n", "- a list\n", "just text"})
    void noMappingAtAll(String text) {
        fixture.write("scenario.yaml", text);

        assertThat(fixture.mistakes()).hasSize(1);
    }

    @Test
    void filesThatAreNoYaml() throws Exception {
        Files.write(fixture.file(), new byte[] {'n', 'a', 'm', 'e', ':', ' ', (byte) 0xff});
        assertThat(fixture.mistakes().get(0).found()).isEqualTo("the byte 0xFF at offset 6, which is not UTF-8");

        Files.write(fixture.file(), new byte[] {'n', 'a', 'm', 'e', ':', ' ', 0, 1});
        assertThat(fixture.mistakes().get(0).found()).isEqualTo("the character U+0000 at offset 6");

        Files.write(fixture.file(), new byte[1_048_577]);
        assertThat(fixture.mistakes().get(0).found()).isEqualTo("1048577 bytes");

        Files.delete(fixture.file());
        assertThat(fixture.mistakes().get(0).found()).startsWith("no file");
        Files.move(directory.resolve("schema.sql"), directory.resolve("scenari.yaml"));
        assertThat(fixture.mistakes().get(0).nearest()).isEqualTo("scenari.yaml");
        assertThat(ScenarioFixture.mistakes(directory, Overrides.NONE).get(0).found())
                .isEqualTo("a directory without a scenario.yaml");

        Files.createDirectory(fixture.file());
        assertThat(fixture.mistakes().get(0).found()).isEqualTo("a directory without a scenario.yaml");
    }
}
