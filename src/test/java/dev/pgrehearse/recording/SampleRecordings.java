package dev.pgrehearse.recording;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgrehearse.recording.Recording.AdversaryFacts;
import dev.pgrehearse.recording.Recording.Blocking;
import dev.pgrehearse.recording.Recording.Costs;
import dev.pgrehearse.recording.Recording.DatasetFacts;
import dev.pgrehearse.recording.Recording.Doubt;
import dev.pgrehearse.recording.Recording.Event;
import dev.pgrehearse.recording.Recording.Lock;
import dev.pgrehearse.recording.Recording.LockQueue;
import dev.pgrehearse.recording.Recording.LockWait;
import dev.pgrehearse.recording.Recording.MigrationFacts;
import dev.pgrehearse.recording.Recording.OperationFacts;
import dev.pgrehearse.recording.Recording.OperationPhase;
import dev.pgrehearse.recording.Recording.Phase;
import dev.pgrehearse.recording.Recording.PoolFacts;
import dev.pgrehearse.recording.Recording.QueueEntry;
import dev.pgrehearse.recording.Recording.Recovery;
import dev.pgrehearse.recording.Recording.Requests;
import dev.pgrehearse.recording.Recording.Service;
import dev.pgrehearse.recording.Recording.Stalls;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.Recording.TableFacts;
import dev.pgrehearse.recording.Recording.Timeline;
import dev.pgrehearse.scenario.Limits;
import dev.pgrehearse.scenario.Limits.ResponseLimit;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.Deflater;
import org.HdrHistogram.Histogram;

/**
 * Recordings of the incident "lock-queue" that come from arithmetic, not from a run.
 *
 * <p>300 requests a second, four in five of them {@code read_order}, the rest {@code create_order}, against two instances
 * with 200 workers, a queue of 100 and a pool of 20 each; a connection is waited for at most 3 s. The baseline lasts 20 s.
 * As written, the ALTER waits 30 s behind a long read: the first 40 requests hold the 40 connections and wait in the
 * database; 360 workers wait for a connection and give up after 3 s, so 120 a second; the queues of 200 fill at the
 * remaining 180 a second, and after that 180 a second are rejected. With a lock_timeout of 2 s the same happens five
 * times for 2 s, with pauses of 5 s, and the fifth try gets its lock.
 */
public final class SampleRecordings {
    public static final double BASELINE_MS = 20_000;
    public static final double WAIT_MS = 30_000;
    private static final int RATE = 300;
    private static final double STEP_MS = 200;
    private static final double READ_SHARE = 0.8;
    private static final String SQL = "ALTER TABLE orders ADD COLUMN notes text;";

    private SampleRecordings() {}

    /** The limits of both samples. */
    public static Limits limits() {
        return new Limits(
                Duration.ofSeconds(2),
                0.001,
                Duration.ofSeconds(2),
                Duration.ofSeconds(2),
                Duration.ofSeconds(10),
                Duration.ofMinutes(30),
                Duration.ofSeconds(30),
                new ResponseLimit(Duration.ofSeconds(3), 3.0),
                Map.of(),
                Set.of("lockHeld", "lockWait", "duration"));
    }

