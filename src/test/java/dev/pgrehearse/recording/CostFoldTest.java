package dev.pgrehearse.recording;

import static dev.pgrehearse.recording.Requests.nanos;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.recording.Recording.Phase;
import java.util.List;
import org.junit.jupiter.api.Test;

class CostFoldTest {
    private static final long MB = 1 << 20;
    private static final Phases PHASES = new Phases(
            List.of(
                    new Phases.Span(Phase.BASELINE, 0, nanos(10_000)),
                    new Phases.Span(Phase.MIGRATION, nanos(10_000), nanos(20_000)),
                    new Phases.Span(Phase.RECOVERY, nanos(20_000), nanos(30_000))),
            0);
    private static final MachineTotals NOTHING =
            new MachineTotals(null, null, 0, 0, 0, null, null, null, null, null, null);

    @Test
    void aRewriteThatEndsSmallerHasItsPeakAboveWhereItBegan() {
        // Of measuring.md: 481 MB were written anew, the end is 3 MB below the start, the peak 470 MB above it.
        DiskUse disk = fold(
                        disk(10_010, 600, 64, 0),
                        disk(12_000, 900, 64, 300),
                        disk(14_000, 1_070, 64, 470),
                        disk(14_260, 597, 64, 470),
                        run(1, 0, 10_000, 14_250))
                .fold()
                .orElseThrow()
                .statements()
                .get(0)
                .cost()
                .disk();

        assertThat(disk).isEqualTo(new DiskUse(664 * MB, 470 * MB, 14_000, -3 * MB, 470 * MB, 0, 0, 5_000 * MB, 3));
    }

    @Test
    void aStatementBeginsWithTheSampleNearestToItNotWithThePeakOfTheOneBefore() {
        Recording.MigrationFacts migration = fold(
                        disk(10_001, 100, 16, 0),
                        disk(11_900, 200, 16, 100),
                        disk(12_004, 100, 32, 0),
                        disk(12_250, 101, 48, 1),
                        run(1, 0, 10_000, 12_000),
                        run(2, 0, 12_001, 12_300))
                .fold()
                .orElseThrow();

        assertThat(migration.statements().get(1).cost().disk())
                .isEqualTo(new DiskUse(132 * MB, 17 * MB, 12_250, 17 * MB, MB, 0, 16 * MB, 5_000 * MB, 2));
    }

    /** The look that is asked for at its end comes later than the one before was early. */
    @Test
    void whatAShortStatementWroteIsInTheLookThatFollowsIt() {
        DiskUse disk = fold(
                        disk(10_001, 100, 16, 0),
                        disk(10_250, 104, 16, 4),
                        disk(10_360, 111, 24, 11),
                        run(1, 0, 10_000, 10_300))
                .fold()
                .orElseThrow()
                .statements()
                .get(0)
                .cost()
                .disk();

        assertThat(disk).isEqualTo(new DiskUse(116 * MB, 19 * MB, 10_360, 19 * MB, 11 * MB, 0, 8 * MB, 5_000 * MB, 2));
    }

    @Test
    void theTablesOfAStatementAreThoseThatItLockedMadeOrDropped() {
        TableGrowth orders = new TableGrowth("orders", 8 * MB, 8 * MB, MB, 3 * MB);
        TableGrowth made = new TableGrowth("orders_new", 0, 8 * MB, 0, MB);
        TableGrowth dropped = new TableGrowth("orders_old", MB, 0, MB, 0);
        TableGrowth loads = new TableGrowth("audit", MB, 2 * MB, 0, 0);

        Cost cost = fold(run(1, 0, 10_000, 12_000), new Fact.TablesGrew(1, 1, List.of(made, orders, dropped, loads)))
                .fold()
                .orElseThrow()
                .statements()
                .get(0)
                .cost();

        assertThat(cost.grown()).containsExactly(made, orders, dropped);
        assertThat(orders.bytes()).isEqualTo(2 * MB);
        assertThat(dropped.bytes()).isEqualTo(-2 * MB);
    }

