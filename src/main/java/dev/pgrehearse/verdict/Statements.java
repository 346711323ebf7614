package dev.pgrehearse.verdict;

import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Lock;
import dev.pgrehearse.recording.Recording.LockWait;
import dev.pgrehearse.recording.Recording.MigrationFacts;
import dev.pgrehearse.recording.Recording.Statement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a recording tells of the migration's statements, asked by rules and reports. Pure. */
public final class Statements {
    private static final int BRIEF_LENGTH = 72;
    /** As the lock probe names what the catalogue does not show. */
    /** Of {@link LockWait#kind}: of a row the first waits for the transaction that changed it, the others for their turn. */
    private static final Set<String> FOR_ROWS = Set.of("transactionid", "tuple");

    private static final Pattern NAMELESS = Pattern.compile("oid [0-9]+");

    private static final Pattern CONCURRENTLY = Pattern.compile("\\bconcurrently\\b", Pattern.CASE_INSENSITIVE);

    private Statements() {}

    /** Every run of every statement, in order; none when the migration never started. */
    public static List<Statement> runs(Recording recording) {
        MigrationFacts migration = recording.migration();
        return migration == null ? List.of() : migration.statements();
    }

    /** The runs of each statement, by the statement's index. */
    public static SortedMap<Integer, List<Statement>> byIndex(Recording recording) {
        return runs(recording).stream()
                .collect(Collectors.groupingBy(Statement::index, TreeMap::new, Collectors.toList()));
    }

    /** What a lock wait's {@code behind} and a queue's {@code who} say for a statement. */
    public static String name(int index) {
        return "statement " + index;
    }

    /** The batches of a back-fill in words; null for any other statement. */
    public static @Nullable String batchesInWords(Statement run) {
        Recording.Batches batches = run.batches();
        return batches == null
                ? null
                : Figures.count(batches.count(), "batch", "batches") + ", "
                        + Figures.count(batches.rows(), "row", "rows") + ", median "
                        + Figures.duration(batches.medianMs()) + ", longest "
                        + Figures.duration(batches.longestMs())
                        + (batches.retried() == 0 ? "" : ", " + Figures.count(batches.retried()) + " tried again");
    }

    /** The statement's text on one short line, without its comments. */
    public static String brief(String sql) {
        String line = oneLine(sql);
        return line.length() <= BRIEF_LENGTH
                ? line
                : line.substring(0, BRIEF_LENGTH - 1).stripTrailing() + "…";
    }

    /** The statement's text without comments and needless white space. */
    static String oneLine(String sql) {
        String line = sql.replaceAll("(?s)/\\*.*?\\*/", " ")
                .replaceAll("--[^\\n]*", " ")
                .replaceAll("\\s+", " ")
                .strip();
        return line.endsWith(";") ? line.substring(0, line.length() - 1).stripTrailing() : line;
    }

    /** The lock mode with SQL's or the catalogue's name; null when there is none of that name. */
    public static @Nullable LockMode mode(String name) {
        for (LockMode mode : LockMode.values()) {
            if (mode.sqlName().equalsIgnoreCase(name) || mode.catalogueName().equals(name)) {
                return mode;
            }
        }
        return null;
    }

    /** Whether the mode makes reads wait. */
    static boolean blocksReads(String mode) {
        LockMode found = mode(mode);
        return found != null && found.blocksReads();
    }

    /** Whether the mode makes writes wait. */
    static boolean blocksWrites(String mode) {
        LockMode found = mode(mode);
        return found != null && found.blocksWrites();
    }

    /**
     * Whether others could use the relation while the migration ran: it was there before, or somebody of the workload
     * waited for it. A table or an index that the migration itself makes is locked too, and nobody minds.
     */
    static boolean othersUse(Recording recording, String relation) {
        return recording.dataset() == null
                || recording.dataset().tables().stream().anyMatch(table -> sameRelation(table.name(), relation))
                || awaited(recording, relation);
    }

    /**
     * The run's locks as a reader wants them: without those of relations that have no name, which are those that the
     * statement itself was making in a transaction that nobody else could see into, unless a request waited for one; without
     * modes that a stronger one on the same relation includes; and without ACCESS SHARE, which forbids neither reads nor
     * writes, unless a request waited for ACCESS EXCLUSIVE.
     */
    public static List<Lock> locks(Recording recording, Statement run) {
        Set<String> wantedAlone = recording.lockWaits().stream()
                .filter(wait -> mode(wait.mode()) == LockMode.ACCESS_EXCLUSIVE && isOfWorkload(recording, wait))
                .map(LockWait::relation)
                .collect(Collectors.toSet());
        Map<String, List<Lock>> byRelation = run.locks().stream().collect(Collectors.groupingBy(Lock::relation));
        return run.locks().stream()
                .filter(lock -> !NAMELESS.matcher(lock.relation()).matches() || awaited(recording, lock.relation()))
                .filter(lock -> mode(lock.mode()) != LockMode.ACCESS_SHARE || wantedAlone.contains(lock.relation()))
                .filter(lock -> byRelation.getOrDefault(lock.relation(), List.of()).stream()
                        .noneMatch(other -> isIncluded(lock, other)))
                .toList();
    }

    private static boolean isIncluded(Lock lock, Lock other) {
        LockMode mode = mode(lock.mode());
        LockMode larger = mode(other.mode());
        return mode != null
                && larger != null
                && mode != larger
                && (other.granted() || !lock.granted())
                && larger.includes(mode);
    }

