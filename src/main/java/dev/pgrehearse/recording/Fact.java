package dev.pgrehearse.recording;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One fact of a rehearsal, as it is appended to the journal when it becomes known.
 *
 * <p>Times are nanoseconds of the rehearsal's clock ({@code clock.RehearsalClock}); the fold turns them into
 * milliseconds since the start of the baseline. Single requests are not in here, they have a log of their own
 * beside the journal.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "fact")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Fact.Began.class, name = "began"),
    @JsonSubTypes.Type(value = Fact.ServerStarted.class, name = "serverStarted"),
    @JsonSubTypes.Type(value = Fact.DatasetReady.class, name = "datasetReady"),
    @JsonSubTypes.Type(value = Fact.WorkloadDerived.class, name = "workloadDerived"),
    @JsonSubTypes.Type(value = Fact.LoadBegan.class, name = "loadBegan"),
    @JsonSubTypes.Type(value = Fact.LoadEnded.class, name = "loadEnded"),
    @JsonSubTypes.Type(value = Fact.PhaseBegan.class, name = "phaseBegan"),
    @JsonSubTypes.Type(value = Fact.PoolMade.class, name = "poolMade"),
    @JsonSubTypes.Type(value = Fact.PoolSampled.class, name = "poolSampled"),
    @JsonSubTypes.Type(value = Fact.AppSampled.class, name = "appSampled"),
    @JsonSubTypes.Type(value = Fact.Sampled.class, name = "sampled"),
    @JsonSubTypes.Type(value = Fact.StatementRan.class, name = "statementRan"),
    @JsonSubTypes.Type(value = Fact.ServerDone.class, name = "serverDone"),
    @JsonSubTypes.Type(value = Fact.StatementCost.class, name = "statementCost"),
    @JsonSubTypes.Type(value = Fact.StatementUse.class, name = "statementUse"),
    @JsonSubTypes.Type(value = Fact.DiskSampled.class, name = "diskSampled"),
    @JsonSubTypes.Type(value = Fact.TablesGrew.class, name = "tablesGrew"),
    @JsonSubTypes.Type(value = Fact.TablesMeasured.class, name = "tablesMeasured"),
    @JsonSubTypes.Type(value = Fact.MachineRead.class, name = "machineRead"),
    @JsonSubTypes.Type(value = Fact.ServerCounted.class, name = "serverCounted"),
    @JsonSubTypes.Type(value = Fact.AutovacuumSeen.class, name = "autovacuumSeen"),
    @JsonSubTypes.Type(value = Fact.StatementTold.class, name = "statementTold"),
    @JsonSubTypes.Type(value = Fact.BatchesRan.class, name = "batchesRan"),
    @JsonSubTypes.Type(value = Fact.MigrationStopped.class, name = "migrationStopped"),
    @JsonSubTypes.Type(value = Fact.MigrationBegan.class, name = "migrationBegan"),
    @JsonSubTypes.Type(value = Fact.MigrationEnded.class, name = "migrationEnded"),
    @JsonSubTypes.Type(value = Fact.LockSeen.class, name = "lockSeen"),
    @JsonSubTypes.Type(value = Fact.OperationLocksRead.class, name = "operationLocksRead"),
    @JsonSubTypes.Type(value = Fact.ProgressSeen.class, name = "progressSeen"),
    @JsonSubTypes.Type(value = Fact.Waited.class, name = "waited"),
    @JsonSubTypes.Type(value = Fact.QueueListed.class, name = "queueListed"),
    @JsonSubTypes.Type(value = Fact.QueueSeen.class, name = "queueSeen"),
    @JsonSubTypes.Type(value = Fact.QueueMoved.class, name = "queueMoved"),
    @JsonSubTypes.Type(value = Fact.Deadlocked.class, name = "deadlocked"),
    @JsonSubTypes.Type(value = Fact.Happened.class, name = "happened"),
    @JsonSubTypes.Type(value = Fact.AdversaryPlanted.class, name = "adversaryPlanted"),
    @JsonSubTypes.Type(value = Fact.AdversaryGone.class, name = "adversaryGone"),
    @JsonSubTypes.Type(value = Fact.Calm.class, name = "calm"),
    @JsonSubTypes.Type(value = Fact.LeftBehind.class, name = "leftBehind"),
    @JsonSubTypes.Type(value = Fact.IndexesListed.class, name = "indexesListed"),
    @JsonSubTypes.Type(value = Fact.IndexScansRead.class, name = "indexScansRead"),
    @JsonSubTypes.Type(value = Fact.OperationScansRead.class, name = "operationScansRead"),
    @JsonSubTypes.Type(value = Fact.TablesRead.class, name = "tablesRead"),
    @JsonSubTypes.Type(value = Fact.PlansRead.class, name = "plansRead"),
    @JsonSubTypes.Type(value = Fact.SqlErrorsSeen.class, name = "sqlErrorsSeen"),
    @JsonSubTypes.Type(value = Fact.ClockRead.class, name = "clockRead"),
    @JsonSubTypes.Type(value = Fact.CostsMeasured.class, name = "costsMeasured"),
    @JsonSubTypes.Type(value = Fact.StandbyStarted.class, name = "standbyStarted"),
    @JsonSubTypes.Type(value = Fact.StandbyWaited.class, name = "standbyWaited"),
    @JsonSubTypes.Type(value = Fact.ReplayHeldUp.class, name = "replayHeldUp"),
    @JsonSubTypes.Type(value = Fact.StandbyConflicts.class, name = "standbyConflicts"),
    @JsonSubTypes.Type(value = Fact.Doubted.class, name = "doubted"),
    @JsonSubTypes.Type(value = Fact.Ended.class, name = "ended")
})
public sealed interface Fact {
    /** The first fact of every journal. */
    record Began(Recording.Tool tool, String startedAt, Recording.Host host, Recording.ScenarioFacts scenario)
            implements Fact {}