    /** Nobody sees the new files before; and what others of the load grew by is not the transaction's. */
    @Test
    void whatATransactionWroteAnewIsToldOfItsCommit() {
        TableGrowth orders = new TableGrowth("orders", 8 * MB, 9 * MB, MB, 3 * MB);
        TableGrowth loads = new TableGrowth("audit", MB, 2 * MB, 0, 0);
        List<Recording.Statement> statements = fold(
                        run(1, 7, 10_000, 12_000),
                        lockless(2, 7, 12_000, 12_010),
                        lockless(3, 0, 12_010, 12_020),
                        new Fact.TablesGrew(2, 1, List.of(orders, loads)),
                        new Fact.TablesGrew(3, 1, List.of(orders, loads)))
                .fold()
                .orElseThrow()
                .statements();

        assertThat(statements)
                .extracting(statement -> statement.cost().grown())
                .containsExactly(List.of(), List.of(orders), List.of());
    }

    private static Fact.StatementRan lockless(int index, int transaction, double startMs, double endMs) {
        return new Fact.StatementRan(
                index,
                1,
                transaction,
                "m.sql",
                1,
                "COMMIT",
                nanos(startMs),
                nanos(endMs),
                "ok",
                null,
                null,
                false,
                false,
                List.of(),
                List.of(),
                List.of());
    }

    @Test
    void whatIsNotKnownIsSaid() {
        Cost cost = fold(run(1, 7, 10_000, 12_000), new Fact.StatementUse(1, 1, null, null, null, MB, "It failed."))
                .fold()
                .orElseThrow()
                .statements()
                .get(0)
                .cost();

        assertThat(cost.counters()).isNull();
        assertThat(cost.memoryPeakBytes()).isEqualTo(MB);
        assertThat(cost.disk()).isNull();
        assertThat(cost.unknown()).hasSize(2).startsWith("It failed.").anyMatch(why -> why.contains("not committed"));
        assertThat(fold(run(1, 0, 10_000, 12_000))
                        .fold()
                        .orElseThrow()
                        .statements()
                        .get(0)
                        .cost()
                        .unknown())
                .singleElement()
                .asString()
                .contains("before its costs could be read");
    }

    @Test
    void checkpointsAreForcedOrTimedAndCountForWhoRanThen() {
        Fact[] facts = {
            run(1, 0, 10_000, 12_000),
            happened(1_000, "checkpoint", "checkpoint starting: time"),
            happened(5_000, "checkpoint", "checkpoint complete: wrote 12 buffers (0.1%), wrote 2 SLRU buffers; 0 WAL"),
            happened(11_000, "checkpoint", "checkpoint starting: wal"),
            happened(19_000, "checkpoint", "checkpoint complete: wrote 900 buffers (5.5%); 0 WAL file(s) added"),
            happened(19_500, "checkpoint", "checkpoint starting: fast force wait")
        };
        MigrationFold fold = fold(facts);

        assertThat(fold.resources().checkpoints())
                .containsExactly(
                        new Checkpoint(1_000, 5_000.0, "time", false, 12L, Phase.BASELINE, null),
                        new Checkpoint(11_000, 19_000.0, "wal", true, 900L, Phase.MIGRATION, "statement 1"),
                        new Checkpoint(19_500, null, "fast force wait", true, null, Phase.MIGRATION, null));
        assertThat(fold.fold().orElseThrow().statements().get(0).cost().checkpoints())
                .isEqualTo(1);
    }