    /** The ALTER as written: NO-GO. */
    public static Recording asWritten() {
        double migrationEnd = BASELINE_MS + WAIT_MS + 12;
        double end = migrationEnd + 12_000;
        List<double[]> blocks = List.of(new double[] {BASELINE_MS, BASELINE_MS + WAIT_MS});
        long offered = Math.round(RATE * WAIT_MS / 1000);
        long requestTimeouts = 40;
        long lateButOk = 560;
        long rejected = 4960;
        long poolTimeouts = offered - requestTimeouts - lateButOk - rejected;
        Map<Outcome, Long> all = ordered(Map.of(
                Outcome.OK, lateButOk,
                Outcome.POOL_TIMEOUT, poolTimeouts,
                Outcome.QUEUE_REJECTED, rejected,
                Outcome.REQUEST_TIMEOUT, requestTimeouts));
        Statement alter = new Statement(
                1,
                1,
                "as-written.sql",
                3,
                SQL,
                BASELINE_MS,
                migrationEnd,
                "ok",
                null,
                null,
                WAIT_MS,
                true,
                true,
                List.of(new Lock("orders", "ACCESS EXCLUSIVE", true, WAIT_MS, 9, "exact")),
                List.of(),
                List.of(),
                8_432L,
                2.1,
                cost(BASELINE_MS),
                new Blocking(40, 40 * 29_900.0, 29_990, 40, List.of("read_order", "create_order")),
                null,
                List.of(),
                0);
        List<LockWait> waits = new ArrayList<>();
        waits.add(new LockWait(
                BASELINE_MS,
                WAIT_MS,
                4001,
                "orders",
                "ACCESS EXCLUSIVE",
                "migration",
                "adversary longRead",
                "granted",
                "log"));
        waits.addAll(waitsBehind(BASELINE_MS, BASELINE_MS + WAIT_MS, 40));
        return recording(
                "as-written",
                "NO-GO",
                migrationEnd,
                end,
                blocks,
                all,
                new MigrationFacts(
                        "sql",
                        "ok",
                        WAIT_MS + 12,
                        1,
                        1,
                        null,
                        "All statements were run and committed.",
                        List.of(alter),
                        null),
                waits,
                poolTimeouts,
                WAIT_MS - 140,
                4_700);
    }

    /** The same ALTER with a lock_timeout of 2 s and retries: GO. */
    public static Recording withTimeout() {
        List<double[]> blocks = new ArrayList<>();
        List<Statement> runs = new ArrayList<>();
        List<LockWait> waits = new ArrayList<>();
        for (int attempt = 1; attempt <= 5; attempt++) {
            double start = BASELINE_MS + (attempt - 1) * 7_000;
            boolean last = attempt == 5;
            double waited = last ? 1_800 : 2_000;
            blocks.add(new double[] {start, start + waited});
            runs.add(new Statement(
                    1,
                    attempt,
                    "as-written.sql",
                    3,
                    SQL,
                    start,
                    start + waited + (last ? 12 : 1),
                    last ? "ok" : "retried",
                    last ? null : "55P03",
                    last ? null : "ERROR: canceling statement due to lock timeout",
                    waited,
                    last,
                    last,
                    List.of(new Lock(
                            "orders", "ACCESS EXCLUSIVE", last, waited, last ? 9 : 0, last ? "exact" : "sampled")),
                    List.of(),
                    List.of(),
                    last ? 8_432L : null,
                    last ? 2.1 : 0.3,
                    last ? cost(start) : failedCost(start),
                    new Blocking(40, 40 * waited * 0.97, waited - 10, 40, List.of("read_order", "create_order")),
                    null,
                    List.of(),
                    0));
            waits.add(new LockWait(
                    start,
                    waited,
                    4001,
                    "orders",
                    "ACCESS EXCLUSIVE",
                    "migration",
                    "adversary longRead",
                    last ? "granted" : "gave up",
                    "log"));
            waits.addAll(waitsBehind(start, start + waited, 40));
        }
        double migrationEnd = BASELINE_MS + 4 * 7_000 + 1_812;
        Map<Outcome, Long> all = ordered(Map.of(Outcome.OK, Math.round(RATE * (migrationEnd - BASELINE_MS) / 1000)));
        return recording(
                "with-timeout",
                "GO",
                migrationEnd,
                migrationEnd + 10_000,
                blocks,
                all,
                new MigrationFacts(
                        "sql",
                        "ok",
                        migrationEnd - BASELINE_MS,
                        5,
                        1,
                        2_000.0,
                        "All statements were run and committed.",
                        runs,
                        null),
                waits,
                0,
                1_860,
                2_000);
    }

    /** The ALTER of a column writes some rows of the catalogue; 1 MB of WAL is the load's. */
    private static Cost cost(double atMs) {
        return new Cost(
                new StatementCounters(61, 3, 412, 9, 14, 0, 0, 0),
                73_728L,
                24_576L,
                2_359_296L,
                disk(atMs),
                List.of(new TableGrowth("orders", 142_606_336L, 142_614_528L, 67_108_864L, 67_108_864L)),
                1,
                List.of());
    }