    record ServerStarted(Recording.ServerFacts server) implements Fact {}

    record DatasetReady(Recording.DatasetFacts dataset) implements Fact {}

    /** Operations were made that nobody declared. */
    record WorkloadDerived(Recording.WorkloadFacts workload) implements Fact {}

    /**
     * The load's request log begins.
     *
     * @param operations names, in the order in which the request log numbers them
     * @param instances how many instances there are
     */
    record LoadBegan(List<String> operations, int instances) implements Fact {}

    /** The load ended, having offered so many requests by its schedule's own count, those of the warm-up among them. */
    record LoadEnded(long offered) implements Fact {}

    /** A phase begins, and the one before ends. */
    record PhaseBegan(String name, long atNanos) implements Fact {}

    /** An instance's pool exists. */
    record PoolMade(String instance, int size) implements Fact {}

    /** A pool's state, written whenever it changed since the last look. */
    record PoolSampled(String instance, long atNanos, int active, int idle, int pending) implements Fact {}

    /**
     * The user's service, written whenever it changed since the last look.
     *
     * @param tries how often requests have been tried until then
     */
    record AppSampled(long atNanos, AppState state, long tries) implements Fact {}

    /**
     * One point of a series.
     *
     * @param series {@code blockedSessions}, {@code connections}, {@code cpuServer}, {@code cpuMigration},
     *     {@code cpuTool}, {@code walBytes}, {@code readServer}, {@code writtenServer}, {@code readMigration},
     *     {@code writtenMigration}, {@code readTool}, {@code writtenTool}, {@code ioWait}, those of {@link StandbyFacts}
     * @param value the gauge then; for bytes and the CPU series the amount since the last point (bytes, cores); for
     *     {@code ioWait} the share of the time since the last point
     */
    record Sampled(String series, long atNanos, double value) implements Fact {}

    record MigrationBegan(String tool, @Nullable Double lockTimeoutMs, long atNanos) implements Fact {}

    /**
     * One run of one statement; see {@link Recording.Statement}.
     *
     * @param transaction 0 for a statement of its own; statements with the same number share one transaction
     * @param locksKnown whether {@code locks} were read on the statement's own session before its commit; when false,
     *     only what the sampler saw is known
     * @param locks those that this statement took
     */
    record StatementRan(
            int index,
            int attempt,
            int transaction,
            String file,
            int line,
            String sql,
            long startNanos,
            long endNanos,
            String outcome,
            @Nullable String sqlState,
            @Nullable String error,
            boolean wrapped,
            boolean locksKnown,
            List<HeldLock> locks,
            List<String> rewrote,
            List<String> scanned)
            implements Fact {}

