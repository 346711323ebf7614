package dev.pgrehearse.verdict;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Lock;
import dev.pgrehearse.recording.Recording.LockWait;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.scenario.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads, or writes, that had to wait for a statement: for a lock that it held, or behind one that it waited for.
 *
 * <p>Both count alike: a request for ACCESS EXCLUSIVE that waits makes every later read wait too. So a statement blocks
 * from asking for its lock to the end of its transaction. What requests really waited is taken beside it; the longer of
 * the two is the figure. Of several attempts the worst counts.
 *
 * @param rule the rule's id
 * @param noun {@code Reads} or {@code Writes}
 * @param mode which lock modes forbid them
 * @param theirs which waits are theirs
 */
record BlockedRule(String rule, String noun, Predicate<String> mode, Predicate<LockWait> theirs) {
    static final BlockedRule READS =
            new BlockedRule("reads-blocked", "Reads", Statements::blocksReads, Statements::isRead);
    static final BlockedRule WRITES =
            new BlockedRule("writes-blocked", "Writes", Statements::blocksWrites, wait -> !Statements.isRead(wait));

    /** The longest block by a lock of one run. */
    private record Block(Statement run, Lock lock) {
        /** Waits and holds of many transactions are no single block: of those only the longest hold is known to be one. */
        double milliseconds() {
            return lock.longestHeldMs() == null ? lock.waitedMs() + lock.heldMs() : lock.longestHold();
        }
    }

    List<Finding> findings(Recording recording, Limits limits) {
        double limit = limits.longestStall().toNanos() / 1e6;
        List<Finding> findings = new ArrayList<>();
        for (Map.Entry<Integer, List<Statement>> entry :
                Statements.byIndex(recording).entrySet()) {
            List<LockWait> waits = recording.lockWaits().stream()
                    .filter(each -> each.behind().equals(Statements.name(entry.getKey())))
                    .filter(each -> Statements.isOfWorkload(recording, each))
                    .filter(theirs)
                    .toList();
            Block block = longestBlock(recording, entry.getValue(), waits);
            double longestWait =
                    waits.stream().mapToDouble(LockWait::durationMs).max().orElse(0);
            double measured = Math.max(block == null ? 0 : block.milliseconds(), longestWait);
            if (measured > 0) {
                findings.add(finding(recording, entry.getValue(), block, waits, measured, limit));
            }
        }
        return findings;
    }

    /** Of equal ones the one on a relation that somebody waited for. */
    private @Nullable Block longestBlock(Recording recording, List<Statement> runs, List<LockWait> waits) {
        @Nullable Block longest = null;
        for (Statement run : runs) {
            for (Lock lock : run.locks()) {
                if (mode.test(lock.mode()) && Statements.othersUse(recording, lock.relation())) {
                    Block block = new Block(run, lock);
                    if (longest == null
                            || block.milliseconds() > longest.milliseconds()
                            || (block.milliseconds() == longest.milliseconds()
                                    && wasWaitedFor(block, waits)
                                    && !wasWaitedFor(longest, waits))) {
                        longest = block;
                    }
                }
            }
        }
        return longest;
    }

    private static boolean wasWaitedFor(Block block, List<LockWait> waits) {
        return waits.stream()
                .anyMatch(wait -> wait.relation().equals(block.lock().relation()));
    }

