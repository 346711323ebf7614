package dev.pgrehearse.verdict;

import java.util.List;

/** All rules, in the order in which they are applied and told. */
public final class Rules {
    private static final String BOUND_THE_WAIT =
            "Bound each wait for a lock with lock_timeout, retry after a pause, and split what holds locks for long.";

    public static final List<Rule> ALL = List.of(
            new Rule(
                    "writes-blocked",
                    "Writes had to wait for the migration",
                    "Writes go on, or wait no longer than a stall may last.",
                    "longestStall",
                    "CREATE INDEX CONCURRENTLY; constraints NOT VALID, then VALIDATE; back-fills in batches.",
                    BlockedRule.WRITES::findings),
            new Rule(
                    "reads-blocked",
                    "Reads had to wait for the migration",
                    "Reads go on, or wait no longer than a stall may last.",
                    "longestStall",
                    BOUND_THE_WAIT,
                    BlockedRule.READS::findings),
            new Rule(
                    "longest-stall",
                    "An operation stood still",
                    "Per operation, no span in which requests were offered and none succeeded is longer than allowed.",
                    "longestStall",
                    BOUND_THE_WAIT,
                    LoadRules::longestStall),
            new Rule(
                    "error-share",
                    "Requests failed",
                    "The share of the requests of migration and recovery that did not end ok.",
                    "errorRate",
                    BOUND_THE_WAIT,
                    LoadRules::errorShare),
            new Rule(
                    "pool-exhausted",
                    "A connection pool had nothing left",
                    "Operations that never touch the migrated table still get a connection.",
                    "poolExhausted",
                    BOUND_THE_WAIT,
                    LoadRules::poolExhausted),
            new Rule(
                    "instances-lost",
                    "Instances were taken out of traffic",
                    "Probes find the instances ready and alive. None left is a NO-GO, some a warning.",
                    null,
                    "A readiness probe that does not ask the pool; a pool and timeouts that outlast the migration's locks.",
                    ServiceRules::instancesLost),
            new Rule(
                    "max-connections-reached",
                    "The server had no connection slot left",
                    "New instances, consoles and jobs can still connect. Refusals are a NO-GO, the last slot a warning.",
                    null,
                    "Pools that together, at the autoscaler's most, leave room below max_connections.",
                    LoadRules::maxConnections),
            new Rule(
                    "response-p99",
                    "Requests were too slow",
                    "p99 of each operation's response time in migration and recovery, counted from the arrival.",
                    "response",
                    BOUND_THE_WAIT,
                    LoadRules::responseP99),
            new Rule(
                    "lock-held",
                    "A lock that forbids reads or writes was held for long",
                    "Nobody is locked out of a table for longer than allowed, whether this workload met it or not.",
                    "lockHeld",
                    "Split the transaction; use the forms of the statement that lock less.",
                    LockRules::lockHeld),
            new Rule(
                    "lock-wait",
                    "A statement waited long for a lock",
                    "A waiting statement makes others wait, and shows that somebody holds the table for long.",
                    "lockWait",
                    "lock_timeout and retries; look for long transactions first.",
                    LockRules::lockWait),
            new Rule(
                    "no-lock-timeout",
                    "Nothing bounds the wait for a lock",
                    "On another night the wait may be any length. A warning.",
                    null,
                    "SET lock_timeout = '2s', with retries; but not for CONCURRENTLY.",
                    LockRules::noLockTimeout),
            new Rule(
                    "migration-failed",
                    "The migration failed",
                    "The migration ends ok.",
                    null,
                    "Steps that are safe to run again, each checked.",
                    OutcomeRules::migrationFailed),
            new Rule(
                    "over-duration",
                    "The migration took too long",
                    "The migration ends within its window.",
                    "duration",
                    "Batches, and work that does not need the window outside of it.",
                    OutcomeRules::overDuration),
            new Rule(
                    "invalid-index-skipped",
                    "IF NOT EXISTS skipped an INVALID index",
                    "Where a statement reports that an index is there, it is there and valid.",
                    null,
                    "DROP INDEX CONCURRENTLY IF EXISTS, then build again; or REINDEX INDEX CONCURRENTLY.",
                    IndexRules::invalidSkipped),
            new Rule(
                    "already-there",
                    "A statement skipped what was there already",
                    "IF NOT EXISTS skips nothing that is needed. A warning; NO-GO for an index that is another one.",
                    null,
                    "Compare what is there with what is wanted; leave IF NOT EXISTS out.",
                    SkipRules::alreadyThere),
            new Rule(
                    "invalid-index-left",
                    "An INVALID index was left",
                    "No index is left that costs writes and serves no read.",
                    null,
                    "DROP INDEX CONCURRENTLY IF EXISTS, then build again; check indisvalid.",
                    IndexRules::invalidLeft),
            new Rule(
                    "index-not-used",
                    "The workload did not use a new index",
                    "An index that every write pays for serves a query. A warning, after 5 s and 100 requests under load.",
                    null,
                    "EXPLAIN the query that it is for before paying for the build; or do not build it.",
                    IndexRules::notUsed),
            new Rule(
                    "index-covered",
                    "A new index does what another does already",
                    "No index is built whose columns lead another valid one of the same table. A warning.",
                    null,
                    "Use the index that is there.",
                    IndexRules::covered),
            new Rule(
                    "operation-broken",
                    "An operation cannot run any more",
                    "What could be planned before can be planned afterwards, and succeeds.",
                    null,
                    "Release code that does without it first; then drop or rename.",
                    OperationRules::broken),
            new Rule(
                    "cached-plan",
                    "Prepared statements met another result type",
                    "Connections of the pool go on with the statements that they prepared. A warning.",
                    null,
                    "Name the columns instead of SELECT *; autosave=conservative; new connections after the migration.",
                    OperationRules::cachedPlan),
            new Rule(
                    "plan-worse",
                    "An operation has a worse plan, or takes longer",
                    "Plans do not turn dearer. A warning; NO-GO when its median service time doubled as well.",
                    null,
                    "ANALYZE or VACUUM right after the migration; keep the index that served it.",
                    OperationRules::planWorse),
            new Rule(
                    "statistics-lost",
                    "The planner lost its statistics",
                    "What the planner knew of a table it knows afterwards. A warning.",
                    null,
                    "ANALYZE as the migration's next step.",
                    TableRules::statisticsLost),
            new Rule(
                    "vacuum-needed",
                    "A table was left to vacuum",
                    "Pages stay all-visible, and dead rows few. A warning.",
                    null,
                    "VACUUM (ANALYZE) after a rewrite or a back-fill.",
                    TableRules::vacuumNeeded),
            new Rule(
                    "hot-updates-lost",
                    "A new index makes updates dearer",
                    "Updates that needed no entry in any index still need none. A warning, from ten points on.",
                    null,
                    "Leave columns that are updated often out of the index.",
                    TableRules::hotUpdatesLost),
            new Rule(
                    "not-valid-constraint-left",
                    "A constraint was left NOT VALID",
                    "What was added for validation later is validated later. A warning.",
                    null,
                    "VALIDATE CONSTRAINT in a transaction of its own.",
                    OutcomeRules::notValidConstraintLeft),
            new Rule(
                    "left-behind",
                    "Something else was left behind",
                    "The catalogue holds what the migration is for, and nothing else. A warning.",
                    null,
                    "Remove it in the migration.",
                    OutcomeRules::leftBehind),
            new Rule(
                    "table-rewritten",
                    "A table or an index was rewritten",
                    "A rewrite under a lock longer than a stall may last is a NO-GO, a shorter one a warning.",
                    "longestStall",
                    "A new column, a back-fill in batches, and a switch.",
                    LockRules::tableRewritten),
            new Rule(
                    "disk-room",
                    "The migration took much of the free disk",
                    "At its peak it takes no more than half of what is free on the server's disk. A warning.",
                    null,
                    "Enough room beforehand; back-fills in batches instead of rewrites.",
                    CostRules::diskRoom),
            new Rule(
                    "metastable",
                    "The system stays down by itself",
                    "Once the migration has ended, nothing keeps most requests from succeeding.",
                    null,
                    "A retry budget; queues and timeouts short enough that no worker serves who has gone; probes that do not"
                            + " ask the pool.",
                    StaysDown::findings),
            new Rule(
                    "no-recovery",
                    "The system did not recover",
                    "After the migration the load is calm again within the recovery bound.",
                    null,
                    "ANALYZE after a rewrite; shed load; shorter queues, fewer retries.",
                    LoadRules::noRecovery),
            new Rule(
                    "standby-lag",
                    "The standby was far behind",
                    "Who reads on the standby sees what is not older than allowed. A standby that had not caught up at the end"
                            + " is a warning.",
                    "standbyLag",
                    "Less WAL at once: batches with pauses; no rewrite of a large table.",
                    StandbyRules::lag),
            new Rule(
                    "standby-reads-blocked",
                    "Reads on the standby had to wait for the migration",
                    "Reads on the standby go on, or wait no longer than a stall may last.",
                    "longestStall",
                    "Forms of the statement without ACCESS EXCLUSIVE, or which have it for a moment only.",
                    StandbyRules::readsBlocked),
            new Rule(
                    "standby-reads-cancelled",
                    "Replay cancelled reads on the standby",
                    "Reads on the standby run to their end. A warning; as failed requests they count besides.",
                    null,
                    "Readers that try again; hot_standby_feedback; a time without long reads.",
                    StandbyRules::readsCancelled),
            new Rule(
                    DerivedTraffic.RULE,
                    "Too little of production's traffic was run",
                    "At least the asked share of the profile's calls is run; below it the verdict is UNKNOWN.",
                    null,
                    "Take profile and dataset from the same state of the schema; declare what cannot be derived.",
                    DerivedTraffic::findings));

    private Rules() {}
}