    /** A lock that a statement's transaction held at its end. */
    record HeldLock(String relation, LockModeName mode) {}

    /** A lock mode by SQL's name, such as {@code ACCESS EXCLUSIVE}; in JSON just the text. */
    record LockModeName(@JsonValue String sqlName) {}

    /**
     * The server was done with what the migration's session had sent, by its own log, which has milliseconds: both times may be
     * wrong by half of one.
     *
     * @param endsTransaction whether that was a COMMIT or a ROLLBACK, be it to a savepoint
     */
    record ServerDone(long startNanos, long endNanos, boolean endsTransaction) implements Fact {}

    /** What one run of one statement cost; null where it could not be measured. */
    record StatementCost(
            int index,
            int attempt,
            @Nullable Long walBytes,
            @Nullable Double cpuMs) implements Fact {}

    /**
     * What one run of one statement cost besides; see {@link Cost}.
     *
     * @param unknown why {@code counters} are null; null when they are not
     */
    record StatementUse(
            int index,
            int attempt,
            @Nullable StatementCounters counters,
            @Nullable Long readBytes,
            @Nullable Long writtenBytes,
            @Nullable Long memoryPeakBytes,
            @Nullable String unknown)
            implements Fact {}

    /**
     * The server's directories at one moment, written whenever they changed.
     *
     * @param createdBytes of relations' files that did not exist when the migration began
     * @param freeBytes on the data directory's disk; null when that cannot be seen
     */
    record DiskSampled(
            long atNanos,
            long relationBytes,
            long temporaryBytes,
            long walBytes,
            long createdBytes,
            @Nullable Long freeBytes)
            implements Fact {
        /** All but what is free. */
        long totalBytes() {
            return relationBytes + temporaryBytes + walBytes;
        }
    }

    /**
     * The tables whose size changed between one run's start and its end, whoever changed it, the most changed first; bounded.
     * Of files that were not committed by then nothing is known.
     */
    record TablesGrew(int index, int attempt, List<TableGrowth> tables) implements Fact {}

    /**
     * All users' tables.
     *
     * @param after false: before the load began; true: after load and adversaries were gone
     */
    record TablesMeasured(boolean after, List<TableSize> tables) implements Fact {}

    /** A table's size; see {@link TableGrowth}. */
    record TableSize(long oid, String table, long heapBytes, long indexBytes) {}

    /**
     * The machine's accounts.
     *
     * @param moment the phase that begins, or {@link #END}
     */
    record MachineRead(String moment, long atNanos, MachineTotals totals) implements Fact {
        /** The load has ended. */
        public static final String END = "end";
    }

    /**
     * What the server counts since its own beginning.
     *
     * @param moment the phase that begins, or {@link MachineRead#END}
     * @param walBytes written
     * @param checkpointsTimed those that {@code checkpoint_timeout} brought
     * @param checkpointsForced all others
     * @param checkpointBlocks that they wrote
     */
    record ServerCounted(
            String moment,
            long atNanos,
            long walBytes,
            long checkpointsTimed,
            long checkpointsForced,
            long checkpointBlocks)
            implements Fact {}

    /**
     * An autovacuum worker that was at work on a table, when it was gone or the recording ended.
     *
     * @param what see {@link Autovacuum}
     * @param lastNanos when it was last seen
     * @param gone whether it was seen to be gone after that
     */
    record AutovacuumSeen(int pid, String table, String what, long startNanos, long lastNanos, boolean gone)
            implements Fact {}

    /** The notices of one run of one statement, when there were any; see {@link Recording.Statement#notices()}. */
    record StatementTold(int index, int attempt, List<Recording.Notice> notices, long more) implements Fact {}

    /** What one run of a back-fill came to. */
    record BatchesRan(int index, int attempt, Recording.Batches batches) implements Fact {}