    private static Cost failedCost(double atMs) {
        return new Cost(
                null,
                0L,
                0L,
                2_359_296L,
                disk(atMs),
                List.of(),
                0,
                List.of(
                        "Its blocks and WAL are not known: pg_stat_statements counts only what ended without an error."));
    }

    private static DiskUse disk(double atMs) {
        return new DiskUse(320_000_000L, 1_048_576L, atMs + 1_000, 1_048_576L, 0, 0, 1_048_576L, 64_000_000_000L, 121);
    }

    private static Resources resources(double migrationEnd, double end) {
        return new Resources(
                disk(BASELINE_MS),
                List.of(new TableGrowth("orders", 142_606_336L, 142_614_528L, 67_108_864L, 67_108_864L)),
                0,
                List.of(
                        machine(Phase.BASELINE, BASELINE_MS, null),
                        machine(Phase.MIGRATION, migrationEnd - BASELINE_MS, 2.1),
                        machine(Phase.RECOVERY, end - migrationEnd, null)),
                List.of(new Checkpoint(
                        BASELINE_MS + 2_000, BASELINE_MS + 9_000, "wal", true, 1_204L, Phase.MIGRATION, "statement 1")),
                List.of(new Autovacuum(
                        "orders",
                        "vacuum",
                        BASELINE_MS - 400,
                        BASELINE_MS + 1_001,
                        Autovacuum.CANCELLED,
                        Phase.MIGRATION,
                        "statement 1")));
    }

    private static MachineUse machine(
            String phase, double lengthMs, @org.jspecify.annotations.Nullable Double migrationCpuMs) {
        return new MachineUse(
                phase,
                lengthMs,
                0.22,
                0.01,
                0.04,
                null,
                lengthMs * 0.4,
                migrationCpuMs,
                lengthMs * 0.1,
                1_048_576L,
                16_777_216L,
                migrationCpuMs == null ? null : (Long) 73_728L,
                migrationCpuMs == null ? null : (Long) 24_576L,
                0L,
                4_194_304L,
                12_582_912L,
                0L,
                1L,
                1_204L);
    }

    private static List<LockWait> waitsBehind(double start, double end, int sessions) {
        List<LockWait> waits = new ArrayList<>();
        for (int i = 1; i <= sessions; i++) {
            boolean write = i % 5 == 0;
            double from = start + i * 1000.0 / RATE;
            waits.add(new LockWait(
                    from,
                    end - from,
                    5000 + i,
                    "orders",
                    write ? "ROW EXCLUSIVE" : "ACCESS SHARE",
                    write ? "create_order" : "read_order",
                    "statement 1",
                    "granted",
                    "log"));
        }
        return waits;
    }

