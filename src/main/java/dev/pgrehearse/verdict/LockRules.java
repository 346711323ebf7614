package dev.pgrehearse.verdict;

import dev.pgrehearse.recording.LockWaits;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Lock;
import dev.pgrehearse.recording.Recording.MigrationFacts;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.scenario.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The functions of the rules about the migration's own locks. Pure. */
final class LockRules {
    /** Longer than this a wait without a lock_timeout is worth a warning: PostgreSQL's own deadlock_timeout. */
    private static final double NOTICEABLE_WAIT_MS = 1000;

    private static final Pattern SETS_LOCK_TIMEOUT = Pattern.compile(
            "\\bset\\s+(?:local\\s+|session\\s+)?lock_timeout\\b(?!\\s*(?:=|to)\\s*(?:'?0+'?\\b|default\\b))",
            Pattern.CASE_INSENSITIVE);

    /** What a session waits for that waits for the end of whoever changed a row. */
    private static final String TRANSACTION = "(transaction)";

    private LockRules() {}

    static List<Finding> lockHeld(Recording recording, Limits limits) {
        double limit = limits.lockHeld().toNanos() / 1e6;
        List<Finding> findings = new ArrayList<>();
        for (List<Statement> runs : Statements.byIndex(recording).values()) {
            @Nullable Lock longest = null;
            Statement longestRun = runs.get(0);
            for (Statement run : runs) {
                for (Lock lock : run.locks()) {
                    if (Statements.disturbs(recording, lock)
                            && (longest == null || lock.longestHold() > longest.longestHold())) {
                        longest = lock;
                        longestRun = run;
                    }
                }
            }
            if (longest != null && longest.longestHold() > limit) {
                Figures.Against figures = Figures.against(longest.longestHold(), limit, Finding.MILLISECONDS);
                findings.add(new Finding(
                        "lock-held",
                        Severity.NO_GO,
                        longestRun.index(),
                        longest.longestHold(),
                        limit,
                        Finding.MILLISECONDS,
                        Statements.brief(longestRun.sql()) + " held " + longest.mode() + " on " + longest.relation()
                                + " for " + figures.measured(),
                        "All that time nobody else could " + forbidden(longest.mode()) + " on " + longest.relation()
                                + ". The limit is " + figures.limit() + "."
                                + (longest.longestHeldMs() == null
                                        ? ""
                                        : " It was held more than once; the longest hold is told, all together were "
                                                + Figures.duration(longest.heldMs()) + ".")
                                + (longest.heldSource().equals("sampled")
                                        ? " The figure is sampled: right to within one period of the sampler."
                                        : ""),
                        SaferWay.of(longestRun.sql(), longest.relation())));
            }
        }
        return findings;
    }

    static List<Finding> lockWait(Recording recording, Limits limits) {
        double limit = limits.lockWait().toNanos() / 1e6;
        List<Finding> findings = new ArrayList<>();
        for (List<Statement> runs : Statements.byIndex(recording).values()) {
            Statement longest = runs.get(0);
            for (Statement run : runs) {
                if (run.lockWaitMs() > longest.lockWaitMs()) {
                    longest = run;
                }
            }
            if (longest.lockWaitMs() > limit) {
                Figures.Against figures = Figures.against(longest.lockWaitMs(), limit, Finding.MILLISECONDS);
                String behind = Statements.waitedBehind(recording, longest);
                boolean concurrently = Statements.isConcurrently(longest.sql());
                findings.add(new Finding(
                        "lock-wait",
                        Severity.NO_GO,
                        longest.index(),
                        longest.lockWaitMs(),
                        limit,
                        Finding.MILLISECONDS,
                        Statements.brief(longest.sql()) + " waited " + figures.measured() + " for locks"
                                + (behind == null ? "" : " behind " + behind),
                        "The limit is " + figures.limit() + ". "
                                + (longest.blocking().requests() > 0
                                        ? "Requests waited behind it "
                                                + Statements.times(
                                                        longest.blocking().requests()) + ", until it let go."
                                        : "Nobody of the workload queued behind it."),
                        concurrently
                                ? SaferWay.of(longest.sql(), relationOf(recording, longest))
                                : SaferWay.ofWaiting(relationOf(recording, longest))));
            }
        }
        return findings;
    }

    /** Requests that it ended count as failed besides; a migration that it ended has failed, or tried again. */
    static List<Finding> deadlock(Recording recording, Limits limits) {
        List<LockWaits.Deadlock> met = recording.waits().deadlocks().stream()
                .filter(LockWaits.Deadlock::withMigration)
                .toList();
        if (met.isEmpty()) {
            return List.of();
        }
        LockWaits.Deadlock first = met.get(0);
        return List.of(new Finding(
                "deadlock",
                Severity.WARNING,
                statementIn(recording, first),
                met.size(),
                0,
                Finding.COUNT,
                "The migration and others waited for each other: "
                        + Figures.count(met.size(), "deadlock", "deadlocks") + ", the first at "
                        + Figures.moment(first.atMs()),
                sides(first) + " " + victims(recording, met)
                        + " Who is ended is whoever first waits for its own deadlock_timeout: on another night it may be the"
                        + " other.",
                SaferWay.ofDeadlock(
                        first.sides().stream().allMatch(side -> side.relation().startsWith(TRANSACTION)))));
    }

    /** The statement that stood in it; null when it is none that the recording has. */
    private static @Nullable Integer statementIn(Recording recording, LockWaits.Deadlock deadlock) {
        return Statements.runs(recording).stream()
                .filter(run -> deadlock.sides().stream()
                        .anyMatch(side -> Statements.name(run.index()).equals(side.who())))
                .findFirst()
                .map(run -> (Integer) run.index())
                .orElse(null);
    }