    /**
     * The whole migration was stopped half-way, as the scenario says; see {@link Recording.Stop}.
     *
     * @param endedNanos when nothing of it ran any more
     * @param leftovers what it had left then; null when that could not be read
     * @param cleaningFrom the index of the cleaning's first statement; null when there is nothing to clean
     */
    record MigrationStopped(
            long atNanos,
            long endedNanos,
            Recording.@Nullable Leftovers leftovers,
            @Nullable Integer cleaningFrom) implements Fact {}

    record MigrationEnded(String outcome, int attempts, int connectionsPeak, String state, long atNanos)
            implements Fact {}

    /**
     * A lock of the migration's backend on a relation, as the sampler saw it.
     *
     * @param granted whether it was held (true) or waited for (false)
     * @param unseenNanos when the last look before was sent, which did not show it; {@code firstNanos} when there was none
     * @param goneNanos when the first look after was answered, which did not show it any more; {@code lastNanos} when there was
     *     none
     * @param againNanos of a statement that was sent while it was there already, the first looks after that, which showed it still;
     *     no two statements may have had it without a break, for all that looks tell
     */
    record LockSeen(
            int pid,
            String relation,
            LockModeName mode,
            boolean granted,
            long unseenNanos,
            long firstNanos,
            long lastNanos,
            long goneNanos,
            List<Long> againNanos)
            implements Fact {
        /** Before the first statement, or after the last. */
        public LockSeen(
                int pid,
                String relation,
                LockModeName mode,
                boolean granted,
                long unseenNanos,
                long firstNanos,
                long lastNanos,
                long goneNanos) {
            this(pid, relation, mode, granted, unseenNanos, firstNanos, lastNanos, goneNanos, List.of());
        }

        /** Seen in the last look of all, after which nobody looked. */
        public LockSeen(
                int pid,
                String relation,
                LockModeName mode,
                boolean granted,
                long unseenNanos,
                long firstNanos,
                long lastNanos) {
            this(pid, relation, mode, granted, unseenNanos, firstNanos, lastNanos, lastNanos);
        }

        /** From when on it may have been there, for all that looks tell: from the last that did not show it; ever, when there was none. */
        long notBeforeNanos() {
            return unseenNanos < firstNanos ? unseenNanos : Long.MIN_VALUE;
        }
    }

    /** Which locks the operations take; one for each operation, in the workload's order. */
    record OperationLocksRead(List<OperationLocks> operations) implements Fact {}

    /**
     * How far a statement had come: when its phase was first seen, from time to time, and when it was last seen; see
     * {@link StatementProgress.Phase}.
     *
     * @param done 0 when nothing is counted
     */
    record ProgressSeen(
            int index,
            int attempt,
            String source,
            String command,
            String phase,
            @Nullable String relation,
            long atNanos,
            long done,
            @Nullable Long total,
            @Nullable String unit)
            implements Fact {}

    /**
     * One wait for a lock, when it had ended (or the recording had); see {@link Recording.LockWait}.
     *
     * @param queue the {@link QueueListed} that it stood behind when it was first seen; null when that is not known
     * @param ahead how many sessions stood there
     * @param through what one of them waited for, whose lock this wait was for: a lock of whom it is behind; null when this wait is for
     *     such a lock itself, or nobody knows
     */
    record Waited(
            int pid,
            String relation,
            String mode,
            String operation,
            String behind,
            long startNanos,
            long endNanos,
            String ended,
            String source,
            @Nullable Integer queue,
            int ahead,
            @Nullable Wanted through)
            implements Fact {
        /** Of which the queue is not known. */
        public Waited(
                int pid,
                String relation,
                String mode,
                String operation,
                String behind,
                long startNanos,
                long endNanos,
                String ended,
                String source) {
            this(pid, relation, mode, operation, behind, startNanos, endNanos, ended, source, null, 0, null);
        }

        /** How many of its nanoseconds fall into a time; 0 or less when none do. */
        long overlapWith(long fromNanos, long toNanos) {
            return Math.min(endNanos, toNanos) - Math.max(startNanos, fromNanos);
        }

        /** The same wait behind somebody else. */
        Waited behind(String other) {
            return new Waited(
                    pid, relation, mode, operation, other, startNanos, endNanos, ended, source, queue, ahead, through);
        }

        /** The same wait with another end, and who tells it. */
        Waited ended(long atNanos, String by) {
            return new Waited(
                    pid, relation, mode, operation, behind, startNanos, atNanos, ended, by, queue, ahead, through);
        }

        /** The same wait with its words shared: a journal of a million waits has few different ones. */
        Waited shared(UnaryOperator<String> words) {
            return new Waited(
                    pid,
                    words.apply(relation),
                    words.apply(mode),
                    words.apply(operation),
                    words.apply(behind),
                    startNanos,
                    endNanos,
                    words.apply(ended),
                    words.apply(source),
                    queue,
                    ahead,
                    through == null ? null : new Wanted(words.apply(through.relation()), words.apply(through.mode())));
        }

        /** What decides whose wait it is: what it is for, or what somebody waits for whose lock it is for. */
        Wanted decisive() {
            return through == null ? new Wanted(relation, mode) : through;
        }
    }