    private static Recording recording(
            String variant,
            String expected,
            double migrationEnd,
            double end,
            List<double[]> blocks,
            Map<Outcome, Long> migrationOutcomes,
            MigrationFacts migration,
            List<LockWait> waits,
            long poolTimeouts,
            double longestExhausted,
            double slowest) {
        long baseline = Math.round(RATE * BASELINE_MS / 1000);
        long recovery = Math.round(RATE * (end - migrationEnd) / 1000);
        OperationFacts reads =
                operation("read_order", READ_SHARE, baseline, recovery, migrationOutcomes, blocks, slowest);
        OperationFacts writes =
                operation("create_order", 1 - READ_SHARE, baseline, recovery, migrationOutcomes, blocks, slowest);
        Map<Outcome, Long> outcomes = new LinkedHashMap<>();
        for (OperationFacts operation : List.of(reads, writes)) {
            operation
                    .outcomesByPhase()
                    .values()
                    .forEach(byOutcome ->
                            byOutcome.forEach((outcome, count) -> outcomes.merge(outcome, count, Long::sum)));
        }
        long offered = outcomes.values().stream().mapToLong(Long::longValue).sum();
        double first = blocks.get(0)[0];
        double exhausted =
                blocks.stream().mapToDouble(block -> block[1] - block[0] - 140).sum();
        List<PoolFacts> pools = new ArrayList<>();
        for (String instance : List.of("app-1", "app-2")) {
            pools.add(new PoolFacts(
                    instance,
                    20,
                    20,
                    180,
                    0,
                    exhausted,
                    longestExhausted,
                    first + 140,
                    ordered(Map.of(50, first + 66, 80, first + 106, 90, first + 120, 100, first + 133)),
                    poolTimeouts / 2));
        }
        double worst = blocks.get(0)[1] - 50;
        List<QueueEntry> waiters = new ArrayList<>();
        waiters.add(new QueueEntry(4001, "statement 1", "ACCESS EXCLUSIVE", worst - first));
        for (int i = 1; i <= 40; i++) {
            boolean write = i % 5 == 0;
            waiters.add(new QueueEntry(
                    5000 + i,
                    write ? "create_order" : "read_order",
                    write ? "ROW EXCLUSIVE" : "ACCESS SHARE",
                    worst - first - i * 1000.0 / RATE));
        }
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.putObject("app")
                .put("instances", 2)
                .put("workers", 200)
                .put("acceptQueue", 100)
                .put("requestTimeout", "5s");
        document.putObject("workload").put("rate", "300/s").put("arrivals", "poisson");
        return new Recording(
                Recording.FORMAT,
                true,
                null,
                new Recording.Tool("0.1.0"),
                "2026-03-01T01:45:00Z",
                new Recording.Host(8, 33_285_996_544L, "Linux 6.1.0"),
                new Recording.ScenarioFacts(
                        "lock-queue",
                        "An ALTER that needs its lock for milliseconds waits behind a long read, and everybody waits behind it.",
                        variant,
                        "production",
                        1,
                        42,
                        "3f1c9a2e7d5b4c6f8a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d1e2f",
                        expected,
                        document,
                        LimitsJson.write(limits())),
                new Recording.ServerFacts(
                        "embedded",
                        "18.6",
                        "PostgreSQL 18.6 on x86_64-pc-linux-gnu, compiled by gcc (Debian 6.3.0-18) 6.3.0, 64-bit",
                        ordered(Map.of(
                                "shared_buffers", "1GB",
                                "max_connections", "200",
                                "superuser_reserved_connections", "3",
                                "reserved_connections", "0",
                                "fsync", "on",
                                "synchronous_commit", "on",
                                "deadlock_timeout", "1s",
                                "max_wal_size", "4GB"))),
                new DatasetFacts(
                        "generated",
                        true,
                        2.4,
                        "2026-11-20T12:00:00Z",
                        List.of(
                                new TableFacts("orders", 1_000_000, 142_606_336L, 67_108_864L),
                                new TableFacts("customers", 200_000, 22_020_096L, 6_291_456L)),
                        null,
                        fidelity()),
                null,
                List.of(
                        new Phase(Phase.WARMUP, -10_000, 0),
                        new Phase(Phase.BASELINE, 0, BASELINE_MS),
                        new Phase(Phase.MIGRATION, BASELINE_MS, migrationEnd),
                        new Phase(Phase.RECOVERY, migrationEnd, end)),
                migration,
                new Requests(offered, offered, outcomes, List.of(reads, writes)),
                SampleWaits.parts("read_order", slowest),
                timeline(end, blocks, poolTimeouts > 0),
                pools,
                waits,
                List.of(
                        new OperationLocks(
                                "read_order",
                                20,
                                List.of(
                                        new OperationLocks.Taken("orders", "ACCESS SHARE"),
                                        new OperationLocks.Taken("orders_pkey", "ACCESS SHARE"))),
                        new OperationLocks(
                                "create_order",
                                20,
                                List.of(
                                        new OperationLocks.Taken("customers", "ROW SHARE"),
                                        new OperationLocks.Taken("orders", "ROW EXCLUSIVE"))),
                        new OperationLocks("rare_report", 0, List.of())),
                List.of(new StatementProgress(
                        1,
                        1,
                        List.of(new StatementProgress.Phase(
                                "rewrite",
                                "writing the new heap",
                                "orders",
                                "files",
                                migrationEnd - 10,
                                migrationEnd - 2,
                                "bytes",
                                142_606_336L,
                                List.of(
                                        new StatementProgress.Point(migrationEnd - 10, 8_192),
                                        new StatementProgress.Point(migrationEnd - 2, 65_536)))),
                        0)),
                new LockQueue(
                        worst,
                        "orders",
                        List.of(new QueueEntry(3999, "adversary longRead", "ACCESS SHARE", 0)),
                        waiters,
                        41),
                SampleWaits.of(waits, first, worst),
                List.of(new Event(BASELINE_MS + 400, "pool-exhausted", "Both pools had no free connection")),
                List.of(new AdversaryFacts(
                        "longRead",
                        "orders",
                        BASELINE_MS - 5_000,
                        blocks.get(blocks.size() - 1)[1],
                        true,
                        "pid 3999 held ACCESS SHARE on orders")),
                null,
                new Recovery(migrationEnd + 3_000),
                Recording.Leftovers.NONE,
                List.of(new Recording.IndexFacts(
                        "orders_pkey",
                        "orders",
                        "CREATE UNIQUE INDEX orders_pkey ON public.orders USING btree (id)",
                        true,
                        true,
                        true,
                        true,
                        true,
                        true,
                        22_487_040L,
                        new Recording.IndexScans(4_800L, 448L, 2_880L),
                        List.of(new Recording.IndexUse("read_order", 20, 20)),
                        null,
                        null)),
                0,
                changes(),
                new Costs(21_400.0, 2.1, 6_300.0, 0.22, 48_234_496L, 200, 46),
                resources(migrationEnd, end),
                new Recording.ClockFacts(0.02, 0.08),
                List.of(new Doubt(
                        "server-build",
                        "The server is the embedded build: good for locks and shapes, only indicative for seconds.")));
    }