    private Finding finding(
            Recording recording,
            List<Statement> runs,
            @Nullable Block block,
            List<LockWait> waits,
            double measured,
            double limit) {
        Statement run = block == null ? runs.get(0) : block.run();
        String relation = block == null ? relationOf(run, waits) : block.lock().relation();
        String what = block == null && areForRows(waits) ? "rows of " + relation : relation;
        boolean broken = measured > limit;
        Severity severity = broken ? Severity.NO_GO : Severity.INFO;
        // Requests that waited for another table of the statement's say nothing about this one.
        boolean met = block == null ? !waits.isEmpty() : wasWaitedFor(block, waits);
        String verb = !met ? " were forbidden for " : broken ? " stood still for " : " waited for up to ";
        String figure = Figures.against(measured, limit, Finding.MILLISECONDS).measured();
        // What makes reads wait makes writes wait too.
        boolean both = rule.equals("reads-blocked") && block != null;
        String title = (both ? "Reads and writes" : noun) + " of " + what + verb + figure + " while "
                + Statements.brief(run.sql()) + does(recording, block, waits);
        boolean waiting = block != null
                && block.lock().longestHeldMs() == null
                && block.lock().waitedMs() > block.lock().heldMs();
        return new Finding(
                rule,
                severity,
                run.index(),
                measured,
                limit,
                Finding.MILLISECONDS,
                title,
                effect(recording, runs, waits, waiting),
                waiting ? SaferWay.ofWaiting(relation) : SaferWay.of(run.sql(), relation));
    }

    private static boolean areForRows(List<LockWait> waits) {
        return waits.stream().allMatch(Statements::isForRow);
    }

    /** What was waited for, or whose rows: by the waits, and where those do not tell a table by the lock that goes with changing rows. */
    private static String relationOf(Statement run, List<LockWait> waits) {
        return waits.stream()
                .map(wait -> wait.relation().replaceFirst("^\\([a-z]+\\) ", ""))
                .filter(relation -> !relation.startsWith("("))
                .findFirst()
                .or(() -> run.locks().stream()
                        .filter(lock -> lock.mode().equals("ROW EXCLUSIVE"))
                        .map(Lock::relation)
                        .findFirst())
                .orElse("its_table");
    }

    private static String does(Recording recording, @Nullable Block block, List<LockWait> waits) {
        if (block == null) {
            return areForRows(waits) ? " had changed them, in a transaction that went on" : " ran";
        }
        Lock lock = block.lock();
        String behind = Statements.waitedBehind(recording, block.run());
        String waited = "waited " + Figures.duration(lock.waitedMs()) + " for " + lock.mode()
                + (behind == null ? "" : " behind " + behind);
        if (!lock.granted()) {
            return " " + waited + " and gave up";
        }
        String held = "held " + lock.mode() + " for " + Figures.duration(lock.longestHold());
        if (lock.longestHeldMs() != null) {
            return " " + held + ", longest of several times";
        }
        if (lock.waitedMs() <= 0) {
            return " " + held;
        }
        return lock.waitedMs() > lock.heldMs() ? " " + waited : " " + held + ", after it " + waited;
    }

    private static String effect(Recording recording, List<Statement> runs, List<LockWait> waits, boolean waiting) {
        StringBuilder text = new StringBuilder();
        if (waits.isEmpty()) {
            text.append("No request of this workload met the lock, but every one that came would have waited. ");
        } else {
            int sessions = runs.stream()
                    .mapToInt(run -> run.blocking().sessionsPeak())
                    .max()
                    .orElse(0);
            // Of a very long list the recording holds the longest: there were no fewer than these.
            List<String> operations =
                    waits.stream().map(LockWait::operation).distinct().toList();
            List<String> relations =
                    waits.stream().map(LockWait::relation).distinct().toList();
            String told = WaitedRequests.inWords(
                    WaitedRequests.of(
                            recording, operations, Statements.name(runs.get(0).index()), relations, waits.size()),
                    waits.size(),
                    String.join(", ", operations),
                    recording.waits().file() != null);
            text.append(Character.toUpperCase(told.charAt(0)))
                    .append(told.substring(1))
                    .append(" in the database");
            if (sessions > 0) {
                text.append("; reads and writes together, at most ")
                        .append(Figures.count(sessions, "session", "sessions"))
                        .append(" at once");
            }
            text.append(". ");
        }
        if (runs.size() > 1) {
            text.append("It was tried ").append(Figures.count(runs.size())).append(" times; the longest is told. ");
        }
        text.append(
                waiting
                        ? "A statement that waits for such a lock makes everybody who comes later wait behind it."
                        : "It lasts until the transaction ends, so it grows with the table and with what else is in the"
                                + " transaction.");
        return text.toString();
    }
}