    @Test
    void anAutovacuumIsCancelledByWhoWaitsForItsTable() {
        Fact.Happened cancelled =
                happened(11_004, "autovacuum", "cancelled: automatic vacuum of rehearsal.public.orders");
        Fact.AutovacuumSeen work = new Fact.AutovacuumSeen(9, "orders", "vacuum", nanos(9_000), nanos(10_900), true);

        assertThat(fold(run(1, 0, 10_000, 12_000), cancelled, work, wait("migration", 10_001, 11_003))
                        .resources()
                        .autovacuums())
                .containsExactly(new Autovacuum(
                        "orders", "vacuum", 9_000.0, 11_004.0, "cancelled", Phase.MIGRATION, "statement 1"));
        // Somebody else of the workload waited, or the migration's wait had ended long before.
        assertThat(fold(run(1, 0, 10_000, 12_000), cancelled, work, wait("place_order", 10_001, 11_003))
                        .resources()
                        .autovacuums())
                .extracting(Autovacuum::statement)
                .containsOnlyNulls();
        assertThat(fold(run(1, 0, 10_000, 12_000), cancelled, work, wait("migration", 10_001, 10_500))
                        .resources()
                        .autovacuums())
                .extracting(Autovacuum::statement)
                .containsOnlyNulls();
    }

    @Test
    void anAutovacuumMeanwhileIsToldWithTheStatementOnItsTable() {
        List<Autovacuum> autovacuums = fold(
                        run(1, 0, 10_000, 12_000),
                        happened(11_500, "autovacuum", "automatic vacuum of rehearsal.public.orders ended"),
                        happened(11_600, "autovacuum", "automatic analyze of rehearsal.public.orders ended"),
                        happened(11_700, "autovacuum", "automatic analyze of rehearsal.shop.items ended"),
                        new Fact.AutovacuumSeen(9, "orders", "vacuum and analyze", nanos(11_000), nanos(11_500), true),
                        new Fact.AutovacuumSeen(8, "audit", "vacuum", nanos(15_000), nanos(29_000), false))
                .resources()
                .autovacuums();

        assertThat(autovacuums)
                .containsExactly(
                        new Autovacuum("orders", "vacuum", 11_000.0, 11_500.0, "ended", Phase.MIGRATION, "statement 1"),
                        new Autovacuum(
                                "orders", "analyze", 11_000.0, 11_600.0, "ended", Phase.MIGRATION, "statement 1"),
                        new Autovacuum("shop.items", "analyze", null, 11_700.0, "ended", Phase.MIGRATION, null),
                        new Autovacuum("audit", "vacuum", 15_000.0, null, "unknown", Phase.RECOVERY, null));
    }

    @Test
    void theMachineIsToldByPhaseFromDifferences() {
        // Two processors for 10 s are 2 000 ticks.
        Fact[] facts = {
            read(Phase.BASELINE, 0, totals(1_000, 500, 100, 0, 2_000_000)),
            read(Phase.MIGRATION, 10_000, totals(5_000, 900, 700, 8 * MB, 4_500_000)),
            read(Phase.RECOVERY, 20_000, totals(15_000, 2_000, 2_500, 108 * MB, 9_500_000)),
            read(Fact.MachineRead.END, 30_000, NOTHING),
            new Fact.ServerCounted(Phase.MIGRATION, nanos(10_001), 100, 3, 0, 50),
            new Fact.ServerCounted(Phase.RECOVERY, nanos(20_001), 700, 3, 2, 950),
            run(1, 0, 10_000, 12_000),
            new Fact.StatementCost(1, 1, 8L, 250.0),
            new Fact.StatementUse(1, 1, null, 4L, 6L, null, null)
        };

        List<MachineUse> machine = fold(facts).resources().machine();

        assertThat(machine).hasSize(3);
        MachineUse baseline = machine.get(0);
        assertThat(baseline.serverCpuMs()).isEqualTo(4_000);
        assertThat(baseline.toolCpuMs()).isEqualTo(400);
        assertThat(baseline.busyShare()).isEqualTo(0.3);
        assertThat(baseline.serverWrittenBytes()).isEqualTo(8 * MB);
        assertThat(baseline.ioPressureShare()).isEqualTo(0.25);
        assertThat(baseline.migrationCpuMs()).isNull();
        assertThat(baseline.walBytes()).isNull();
        MachineUse migration = machine.get(1);
        assertThat(migration.serverCpuMs()).isEqualTo(10_000);
        assertThat(migration.migrationCpuMs()).isEqualTo(250);
        assertThat(migration.migrationReadBytes()).isEqualTo(4);
        assertThat(migration.migrationWrittenBytes()).isEqualTo(6);
        assertThat(migration.busyShare()).isEqualTo(0.9);
        assertThat(migration.serverWrittenBytes()).isEqualTo(100 * MB);
        assertThat(migration.walBytes()).isEqualTo(600);
        assertThat(migration.checkpointsTimed()).isZero();
        assertThat(migration.checkpointsForced()).isEqualTo(2);
        assertThat(migration.checkpointBlocks()).isEqualTo(900);
        // The server was gone by the end.
        assertThat(machine.get(2).serverCpuMs()).isNull();
        assertThat(machine.get(2).busyShare()).isNull();
        assertThat(machine.get(2).walBytes()).isNull();
    }