    /**
     * {@link #withTimeout} with a standby: a read of it held replay up for 3 s, and statement 1 made reads there wait for 400 ms.
     */
    public static Recording withStandby() {
        return Edited.of(withTimeout()).set("/standby", """
                        {"settings": {"max_standby_streaming_delay": "30s"}, "preparedSeconds": 1.5,
                         "operations": ["read_order"], "baselineLagPeakMs": 20, "lagPeakMs": 3000,
                         "lagPeakBytes": 1048576, "lagPeakAtMs": 24000,
                         "behind": [{"startMs": 22000, "caughtUpMs": 24100, "lagPeakMs": 3000, "lagPeakBytes": 1048576}],
                         "heldUp": [{"by": "orders", "startMs": 21000, "durationMs": 3000}], "heldUpMs": 3000,
                         "waits": [{"startMs": 23600, "durationMs": 400, "relation": "orders", "mode": "ACCESS SHARE",
                                    "operation": "read_order", "behind": "replay", "statement": 1}],
                         "waitsInAll": 1,
                         "blocked": [{"statement": 1, "relation": "orders", "waits": 1, "longestMs": 400, "inAllMs": 400,
                                      "operations": ["read_order"]}],
                         "conflicts": {"tablespace": 0, "lock": 0, "snapshot": 0, "bufferpin": 0, "deadlock": 0}}
                        """).recording();
    }

    /** Nothing became worse: the ALTER adds a column. */
    private static Changes changes() {
        StatementPlan read = new StatementPlan(
                StatementPlan.GENERIC,
                1,
                "Index Scan using orders_pkey on orders",
                8.44,
                List.of("orders_pkey"),
                List.of("orders"),
                List.of());
        StatementPlan custom = new StatementPlan(
                StatementPlan.CUSTOM, 10, read.shape(), 8.45, read.indexes(), read.relations(), read.written());
        StatementPlan write = new StatementPlan(
                StatementPlan.GENERIC,
                1,
                "Insert on orders > Result",
                0.01,
                List.of(),
                List.of("orders"),
                List.of("orders"));
        OperationTimes times = new OperationTimes(4_800, 8.6, 0.8, 2.1, 0.9);
        return new Changes(
                List.of(
                        new OperationPlans(
                                "read_order",
                                List.of(new StatementPlans(
                                        1,
                                        "SELECT * FROM orders WHERE id = ?",
                                        List.of(read, custom),
                                        List.of(read, custom),
                                        null,
                                        null)),
                                times,
                                times),
                        new OperationPlans(
                                "create_order",
                                List.of(new StatementPlans(
                                        1,
                                        "INSERT INTO orders (customer_id) VALUES (?)",
                                        List.of(write),
                                        List.of(write),
                                        null,
                                        null)),
                                times,
                                null)),
                List.of(new TableChange(
                        "orders",
                        false,
                        List.of(),
                        List.of(),
                        List.of("notes"),
                        0.99,
                        0.98,
                        12L,
                        40L,
                        1_001_200L,
                        0L,
                        0L,
                        0L,
                        0L)),
                List.of(new SqlErrors(
                        "create_order",
                        "23503",
                        SqlErrors.OTHER,
                        "insert or update on table \"orders\" violates foreign key constraint \"orders_customer_fkey\"",
                        1,
                        ordered(Map.of(Phase.BASELINE, 1L)),
                        312.5,
                        312.5)));
    }