    /** What somebody waits for, and in which mode. */
    record Wanted(String relation, String mode) {}

    /** Whom waits stand behind; written before the first of them. Numbers are never used again. */
    record QueueListed(int number, List<LockWaits.Ahead> ahead) implements Fact {}

    /**
     * The lock queue when it was longer than ever before; see {@link Recording.LockQueue}.
     *
     * @param tree the same and all who are tied to it; null in journals that are older than it
     */
    record QueueSeen(
            long atNanos,
            String relation,
            List<Recording.QueueEntry> holders,
            List<Recording.QueueEntry> waiters,
            int waitersInAll,
            @Nullable Tree tree)
            implements Fact {
        /** Without its tree. */
        public QueueSeen(
                long atNanos,
                String relation,
                List<Recording.QueueEntry> holders,
                List<Recording.QueueEntry> waiters,
                int waitersInAll) {
            this(atNanos, relation, holders, waiters, waitersInAll, null);
        }
    }

    /** The queue in which the migration stands has changed, or is gone: then the tree is empty. */
    record QueueMoved(long atNanos, Tree tree) implements Fact {}

    /** See {@link QueueOverTime.Moment}. */
    record Tree(int waiting, List<QueueOverTime.Node> nodes, int untold) {}

    /** See {@link LockWaits.Deadlock}; no sides when the log has no detail. */
    record Deadlocked(long atNanos, List<LockWaits.Side> sides) implements Fact {}

    /** Something that happened, in words. */
    record Happened(long atNanos, String kind, String text) implements Fact {
        /** The kind for a server that ended by itself: what comes after it is no fact about the migration. */
        public static final String SERVER_DIED = "server-died";
    }

    /**
     * An adversary was looked for when the migration started.
     *
     * @param number which one, from 0, in the scenario's order
     * @param startNanos when it was planted; null when that failed
     * @param proof what was seen, in words
     */
    record AdversaryPlanted(
            int number, String kind, String table, @Nullable Long startNanos, boolean stood, String proof)
            implements Fact {}

    record AdversaryGone(int number, long atNanos) implements Fact {}

    /** The load was calm again; see {@link Recording.Recovery}. */
    record Calm(long atNanos) implements Fact {}

    record LeftBehind(Recording.Leftovers leftovers) implements Fact {}

    /**
     * All indexes of users' tables; those of partitions are told by the partitioned table's index alone.
     *
     * @param after false: before the load began; true: after load and adversaries were gone
     */
    record IndexesListed(boolean after, List<CatalogueIndex> indexes) implements Fact {}

    /**
     * An index as the catalogue tells it.
     *
     * @param definition as {@code pg_get_indexdef}; null when a lock on its table kept it from being read
     * @param method the access method, such as {@code btree}
     * @param ready {@code indisready} and {@code indislive}: writes maintain it
     * @param enforces whether it upholds a primary key, UNIQUE or an exclusion constraint
     * @param sizeBytes of the main fork, of all partitions together; null when it was not asked for, or a lock kept it from
     *     being read
     * @param keys its key columns in order; empty when {@code definition} is null
     * @param included its INCLUDE columns
     * @param predicate its WHERE; null when it has none
     */
    record CatalogueIndex(
            long oid,
            String name,
            String table,
            @Nullable String definition,
            String method,
            boolean valid,
            boolean ready,
            boolean enforces,
            @Nullable Long sizeBytes,
            List<IndexKey> keys,
            List<String> included,
            @Nullable String predicate) {}