    @Test
    void tablesAreTheSameByTheirOid() {
        Resources resources = fold(
                        new Fact.TablesMeasured(
                                false,
                                List.of(
                                        new Fact.TableSize(1, "orders", 8 * MB, MB),
                                        new Fact.TableSize(2, "items", MB, MB),
                                        new Fact.TableSize(3, "gone", MB, 0))),
                        new Fact.TablesMeasured(
                                true,
                                List.of(
                                        new Fact.TableSize(1, "renamed", 5 * MB, 2 * MB),
                                        new Fact.TableSize(2, "items", MB, MB),
                                        new Fact.TableSize(4, "orders", MB / 2, 0))))
                .resources();

        assertThat(resources.tables())
                .containsExactly(
                        new TableGrowth("orders", 8 * MB, 5 * MB, MB, 2 * MB),
                        new TableGrowth("gone", MB, 0, 0, 0),
                        new TableGrowth("orders", 0, MB / 2, 0, 0));
    }

    private static MachineTotals totals(
            long serverMs, long toolMs, long busyTicks, long written, long ioPressureMicros) {
        // As many ticks as there are in the time that the phases take.
        long total = busyTicks == 100 ? 0 : busyTicks == 700 ? 2_000 : 4_000;
        return new MachineTotals(
                serverMs * 1_000_000,
                toolMs * 1_000_000,
                busyTicks,
                0,
                total,
                0L,
                written,
                0L,
                0L,
                null,
                ioPressureMicros);
    }

    private static Fact read(String moment, double atMs, MachineTotals totals) {
        return new Fact.MachineRead(moment, nanos(atMs), totals);
    }

    private static Fact.DiskSampled disk(double atMs, long relations, long wal, long created) {
        return new Fact.DiskSampled(nanos(atMs), relations * MB, 0, wal * MB, created * MB, 5_000 * MB);
    }

    private static Fact.Happened happened(double atMs, String kind, String text) {
        return new Fact.Happened(nanos(atMs), kind, text);
    }

    private static Fact.Waited wait(String operation, double startMs, double endMs) {
        return new Fact.Waited(
                5,
                "orders",
                "ACCESS EXCLUSIVE",
                operation,
                "autovacuum",
                nanos(startMs),
                nanos(endMs),
                "granted",
                "log");
    }

    private static Fact.StatementRan run(int index, int transaction, double startMs, double endMs) {
        return new Fact.StatementRan(
                index,
                1,
                transaction,
                "m.sql",
                1,
                "ALTER TABLE orders ADD c int",
                nanos(startMs),
                nanos(endMs),
                "ok",
                null,
                null,
                true,
                true,
                List.of(new Fact.HeldLock("orders", new Fact.LockModeName("ACCESS EXCLUSIVE"))),
                List.of(),
                List.of());
    }

    private static MigrationFold fold(Fact... facts) {
        List<Fact> all = new java.util.ArrayList<>(List.of(facts));
        all.add(new Fact.MigrationBegan("sql", null, nanos(10_000)));
        return new MigrationFold(all, List.of("place_order"), PHASES);
    }
}