    private static OperationFacts operation(
            String name,
            double share,
            long baseline,
            long recovery,
            Map<Outcome, Long> migration,
            List<double[]> blocks,
            double slowest) {
        Map<Outcome, Long> its = new LinkedHashMap<>();
        migration.forEach((outcome, count) -> its.put(outcome, Math.round(count * share)));
        long offered = its.values().stream().mapToLong(Long::longValue).sum();
        long ok = its.getOrDefault(Outcome.OK, 0L);
        long poolTimeouts = its.getOrDefault(Outcome.POOL_TIMEOUT, 0L);
        boolean given = ok < offered;
        Histogram during = new Histogram(3);
        if (given) {
            // Rejected at once; the pool's 3 s after up to 1.7 s in the queue; the client's 5 s; the late ones in
            // between.
            spread(during, its.getOrDefault(Outcome.QUEUE_REJECTED, 0L), 0.1, 0.4);
            spread(during, poolTimeouts, 3_000, 4_667);
            spread(during, its.getOrDefault(Outcome.REQUEST_TIMEOUT, 0L), 5_000, 5_000);
            spread(during, ok, 5, slowest);
        } else {
            double blocked =
                    blocks.stream().mapToDouble(block -> block[1] - block[0]).sum();
            long waited = Math.round(RATE * share * blocked / 1000);
            spread(during, waited, 20, slowest);
            spread(during, offered - waited, 1, 9);
        }
        return new OperationFacts(
                name,
                ordered(Map.of(
                        Phase.BASELINE, Map.of(Outcome.OK, Math.round(baseline * share)),
                        Phase.MIGRATION, its,
                        Phase.RECOVERY, Map.of(Outcome.OK, Math.round(recovery * share)))),
                ordered(Map.of(
                        Phase.BASELINE, phase(steady(Math.round(baseline * share)), List.of(), false),
                        Phase.MIGRATION, phase(during, blocks, given),
                        Phase.RECOVERY, phase(steady(Math.round(recovery * share)), List.of(), false))));
    }

    private static Histogram steady(long count) {
        Histogram histogram = new Histogram(3);
        spread(histogram, count, 1, 9);
        return histogram;
    }

    /** So many values, evenly from one to the other, in milliseconds. */
    private static void spread(Histogram histogram, long count, double fromMs, double toMs) {
        for (long i = 0; i < count; i++) {
            double value = count == 1 ? fromMs : fromMs + (toMs - fromMs) * i / (count - 1);
            histogram.recordValue(Math.round(value * 1000));
        }
    }

    private static OperationPhase phase(Histogram histogram, List<double[]> blocks, boolean given) {
        double[] longest = blocks.stream()
                .max((one, other) -> Double.compare(one[1] - one[0], other[1] - other[0]))
                .orElse(null);
        double stall = longest == null ? 0 : longest[1] - longest[0];
        double all = blocks.stream().mapToDouble(block -> block[1] - block[0]).sum();
        return new OperationPhase(
                histogram.getTotalCount(),
                histogram.getValueAtPercentile(50) / 1000.0,
                histogram.getValueAtPercentile(95) / 1000.0,
                histogram.getValueAtPercentile(99) / 1000.0,
                histogram.getMaxValue() / 1000.0,
                given ? 0.1 : null,
                stall,
                longest == null ? null : longest[0],
                false,
                new Stalls(100, blocks.size(), all, false),
                new Service(histogram.getTotalCount(), 0.8, 2.1, 4.2, Math.max(9, stall)),
                encode(histogram));
    }