    private static String victims(Recording recording, List<LockWaits.Deadlock> met) {
        Map<String, Long> ended = met.stream()
                .collect(Collectors.groupingBy(
                        deadlock -> ended(recording, deadlock.victim()), TreeMap::new, Collectors.counting()));
        return ended.entrySet().stream()
                .map(one -> one.getKey() + " in " + one.getValue() + " of " + met.size())
                .collect(Collectors.joining(", ", "The server ended ", "."));
    }

    private static String ended(Recording recording, LockWaits.@Nullable Side victim) {
        if (victim == null) {
            return "somebody whom its log does not tell";
        }
        boolean migration = Statements.runs(recording).stream()
                .anyMatch(run -> Statements.name(run.index()).equals(victim.who()));
        return migration ? "the migration" : Statements.inWords(victim.who());
    }

    private static String sides(LockWaits.Deadlock deadlock) {
        return deadlock.sides().stream()
                        .map(side ->
                                Statements.inWords(side.who()) + " wanted " + side.mode() + " on " + side.relation())
                        .collect(Collectors.joining(", and "))
                + ".";
    }

    static List<Finding> noLockTimeout(Recording recording, Limits limits) {
        MigrationFacts migration = recording.migration();
        if (migration == null) {
            return List.of();
        }
        Double lockTimeout = migration.lockTimeoutMs();
        if (lockTimeout != null && lockTimeout > 0) {
            return List.of();
        }
        for (Map.Entry<Integer, List<Statement>> entry :
                Statements.byIndex(recording).entrySet()) {
            Statement first = entry.getValue().get(0);
            if (SETS_LOCK_TIMEOUT.matcher(first.sql()).find()) {
                return List.of();
            }
            // A lock_timeout on CONCURRENTLY would leave an INVALID index: its absence is right.
            if (Statements.isConcurrently(first.sql())) {
                continue;
            }
            for (Statement run : entry.getValue()) {
                @Nullable
                Lock strong = run.locks().stream()
                        .filter(lock -> Statements.disturbs(recording, lock))
                        .findFirst()
                        .orElse(null);
                if (strong != null || run.lockWaitMs() > NOTICEABLE_WAIT_MS) {
                    return List.of(unbounded(recording, run, strong));
                }
            }
        }
        return List.of();
    }

    private static Finding unbounded(Recording recording, Statement run, @Nullable Lock strong) {
        String relation = strong == null ? relationOf(recording, run) : strong.relation();
        return new Finding(
                "no-lock-timeout",
                Severity.WARNING,
                run.index(),
                run.lockWaitMs(),
                Double.NaN,
                Finding.MILLISECONDS,
                Statements.brief(run.sql()) + " ran without a lock_timeout"
                        + (strong == null ? "" : " and takes " + strong.mode() + " on " + relation),
                "It waited " + Figures.duration(run.lockWaitMs())
                        + " this time. On a night with a long read, a dump or an idle transaction on " + relation
                        + " nothing ends its wait, and its wait is everybody's wait.",
                SaferWay.ofWaiting(relation));
    }

    static List<Finding> tableRewritten(Recording recording, Limits limits) {
        double limit = limits.longestStall().toNanos() / 1e6;
        List<Finding> findings = new ArrayList<>();
        for (List<Statement> runs : Statements.byIndex(recording).values()) {
            @Nullable Statement worst = null;
            double longest = -1;
            for (Statement run : runs) {
                if (!run.rewrote().isEmpty() && rewriteLockMs(recording, run) > longest) {
                    worst = run;
                    longest = rewriteLockMs(recording, run);
                }
            }
            if (worst != null) {
                findings.add(rewrite(worst, longest, limit));
            }
        }
        return findings;
    }

    private static Finding rewrite(Statement run, double lockedMs, double limit) {
        String relations = String.join(", ", run.rewrote());
        boolean broken = lockedMs > limit;
        return new Finding(
                "table-rewritten",
                broken ? Severity.NO_GO : Severity.WARNING,
                run.index(),
                lockedMs,
                limit,
                Finding.MILLISECONDS,
                Statements.brief(run.sql()) + " rewrote " + relations + " under a lock of "
                        + Figures.against(lockedMs, limit, Finding.MILLISECONDS).measured(),
                "A rewrite copies every row and builds every index again: its time, its WAL"
                        + (run.walBytes() == null
                                ? ""
                                : " (" + Figures.bytes(run.walBytes().doubleValue()) + " here)")
                        + " and its disk grow with the table. Afterwards the visibility map is empty and the changed"
                        + " column has no statistics until VACUUM (ANALYZE).",
                SaferWay.of(run.sql(), run.rewrote().get(0)));
    }

    /** How long the rewrite's lock stood; the statement's own time when the lock itself was not seen. */
    private static double rewriteLockMs(Recording recording, Statement run) {
        return run.locks().stream()
                .filter(lock -> Statements.disturbs(recording, lock))
                .mapToDouble(
                        lock -> lock.longestHeldMs() == null ? lock.waitedMs() + lock.heldMs() : lock.longestHold())
                .max()
                .orElse(run.endMs() - run.startMs());
    }

    private static String forbidden(String mode) {
        return Statements.blocksReads(mode) ? "read or write" : "write";
    }

    private static String relationOf(Recording recording, Statement run) {
        Lock lock = Statements.tellingLock(recording, run);
        return lock == null ? "the table" : lock.relation();
    }
}
