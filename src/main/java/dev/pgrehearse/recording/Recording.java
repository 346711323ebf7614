package dev.pgrehearse.recording;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The facts of one rehearsal, as {@code recording.json} holds them. Judged by nobody yet.
 *
 * <p>Times are milliseconds since the start of the baseline (the warm-up is negative), durations milliseconds, sizes
 * bytes. A field that may be null says what its absence means.
 *
 * @param format {@link #FORMAT}
 * @param complete whether the rehearsal ran to its end; when false, {@code fault} says why not
 * @param fault what ended the rehearsal early, with the state it left; null when {@code complete}
 * @param tool the program that recorded
 * @param startedAt when the rehearsal started, ISO 8601 in UTC
 * @param host the machine
 * @param scenario what was rehearsed
 * @param server the PostgreSQL it ran on; null when it never started
 * @param dataset what it held; null when it was never loaded
 * @param workload how operations were derived that nobody declared; null when all were declared
 * @param phases those that began, in order; the last one's end is the recording's end
 * @param migration the migration's run; null when it never started
 * @param requests what the load offered, and what became of it; null when the load never started
 * @param responseParts where response times went, by operation and phase; empty when the load never started
 * @param timeline series on one time axis; null when the load never started
 * @param pools one an instance
 * @param lockWaits the lock waits, in order of their start; of more than 10 000 those that the workload did not cause
 *     itself first, and of them the longest
 * @param operationLocks which relation locks each operation of the workload takes; empty when the load never warmed up
 * @param progress how the migration's statements went on, as far as the server told; without those of which it tells nothing
 * @param queue the lock queue at its worst moment; null when nobody ever waited
 * @param waits sums over all lock waits, deadlocks, the queue over time
 * @param events what happened when, in order
 * @param adversaries what was planted
 * @param standby what a streaming standby went through; null when there was none
 * @param recovery when the load was calm again
 * @param leftovers what the migration left behind in the catalogue
 * @param indexes what became of the indexes of users' tables, by table and name; of more than 100 only those of tables
 *     whose indexes changed. Empty also when the catalogue was not read before and after, which is then a doubt or a fault
 * @param indexesLeftOut how many more there are
 * @param changes what the migration changed for those that go on using the database
 * @param costs CPU and WAL of server, migration and tool
 * @param resources disk, machine by phase, checkpoints, autovacuum
 * @param clock the server's clock against ours; null when it was never read
 * @param doubts reasons not to trust the measurement
 */
public record Recording(
        String format,
        boolean complete,
        @Nullable String fault,
        Tool tool,
        String startedAt,
        Host host,
        ScenarioFacts scenario,
        @Nullable ServerFacts server,
        @Nullable DatasetFacts dataset,
        @Nullable WorkloadFacts workload,
        List<Phase> phases,
        @Nullable MigrationFacts migration,
        @Nullable Requests requests,
        List<ResponseParts> responseParts,
        @Nullable Timeline timeline,
        List<PoolFacts> pools,
        List<LockWait> lockWaits,
        List<OperationLocks> operationLocks,
        List<StatementProgress> progress,
        @Nullable LockQueue queue,
        LockWaits waits,
        List<Event> events,
        List<AdversaryFacts> adversaries,
        @Nullable StandbyFacts standby,
        Recovery recovery,
        Leftovers leftovers,
        List<IndexFacts> indexes,
        int indexesLeftOut,
        Changes changes,
        Costs costs,
        Resources resources,
        @Nullable ClockFacts clock,
        List<Doubt> doubts) {
    /** The format's name and version. */
    public static final String FORMAT = "pgrehearse-recording/1";

    /** The program that recorded. */
    public record Tool(String version) {}

    /** The machine: logical processors, bytes of memory, operating system's name and version. */
    public record Host(int cpus, long memoryBytes, String os) {}

    /**
     * What was rehearsed.
     *
     * @param digest SHA-256 of scenario and SQL files
     * @param expected the verdict that the scenario expects: GO, NO-GO or UNKNOWN
     * @param seed what all random choices come from
     * @param scale factor on the size's row counts
     * @param document the resolved scenario as JSON
     * @param limits the resolved limits as JSON, see {@code scenario.Limits}
     */
    public record ScenarioFacts(
            String name,
            String description,
            String variant,
            String size,
            double scale,
            long seed,
            String digest,
            String expected,
            JsonNode document,
            JsonNode limits) {}

    /**
     * The server.
     *
     * @param kind {@code embedded} or {@code container}
     * @param version such as 18.6
     * @param build the server's own {@code version()}
     * @param settings effective settings by name, as {@code pg_settings} shows them
     */
    public record ServerFacts(String kind, String version, String build, Map<String, String> settings) {}

    /**
     * What the database held when the load began.
     *
     * @param source {@code generated}, {@code restored} or {@code existing}
     * @param fromGolden whether it was copied from a dataset that existed already
     * @param seconds how long it took to make (or to copy, when from golden)
     * @param madeAt when it was made, ISO 8601 in UTC: columns that default to the time of day hold that time
     * @param restored how it was restored; null when it was not
     * @param fidelity how much generated data are like the profile that they were generated from; null without a profile
     */
    public record DatasetFacts(
            String source,
            boolean fromGolden,
            double seconds,
            String madeAt,
            List<TableFacts> tables,
            @Nullable Restored restored,
            @Nullable FidelityFacts fidelity) {
        /** Neither restored nor generated from a profile. */
        public DatasetFacts(String source, boolean fromGolden, double seconds, String madeAt, List<TableFacts> tables) {
            this(source, fromGolden, seconds, madeAt, tables, null, null);
        }

        /** Not generated from a profile. */
        public DatasetFacts(
                String source,
                boolean fromGolden,
                double seconds,
                String madeAt,
                List<TableFacts> tables,
                @Nullable Restored restored) {
            this(source, fromGolden, seconds, madeAt, tables, restored, null);
        }

        /** The same, with what there is to say of its fidelity. */
        public DatasetFacts with(@Nullable FidelityFacts compared) {
            return new DatasetFacts(source, fromGolden, seconds, madeAt, tables, restored, compared);
        }
    }

    /**
     * How a dataset was restored.
     *
     * @param from the name of the dump or backup, or the command
     * @param kind what it is, in words
     * @param digest SHA-256 of it, in hexadecimal; of a directory, of its files' names and contents; of a command, of it
     *     and its version
     * @param madeOn the version of the server that it comes from; empty when it does not say
     * @param tool what restored it, with its version
     * @param roles those that were made for it, without login
     * @param harmlessErrors those that change nothing of what is measured, in order
     */
    public record Restored(
            String from,
            String kind,
            String digest,
            String madeOn,
            String tool,
            List<String> roles,
            List<RestoreError> harmlessErrors) {}

    /**
     * One error of a restore.
     *
     * @param error in the server's or the program's words
     * @param statement what it was about, its beginning; empty when nobody says
     */
    public record RestoreError(String error, String statement) {}

    /**
     * A workload that was derived.
     *
     * @param source {@code profile} or {@code auto}
     * @param ratePerSecond requests offered per second
     * @param askedShare the least share of the calls that had to be runnable; 0 without a profile
     * @param callsShare the share of production's calls whose statements are run, 0 to 1, also of those that the profile
     *     counts and has no text of; 1 without a profile
     * @param timeShare likewise, of the execution time that they had; 1 without a profile
     * @param notInProfile how many entries the profile itself had left out, and nobody misses: utility statements such as
     *     BEGIN, those of other programs
     * @param statements those that are run, as the profile has them or as they were made
     * @param leftOut those that are not, the most called first
     */
    public record WorkloadFacts(
            String source,
            double ratePerSecond,
            double askedShare,
            double callsShare,
            double timeShare,
            long notInProfile,
            List<DerivedStatement> statements,
            List<LeftOutStatement> leftOut) {}

    /**
     * A statement of a derived workload.
     *
     * @param operation the name of the operation that it is in
     * @param sql as it is run, with {@code ?} for parameters
     * @param calls in the profile; its weight without one
     * @param rowsPerCall in the profile; null without one
     * @param triedRowsPerCall as tried on a copy of the data, with the parameters that it is run with
     * @param buffersPerCall shared buffers hit and read, in the profile; null without one
     * @param triedBuffersPerCall as tried; null where that was not measured, as of what changes rows
     * @param parameterSets how many different sets of parameters it is run with, before new keys
     * @param guessed what had to be guessed, in whole sentences
     */
    public record DerivedStatement(
            String operation,
            String sql,
            double calls,
            @Nullable Double rowsPerCall,
            @Nullable Double triedRowsPerCall,
            @Nullable Double buffersPerCall,
            @Nullable Double triedBuffersPerCall,
            long parameterSets,
            List<String> guessed) {}

    /**
     * A statement of production's that is not run.
     *
     * @param sql as the profile has it; in brackets how many there are that the profile only counts
     * @param callsShare its share of the profile's calls, 0 to 1
     * @param timeShare its share of the profile's execution time, 0 to 1
     * @param reason in words
     */
    public record LeftOutStatement(String sql, long calls, double callsShare, double timeShare, String reason) {}

    /** One table, counted and measured after settling. */
    public record TableFacts(String name, long rows, long heapBytes, long indexBytes) {}

    /** One phase: {@code warmup}, {@code baseline}, {@code migration} or {@code recovery}. */
    public record Phase(String name, double startMs, double endMs) {
        public static final String WARMUP = "warmup";
        public static final String BASELINE = "baseline";
        public static final String MIGRATION = "migration";
        public static final String RECOVERY = "recovery";
    }

    /**
     * The migration's run.
     *
     * @param tool what ran it: {@code sql} for plain scripts
     * @param outcome {@code ok}, {@code failed}, {@code interrupted}, or {@code stopped} half-way as the scenario says
     * @param durationMs from the first statement's start to the last one's end, pauses between attempts and steps included;
     *     without the cleaning after a stop
     * @param attempts tries of the statement or transaction that was tried most often
     * @param connectionsPeak most connections that the migration had at once
     * @param lockTimeoutMs its {@code lock_timeout}; null when it had none
     * @param state in which state the database was left, in words
     * @param statements each run of each statement, in order, those of the cleaning after a stop included
     * @param stop when the whole was stopped half-way as the scenario says; null when it was not. Of a step that was stopped
     *     the statement's outcome tells
     */
    public record MigrationFacts(
            String tool,
            String outcome,
            double durationMs,
            int attempts,
            int connectionsPeak,
            @Nullable Double lockTimeoutMs,
            String state,
            List<Statement> statements,
            @Nullable Stop stop) {}

    /**
     * A stop half-way.
     *
     * @param atMs when it was asked for
     * @param askedBy {@code scenario}
     * @param endedMs how long after that nothing of the migration ran any more: the cancelled statement had ended, or its
     *     backend, when its connection was cut
     * @param leftovers what it had left then, before any cleaning; null when that could not be read
     * @param cleaningFrom the index of the first statement of the cleaning; null when there was nothing to clean, or
     *     nothing of it could be dropped
     * @param cleaningMs how long the cleaning took, from its first statement's start to its last one's end; null when none
     *     was run
     */
    public record Stop(
            double atMs,
            String askedBy,
            double endedMs,
            @Nullable Leftovers leftovers,
            @Nullable Integer cleaningFrom,
            @Nullable Double cleaningMs) {}

    /**
     * One run of one statement.
     *
     * @param index the statement's number in the migration, from 1; the same in each attempt
     * @param attempt which try it was, from 1
     * @param file the script's name
     * @param line its first line there, from 1
     * @param sql its text
     * @param outcome {@code ok}, {@code failed}, {@code retried} (failed for a lock, tried again), {@code interrupted} or
     *     {@code stopped} (as the scenario says)
     * @param sqlState the error's SQLSTATE; null when there was none
     * @param error the server's message, with detail, hint and position; null when there was none
     * @param lockWaitMs how long it waited for locks in all
     * @param wrapped whether a transaction of ours was put around it, to read its locks exactly
     * @param locksRead whether its locks were read on its own session before they were released; when false they are the
     *     sampler's alone, and those that it held for less than a period of the sampler are missing
     * @param locks every lock that it took on a relation, strongest first, also those that a stronger one on the same
     *     relation includes; of catalogues only what is stronger than ROW EXCLUSIVE
     * @param rewrote relations whose storage it replaced
     * @param scanned tables that it read from end to end
     * @param walBytes WAL that its own backend wrote; null when the server does not tell
     * @param cpuMs CPU that its own backend used, and its parallel workers as far as looks 50 ms apart saw them; null when the
     *     machine does not tell
     * @param cost what else it cost; null in recordings that are older than these figures
     * @param blocking whom it made wait
     * @param batches those of a back-fill, of which all batches are one statement; null for any other
     * @param notices what the server told besides its result, in order; the first 20
     * @param moreNotices how many came after them
     */
    public record Statement(
            int index,
            int attempt,
            String file,
            int line,
            String sql,
            double startMs,
            double endMs,
            String outcome,
            @Nullable String sqlState,
            @Nullable String error,
            double lockWaitMs,
            boolean wrapped,
            boolean locksRead,
            List<Lock> locks,
            List<String> rewrote,
            List<String> scanned,
            @Nullable Long walBytes,
            @Nullable Double cpuMs,
            @Nullable Cost cost,
            Blocking blocking,
            @Nullable Batches batches,
            List<Notice> notices,
            long moreNotices) {}

    /**
     * The batches of a back-fill, each a transaction.
     *
     * @param count those that found rows and were committed
     * @param rows how many rows they changed in all
     * @param medianMs how long half of them took at most, without pauses and failed tries; 0 without any
     * @param longestMs how long the slowest took; 0 without any
     * @param retried how often a batch was tried again after it failed for a lock
     */
    public record Batches(long count, long rows, double medianMs, double longestMs, long retried) {}

    /**
     * A notice or warning.
     *
     * @param sqlState such as {@code 42P07} (already exists, skipping); null when it has none
     * @param message with detail and hint
     */
    public record Notice(@Nullable String sqlState, String message) {}

    /**
     * One lock of a statement.
     *
     * @param relation schema-qualified unless in {@code public}
     * @param mode SQL's name, such as {@code ACCESS EXCLUSIVE}
     * @param granted false when the statement gave up waiting for it
     * @param waitedMs from asking for it to having it (or to giving up); of all waits together when it was had several times
     * @param heldMs from having it to its release: when the first session behind it got what it forbade, or a look did not show it
     *     any more, else at the end of its transaction by the server's log, or as the client learned of it, which is later; of all holds together when it was had several times; 0 when it never had it
     * @param heldSource {@code exact} when begin and release are each known within 5 ms: told by the statement's own session or the
     *     server's log, and a look came no later than that; {@code sampled} when one of them is known to a look of the sampler's alone
     * @param longestHeldMs the longest single hold of a lock that was had and released several times, as by a statement of
     *     many transactions; null when it was not, {@code heldMs} is one hold then
     */
    public record Lock(
            String relation,
            String mode,
            boolean granted,
            double waitedMs,
            double heldMs,
            String heldSource,
            @Nullable Double longestHeldMs) {
        /** A lock that was held once at most. */
        public Lock(String relation, String mode, boolean granted, double waitedMs, double heldMs, String heldSource) {
            this(relation, mode, granted, waitedMs, heldMs, heldSource, null);
        }

        /** The longest time, in milliseconds, for which it was held without a break. */
        public double longestHold() {
            return longestHeldMs == null ? heldMs : longestHeldMs;
        }
    }

    /**
     * Whom a statement made wait, by waiting for its lock or by holding it.
     *
     * @param sessionsPeak most sessions that waited behind it at once
     * @param sessionMs their waiting in all
     * @param longestMs the longest single wait
     * @param requests how many waits of the workload's requests
     * @param operations which operations they belonged to
     */
    public record Blocking(
            int sessionsPeak, double sessionMs, double longestMs, long requests, List<String> operations) {
        public static final Blocking NONE = new Blocking(0, 0, 0, 0, List.of());
    }

    /**
     * What became of the requests that were offered between the baseline's start and the end.
     *
     * @param offered how many arrived
     * @param attempts how often they were tried
     * @param outcomes how many ended how; adds up to {@code offered}
     */
    public record Requests(long offered, long attempts, Map<Outcome, Long> outcomes, List<OperationFacts> operations) {}

    /**
     * One operation.
     *
     * @param outcomesByPhase by the phase in which the request was intended to arrive
     * @param phases {@code baseline}, {@code migration}, {@code recovery}
     */
    public record OperationFacts(
            String name, Map<String, Map<Outcome, Long>> outcomesByPhase, Map<String, OperationPhase> phases) {}

    /**
     * Response times of one operation in one phase, from the intended arrival, over every request offered; one that was
     * given up counts with its age.
     *
     * @param count requests offered
     * @param censoredAboveMs the smallest age at which one was given up: percentiles at or above are lower bounds; null
     *     when all were answered
     * @param stallMs the longest span in which requests were offered and none succeeded
     * @param stallStartMs when that span began; null when there was none
     * @param stallOpen whether it had not ended when the recording did
     * @param stalls all that were longer than is usual; null where the baseline does not tell what is usual, and in recordings made
     *     before they were added up
     * @param service from connection acquired to SQL done, of those that got that far
     * @param histogram response times in microseconds, HdrHistogram, compressed, base64
     */
    public record OperationPhase(
            long count,
            double p50Ms,
            double p95Ms,
            double p99Ms,
            double maxMs,
            @Nullable Double censoredAboveMs,
            double stallMs,
            @Nullable Double stallStartMs,
            boolean stallOpen,
            @Nullable Stalls stalls,
            Service service,
            String histogram) {}

    /**
     * How often and how long one operation stood still in one phase, as of stalls: many that are short enough each may be too
     * long together.
     *
     * @param aboveMs only those longer than this count: twice the longest of the baseline, which no chance explains, or 100 ms,
     *     which nobody notices
     * @param count how many
     * @param totalMs how long they lasted together
     * @param open whether one of them had not ended when the recording did
     */
    public record Stalls(double aboveMs, long count, double totalMs, boolean open) {}

    /** Service times of one operation in one phase. */
    public record Service(long count, double p50Ms, double p95Ms, double p99Ms, double maxMs) {}

    /**
     * Series on one time axis. Bucket i covers {@code startMs + i * stepMs} to the next.
     *
     * @param series by name; a NaN (null in JSON) where nothing was measured. Names: {@code offered}, {@code ok},
     *     {@code errors} (requests per bucket), {@code p50Ms}, {@code p99Ms} (of all requests in flight in the bucket, by their
     *     age), {@code inFlight}, {@code poolActive}, {@code poolPending}, {@code poolSize} (of all instances that run), {@code instances}, {@code instancesReady}, {@code workersBusy},
     *     {@code workersForNobody}, {@code queued}, {@code tries} (of requests, per bucket), {@code blockedSessions}, {@code connections}
     *     (peaks), {@code cpuServer}, {@code cpuMigration}, {@code cpuTool} (cores), {@code walBytes} (per bucket),
     *     {@code readServer}, {@code writtenServer}, {@code readMigration}, {@code writtenMigration}, {@code readTool},
     *     {@code writtenTool} (bytes per bucket), {@code ioWait} (share, 0 to 1),
     *     {@code diskRelations}, {@code diskTemporary}, {@code diskWal}, {@code diskCreated} (bytes, peaks), {@code diskFree}
     *     (bytes, lowest)
     */
    public record Timeline(double startMs, double stepMs, Map<String, double[]> series) {}

    /**
     * One instance's pool. It is exhausted while none of its connections is free and requests wait for one.
     *
     * @param size the most connections it may have
     * @param activePeak the most in use at once since the baseline's start
     * @param pendingPeak the most requests that waited for one at once since then
     * @param baselineExhaustedMs the longest single span in which it was exhausted during the baseline
     * @param exhaustedMs how long in all it was exhausted after the migration's start
     * @param longestExhaustedMs the longest single such span
     * @param firstExhaustedMs when that first happened, after the migration's start; null when it did not
     * @param firstAtMs when 50, 80, 90 and 100 per cent of it were first in use at once after the migration's start
     * @param timeouts how often a worker gave up waiting for a connection, also for requests whose client had gone before
     */
    public record PoolFacts(
            String instance,
            int size,
            int activePeak,
            int pendingPeak,
            double baselineExhaustedMs,
            double exhaustedMs,
            double longestExhaustedMs,
            @Nullable Double firstExhaustedMs,
            Map<Integer, Double> firstAtMs,
            long timeouts) {}

    /**
     * One wait for a lock.
     *
     * @param pid the backend that waited
     * @param relation what it waited for; {@code (transaction) t}, {@code (tuple) t} and the like for other locks,
     *     {@code (transaction)} alone where no table is known
     * @param mode SQL's name
     * @param operation the workload's operation, {@code migration}, an adversary's kind, or {@code other}
     * @param behind {@code statement 1}, {@code adversary longRead}, {@code workload}, {@code observer} (a look of this tool) or {@code other}
     * @param ended {@code granted}, {@code gave up}, {@code went on} behind somebody else, which is told as a wait of its own from then on, or
     *     {@code unknown} when the recording ended first
     * @param source who tells its end: {@code log} (the server's, to the microsecond), {@code sampled} (up to one look late),
     *     or {@code request}: the SQL of the request that waited was done before the look that did not show it any more
     * @param kind what kind of lock, as {@code pg_locks.locktype} has it: {@code relation}, {@code tuple}, …
     * @param statement the index of the migration's statement that waited; null when somebody else did
     * @param place that statement's file and line, such as {@code as-written.sql:3}; null likewise
     * @param queue whom it stood behind when it was first seen, as a place in {@link LockWaits#queues()}; null when that is
     *     not known
     * @param ahead how many sessions stood there
     */
    public record LockWait(
            double startMs,
            double durationMs,
            int pid,
            String relation,
            String mode,
            String operation,
            String behind,
            String ended,
            String source,
            String kind,
            @Nullable Integer statement,
            @Nullable String place,
            @Nullable Integer queue,
            int ahead) {
        /** Of which nobody knows the queue, and which is no statement's. */
        public LockWait(
                double startMs,
                double durationMs,
                int pid,
                String relation,
                String mode,
                String operation,
                String behind,
                String ended,
                String source) {
            this(
                    startMs,
                    durationMs,
                    pid,
                    relation,
                    mode,
                    operation,
                    behind,
                    ended,
                    source,
                    kindOf(relation),
                    null,
                    null,
                    null,
                    0);
        }

        /** The kind of lock that a relation's words tell. */
        static String kindOf(String relation) {
            int close = relation.startsWith("(") ? relation.indexOf(')') : -1;
            if (close < 0) {
                return "relation";
            }
            String kind = relation.substring(1, close);
            return switch (kind) {
                case "transaction" -> "transactionid";
                case "virtual transaction" -> "virtualxid";
                case "advisory lock" -> "advisory";
                case "speculative token" -> "spectoken";
                default -> kind;
            };
        }
    }

    /**
     * Who waited for whom at one moment, in the order of the queue.
     *
     * @param holders those that held a conflicting lock
     * @param waiters those that waited, first come first; bounded, see {@code waitersInAll}
     */
    public record LockQueue(
            double atMs, String relation, List<QueueEntry> holders, List<QueueEntry> waiters, int waitersInAll) {}

    /**
     * One session in a lock queue.
     *
     * @param who an operation, {@code statement 1}, {@code adversary longRead}, {@code other}
     * @param waitedMs how long it had waited by then; 0 for holders
     */
    public record QueueEntry(int pid, String who, String mode, double waitedMs) {}

    /** Something that happened. */
    public record Event(double atMs, String kind, String text) {}

    /**
     * Something that was planted.
     *
     * @param stood whether it was proven to stand when the migration started
     * @param endMs when it was gone
     */
    public record AdversaryFacts(
            String kind,
            String table,
            @Nullable Double startMs,
            @Nullable Double endMs,
            boolean stood,
            String proof) {}

    /**
     * When the load was calm again: after the migration's end, or after its stop, when it was stopped half-way; null when
     * it was not within the bound. That end or stop itself when nothing disturbed the load after it; else known to about a
     * second, and not told too early: it is the begin of the first pulse from which on all were calm.
     */
    public record Recovery(
            @Nullable Double calmAtMs, @Nullable LastSeen lastSeen) {
        /** Calm, or not watched at all. */
        public Recovery(@Nullable Double calmAtMs) {
            this(calmAtMs, null);
        }
    }

    /**
     * The service in the last seconds that were watched, when it was not calm by then.
     *
     * @param fromMs their begin, at most 10 s before the recovery's end
     * @param toMs the recovery's end
     * @param offered requests that arrived in them
     * @param ended requests that ended in them, unfinished ones not counted
     * @param ok those of them that succeeded
     * @param tries of requests, retries among them
     * @param forNobodyShare share of the workers' time that they spent on requests whose clients had gone
     * @param readyShare share of the instances that got traffic, as the mean over the time
     * @param killed instances that were killed by their liveness probe
     * @param refused pools and starts that the server refused a connection
     * @param breakerOpen requests that ended because a breaker was open
     * @param lockWaits waits for locks that the workload itself did not cause
     */
    public record LastSeen(
            double fromMs,
            double toMs,
            long offered,
            long ended,
            long ok,
            long tries,
            double forNobodyShare,
            double readyShare,
            long killed,
            long refused,
            long breakerOpen,
            long lockWaits) {}

    /** What the migration left behind that was not there before. */
    public record Leftovers(List<String> invalidIndexes, List<String> notValidConstraints, List<String> other) {
        public static final Leftovers NONE = new Leftovers(List.of(), List.of(), List.of());
    }

    /**
     * An operation that scans an index, be it by its own statements or beneath them: by foreign keys, triggers or functions.
     *
     * @param requests that were looked at, after the load
     * @param scans of all of them together
     */
    public record IndexUse(String operation, long requests, long scans) {}

    /**
     * What became of one index. Those of partitions are not told one by one: the partitioned table's index stands for them.
     *
     * @param name at the end; the one before when it is gone
     * @param table whose index it is
     * @param definition as {@code pg_get_indexdef}; null when a lock kept it from being read
     * @param existedBefore whether it, or one of its name, was there when the load began
     * @param existsAfter whether it was there when the load had ended
     * @param valid whether queries may use it at the end; null when it is gone
     * @param ready whether writes maintain it at the end; null when it is gone
     * @param validBefore whether queries could use it when the load began; null when it did not exist
     * @param enforces whether it upholds a primary key, UNIQUE or an exclusion constraint: that counts no scans
     * @param sizeBytes at the end, without its free space map; null when it is gone, or a lock kept it from being read
     * @param scans how often it was scanned
     * @param scannedBy which operations scan it after the migration, in the workload's order; null when that was not read
     * @param coveredBy an index that was there and valid before and still is, and serves whatever this new one serves; null
     *     when there is none, or this one is not new
     * @param coverage why it is covered, or which index serves a part; null when there is nothing to say
     */
    public record IndexFacts(
            String name,
            String table,
            @Nullable String definition,
            boolean existedBefore,
            boolean existsAfter,
            @Nullable Boolean valid,
            @Nullable Boolean ready,
            @Nullable Boolean validBefore,
            boolean enforces,
            @Nullable Long sizeBytes,
            IndexScans scans,
            @Nullable List<IndexUse> scannedBy,
            @Nullable String coveredBy,
            @Nullable String coverage) {
        /** Whether the migration made it. */
        public boolean made() {
            return !existedBefore && existsAfter;
        }

        /**
         * Whether it is the index of a partitioned table, which is valid once each partition has an index attached to it:
         * {@code pg_get_indexdef} writes such a one ON ONLY. False also when its definition is not known.
         */
        public boolean ofPartitionedTable() {
            return definition != null && definition.contains(" ON ONLY ");
        }

        /** Whether it is there and no query may use it. */
        public boolean invalid() {
            return Boolean.FALSE.equals(valid);
        }
    }

    /**
     * How often an index was scanned, by anybody: {@code idx_scan}. Null where that is not known: it was not there at the
     * phase's end, its counter was reset, or it was replaced in a way that does not tell what it counted before.
     *
     * <p>By phase approximate: a backend tells of its scans at most once a second, and one that is idle in a pool may tell
     * only after seconds, or when it ends, so scans may be counted in a later phase than they were made in. The
     * phases together miss none, since the end is read after the load's sessions ended, but may hold some of the warm-up.
     */
    public record IndexScans(
            @Nullable Long baseline,
            @Nullable Long migration,
            @Nullable Long recovery) {}

    /**
     * CPU (milliseconds) and WAL (bytes) from the baseline's start to the end; null where they could not be measured.
     *
     * @param baselineCpuShare share of the machine's CPU used during the baseline, 0 to 1
     */
    public record Costs(
            @Nullable Double serverCpuMs,
            @Nullable Double migrationCpuMs,
            @Nullable Double toolCpuMs,
            @Nullable Double baselineCpuShare,
            @Nullable Long walBytes,
            @Nullable Integer maxConnections,
            int connectionsPeak) {
        public static final Costs NONE = new Costs(null, null, null, null, null, null, 0);
    }

    /** The server's clock minus ours, and how far that may be wrong, at worst. */
    public record ClockFacts(double offsetMs, double uncertaintyMs) {}

    /** A reason not to trust the measurement. */
    public record Doubt(String id, String text) {
        /** The load driver came late, so that response times hold some of its own delay. */
        public static final String DRIVER_LATE = "driver-late";
        /** It came so late that the load was not the scenario's: the verdict is UNKNOWN, unless it is NO-GO. */
        public static final String DRIVER_TOO_LATE = "driver-too-late";
        /** Requests were offered whose end nobody tells: the verdict is UNKNOWN, unless it is NO-GO. */
        public static final String REQUESTS_LOST = "requests-lost";
        /** Memory that a host gives at its first use may have been used first by the migration, which is slower then. */
        public static final String MEMORY_FIRST_USE = "memory-first-use";
        /** The caches were not as the scenario declares them. */
        public static final String CACHES = "caches";
        /** Server or machine stood still. */
        public static final String SERVER_SILENT = "server-silent";
    }
}