    /** A histogram as recordings hold it. */
    public static String encode(Histogram histogram) {
        ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(buffer, Deflater.BEST_COMPRESSION);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length));
    }

    private static Timeline timeline(double end, List<double[]> blocks, boolean errors) {
        double start = -10_000;
        int steps = (int) Math.ceil((end - start) / STEP_MS);
        Map<String, double[]> series = new LinkedHashMap<>();
        for (String name : List.of(
                "offered",
                "ok",
                "errors",
                "p50Ms",
                "p99Ms",
                "inFlight",
                "poolActive",
                "poolPending",
                "blockedSessions",
                "connections",
                "cpuServer",
                "walBytes",
                "diskRelations",
                "diskTemporary",
                "diskWal",
                "diskFree")) {
            series.put(name, new double[steps]);
        }
        for (int i = 0; i < steps; i++) {
            double at = start + i * STEP_MS;
            double age = blockedFor(at, blocks);
            boolean blocked = age >= 0;
            double perStep = RATE * STEP_MS / 1000 + ((i * 7) % 5 - 2);
            double failed = !blocked || !errors ? 0 : age < 2_500 ? 0 : age < 3_200 ? 180 * STEP_MS / 1000 : perStep;
            double afterBlock = blockedFor(at - 600, blocks) >= 0 && !blocked ? 1 : 0;
            series.get("offered")[i] = perStep;
            series.get("ok")[i] = blocked ? 0 : perStep * (1 + afterBlock * (errors ? 2 : 3));
            series.get("errors")[i] = failed;
            series.get("p50Ms")[i] = blocked ? Math.min(age + 5, 2_300) : 5 - (i % 3) * 0.4;
            series.get("p99Ms")[i] = blocked ? Math.min(age + 20, 4_980) : 8.9 + (i % 4) * 0.5;
            double inFlight = blocked ? Math.min(age * RATE / 1000, 600) : 2;
            series.get("inFlight")[i] = inFlight;
            series.get("poolActive")[i] = blocked ? Math.min(inFlight, 40) : 3 + i % 3;
            series.get("poolPending")[i] = blocked ? Math.min(Math.max(inFlight - 40, 0), 360) : 0;
            series.get("blockedSessions")[i] = blocked ? Math.min(inFlight, 40) + 1 : 0;
            series.get("connections")[i] = 46;
            series.get("cpuServer")[i] = blocked ? 0.02 : 0.4;
            series.get("walBytes")[i] = blocked ? 0 : 36_000;
            series.get("diskRelations")[i] = 240_000_000 + 200.0 * i;
            series.get("diskTemporary")[i] = 0;
            series.get("diskWal")[i] = 80_000_000;
            series.get("diskFree")[i] = 64_000_000_000.0 - 200.0 * i;
        }
        return new Timeline(start, STEP_MS, series);
    }

    private static double blockedFor(double at, List<double[]> blocks) {
        for (double[] block : blocks) {
            if (at >= block[0] && at < block[1]) {
                return at - block[0];
            }
        }
        return -1;
    }

    /** In the order of the keys, as a recording has them that was read. */
    private static <K extends Comparable<K>, V> Map<K, V> ordered(Map<K, V> map) {
        return new LinkedHashMap<>(new TreeMap<>(map));
    }

    private static FidelityFacts fidelity() {
        FidelityFacts.Figure off = new FidelityFacts.Figure("correlation", "coefficient", 0.5, -0.25, false);
        FidelityFacts.Figure alike = new FidelityFacts.Figure("null share", "share", 0.1, 0.1, true);
        return FidelityFacts.of(List.of(new FidelityFacts.Table(
                        "orders",
                        List.of(new FidelityFacts.Figure("pages", "pages", 100, 120, false)),
                        List.of(
                                new FidelityFacts.Column("id", List.of(alike)),
                                new FidelityFacts.Column("note", List.of(alike, off))),
                        0)))
                .worst();
    }
}