    /**
     * One key column of an index.
     *
     * @param column the column's name, quoted where SQL needs it, or the expression
     * @param operatorClass its oid
     * @param collation its oid; 0 for none
     * @param options {@code pg_index.indoption}: bit 0 DESC, bit 1 NULLS FIRST
     */
    record IndexKey(String column, long operatorClass, long collation, int options) {
        /** The same column in an index that is read from its end. */
        IndexKey backwards() {
            return new IndexKey(column, operatorClass, collation, options ^ 3);
        }
    }

    /**
     * How often each index had been scanned until then, as {@code pg_stat_user_indexes} tells: what backends have not told yet
     * is missing, be it of the last second or, of those that idle in a pool, of longer ago; but not at the end, when they
     * are gone.
     *
     * @param moment the phase that begins, or {@link #END}
     * @param scans {@code idx_scan} by oid, of all partitions together
     */
    record IndexScansRead(String moment, long atNanos, Map<Long, Long> scans) implements Fact {
        /** After the load's sessions have ended. */
        public static final String END = "end";
    }

    /** Which indexes the operations scan after the migration; one for each operation, in the workload's order. */
    record OperationScansRead(List<OperationScans> operations) implements Fact {}

    /**
     * All tables of users at one moment.
     *
     * @param moment {@link #BEFORE}, the phase that begins, {@link #SETTLED} or {@link #END}
     */
    record TablesRead(String moment, long atNanos, List<CatalogueTable> tables) implements Fact {
        /** Before the load: the only moment besides the end at which pages are looked at. */
        public static final String BEFORE = "before";

        /** Two seconds after the recovery's begin, when backends have told what they did before. */
        public static final String SETTLED = "settled";

        /** After the load's sessions have ended. */
        public static final String END = "end";
    }

    /**
     * The plans of all statements of all operations.
     *
     * @param after false: before the load began; true: after load and adversaries were gone
     */
    record PlansRead(boolean after, List<StatementPlansRead> statements) implements Fact {}

    /**
     * Tries of one operation that ended as {@code sql_error}, of the same SQLSTATE and class of message, within a second.
     *
     * @param operation empty when there were too many to be told apart
     * @param kind as in {@link SqlErrors}
     * @param message of the first of them
     */
    record SqlErrorsSeen(
            String operation,
            @Nullable String sqlState,
            String kind,
            String message,
            long count,
            long firstNanos,
            long lastNanos)
            implements Fact {}

    /** The server's clock minus ours, and its uncertainty: half the round trip. */
    record ClockRead(long atNanos, double offsetMs, double uncertaintyMs) implements Fact {}

    record CostsMeasured(Recording.Costs costs) implements Fact {}

    /**
     * A streaming standby runs; see {@link StandbyFacts}.
     *
     * @param operations those that run on it
     */
    record StandbyStarted(Map<String, String> settings, double preparedSeconds, List<String> operations)
            implements Fact {}

    /** One wait of a session on the standby for a lock, when it had ended; see {@link StandbyFacts.Wait}. */
    record StandbyWaited(
            int pid, String relation, String mode, String operation, String behind, long startNanos, long endNanos)
            implements Fact {
        /** The same as one of those that a server without replay has. */
        Waited asWait() {
            return new Waited(pid, relation, mode, operation, behind, startNanos, endNanos, "granted", "sampled");
        }
    }

    /** A time in which replay on the standby waited for reads; see {@link StandbyFacts.HeldUp}. */
    record ReplayHeldUp(String by, long startNanos, long endNanos) implements Fact {}

    /** How many reads replay has cancelled on the standby in all, by cause. */
    record StandbyConflicts(Map<String, Long> byCause) implements Fact {}

    record Doubted(Recording.Doubt doubt) implements Fact {}

    /**
     * The last fact.
     *
     * @param fault what ended the rehearsal early; null when it ran to its end
     */
    record Ended(long atNanos, @Nullable String fault) implements Fact {}
}