    /**
     * The lock that a statement is best told by: the strongest that makes writes of others wait, else the strongest on what
     * others use, else the strongest on what has a name; null when there is none.
     */
    static @Nullable Lock tellingLock(Recording recording, Statement run) {
        List<Lock> named = locks(recording, run);
        return named.stream()
                .filter(lock -> disturbs(recording, lock))
                .findFirst()
                .or(() -> named.stream()
                        .filter(lock -> othersUse(recording, lock.relation()))
                        .findFirst())
                .or(() -> named.stream().findFirst())
                .orElse(null);
    }

    /** Whether the lock makes writes of others wait. */
    static boolean disturbs(Recording recording, Lock lock) {
        return blocksWrites(lock.mode()) && othersUse(recording, lock.relation());
    }

    private static boolean awaited(Recording recording, String relation) {
        return recording.lockWaits().stream()
                .anyMatch(wait -> wait.relation().equals(relation) && isOfWorkload(recording, wait));
    }

    /** Whether a wait was one of the workload's requests. */
    public static boolean isOfWorkload(Recording recording, LockWait wait) {
        return isOfWorkload(recording, wait.operation());
    }

    /** Whether who waited was one of the workload's requests. */
    static boolean isOfWorkload(Recording recording, String who) {
        return who.equals(Sessions.POOLED.label())
                || (recording.requests() != null
                        && recording.requests().operations().stream()
                                .anyMatch(operation -> operation.name().equals(who)));
    }

    /** Whether the wait is one for reading; waits for rows and transactions are those of writes. */
    static boolean isRead(LockWait wait) {
        return mode(wait.mode()) == LockMode.ACCESS_SHARE;
    }

    /**
     * Whom the statement waited for, in words such as {@code a long read}; null when that was not seen.
     *
     * @param run the run of the statement
     */
    public static @Nullable String waitedBehind(Recording recording, Statement run) {
        Set<String> behind = new LinkedHashSet<>();
        for (LockWait wait : waitsOf(recording, run)) {
            behind.add(inWords(wait.behind()));
        }
        return behind.isEmpty() ? null : String.join(" and ", behind);
    }

    /** The waits of the migration's own session during the run, in order. */
    static List<LockWait> waitsOf(Recording recording, Statement run) {
        return recording.lockWaits().stream()
                .filter(wait ->
                        wait.operation().equals("migration") || wait.operation().equals(name(run.index())))
                // One that the sampler alone saw ends up to a period late, and may reach into the next statement.
                .filter(wait -> wait.statement() == null || wait.statement() == run.index())
                .filter(wait -> wait.startMs() <= run.endMs() && wait.startMs() + wait.durationMs() >= run.startMs())
                .toList();
    }

    /** Whether somebody waited for a row that another transaction had changed. */
    static boolean isForRow(LockWait wait) {
        return FOR_ROWS.contains(wait.kind());
    }

    /** Whether the statement is one of those that let others go on: {@code … CONCURRENTLY}. */
    static boolean isConcurrently(String sql) {
        return CONCURRENTLY.matcher(oneLine(sql)).find();
    }

    /**
     * What a CONCURRENTLY statement waited for, and whether that made others wait: {@code waited 20.0 s for older
     * transactions; no request waited for it}. Null for any other statement.
     */
    public static @Nullable String concurrently(Recording recording, Statement run) {
        if (!isConcurrently(run.sql())) {
            return null;
        }
        List<LockWait> waits = waitsOf(recording, run);
        boolean transactions = !waits.isEmpty()
                && waits.stream()
                        .allMatch(wait -> wait.relation().equals("(virtual transaction)")
                                || wait.relation().startsWith("(transaction)"));
        String waited = run.lockWaitMs() == 0
                ? "waited for nobody"
                : "waited " + Figures.duration(run.lockWaitMs())
                        + (transactions ? " for older transactions" : " for locks");
        Recording.Blocking blocking = run.blocking();
        String others = blocking.requests() > 0
                ? "requests waited for it " + times(blocking.requests())
                        + (blocking.sessionsPeak() > blocking.requests()
                                ? "; of all who did the longest"
                                : ", the longest")
                        + " for " + Figures.duration(blocking.longestMs())
                : "no request waited for it"
                        + (blocking.sessionsPeak() > 0
                                ? ", but " + Figures.count(blocking.sessionsPeak(), "other session", "other sessions")
                                        + " did"
                                : "");
        return waited + "; " + others;
    }

    /** A request that its client tries again waits again: waits are no requests. */
    static String times(long waits) {
        return waits == 1 ? "once" : Figures.count(waits) + " times";
    }

    /** The name of a session in lock waits and queues, as a reader would call it. */
    public static String inWords(String who) {
        return switch (who) {
            case "adversary longRead" -> "a long read";
            case "adversary idleInTransaction" -> "an idle transaction";
            case "adversary oldSnapshot" -> "an old snapshot";
            case "adversary dump" -> "a dump";
            case "adversary batchJob" -> "a batch job";
            case "adversary autovacuum" -> "an autovacuum";
            case "workload" -> "the workload's own transactions";
            case "other" -> "another session";
            case "observer" -> "a look of pgrehearse itself";
            default -> who;
        };
    }

    /** Which lock modes the recording names that PostgreSQL does not have. */
    static List<String> unknownModes(Recording recording) {
        List<String> unknown = new ArrayList<>();
        for (Statement run : runs(recording)) {
            run.locks().stream()
                    .map(Recording.Lock::mode)
                    .filter(mode -> mode(mode) == null && !unknown.contains(mode))
                    .forEach(unknown::add);
        }
        return unknown;
    }

    private static boolean sameRelation(String one, String other) {
        return withoutPublic(one).equals(withoutPublic(other));
    }

    private static String withoutPublic(String relation) {
        return relation.startsWith("public.") ? relation.substring("public.".length()) : relation;
    }
}
