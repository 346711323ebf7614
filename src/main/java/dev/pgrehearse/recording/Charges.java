package dev.pgrehearse.recording;

import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.scenario.FirstWords;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Charges waits behind the migration's session to the statement that took the lock, which in a transaction need not be the
 * one that is running. The observer knows the session and the statement of the moment only.
 *
 * <p>Statements are looked up by what they locked and when, so a million waits behind a thousand statements cost no more
 * than a look each.
 */
final class Charges {
    private static final String STATEMENT = "statement ";
    private static final String BETWEEN_STATEMENTS = "migration";

    /** As waits for rows name what they wait for, often with the table behind it. */
    private static final String TRANSACTION = "(transaction)";

    private static final String TUPLE = "(tuple)";

    /** Statements that call what nobody here has read. */
    private static final String[] OPAQUE = {"DO", "CALL", "EXECUTE"};

    private static final String[] CHANGE_ROWS = {"INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "COPY"};

    private static final Pattern UPDATES_ON_CONFLICT =
            Pattern.compile("\\bon\\s+conflict\\b.*\\bdo\\s+update\\b", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private static final Pattern LOCKS_ROWS =
            Pattern.compile("\\bfor\\s+(?:no\\s+key\\s+)?(?:update|key\\s+share|share)\\b", Pattern.CASE_INSENSITIVE);

    private static final Set<String> OF_ROWS = Set.of("ROW SHARE", "ROW EXCLUSIVE");

    /**
     * A run of a statement and how long it keeps its locks.
     *
     * @param mode null where that does not matter
     * @param tables that it locked for changing rows, or for locking them
     * @param sharesRowsOf those of them whose rows it may have locked against others, as a foreign key does
     */
    private record Taken(
            Fact.StatementRan run,
            @Nullable LockMode mode,
            Set<String> tables,
            Set<String> sharesRowsOf,
            long releasedNanos) {
        private boolean during(Fact.Waited wait) {
            return wait.overlapWith(run.startNanos(), releasedNanos) > 0;
        }
    }

    /** In order of the runs' starts; {@code releasedBefore} is, of each and all before it, the latest release. */
    private static final class Line {
        private final List<Taken> taken = new ArrayList<>();
        private final List<Long> releasedBefore = new ArrayList<>();

        private void add(Taken one) {
            long before = taken.isEmpty() ? Long.MIN_VALUE : releasedBefore.get(taken.size() - 1);
            taken.add(one);
            releasedBefore.add(Math.max(before, one.releasedNanos()));
        }

        /** The last that began by that moment; -1 when none did. */
        private int lastBegunBy(long nanos) {
            int low = 0;
            int high = taken.size();
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (taken.get(middle).run().startNanos() <= nanos) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low - 1;
        }

        /** The first that may still hold something after that moment. */
        private int firstHolding(long nanos) {
            int low = 0;
            int high = taken.size();
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (releasedBefore.get(middle) > nanos) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            return low;
        }
    }

    private final Map<String, Line> byRelation = new HashMap<>();
    private final Line changingRows = new Line();
    private final Map<String, Line> changingRowsOf = new HashMap<>();

    /**
     * Knows what each run of a statement locked.
     *
     * @param locks by run
     * @param transactions knows when each one's locks were released
     */
    Charges(Map<Fact.StatementRan, List<Recording.Lock>> locks, LockFold transactions) {
        locks.keySet().stream()
                .sorted(Comparator.comparingLong(Fact.StatementRan::startNanos))
                .forEach(run -> {
                    List<Recording.Lock> own = locks.getOrDefault(run, List.of());
                    Set<String> tables = own.stream()
                            .filter(lock -> OF_ROWS.contains(lock.mode()))
                            .map(Recording.Lock::relation)
                            .collect(Collectors.toSet());
                    Set<String> shared = own.stream()
                            .filter(lock -> lock.mode().equals(LockMode.ROW_SHARE.sqlName()))
                            .map(Recording.Lock::relation)
                            .collect(Collectors.toSet());
                    long released = transactions.transactionEnd(run);
                    for (Recording.Lock lock : own) {
                        byRelation
                                .computeIfAbsent(lock.relation(), relation -> new Line())
                                .add(new Taken(
                                        run,
                                        LockMode.ofSqlName(lock.mode()).orElse(null),
                                        tables,
                                        shared,
                                        transactions.releasedBy(run, lock)));
                    }
                    for (Fact.LockSeen lock : transactions.advisoryOf(run)) {
                        byRelation
                                .computeIfAbsent(lock.relation(), relation -> new Line())
                                .add(new Taken(
                                        run,
                                        LockMode.ofSqlName(lock.mode().sqlName())
                                                .orElse(null),
                                        tables,
                                        shared,
                                        lock.goneNanos()));
                    }
                    if (changesRows(run, own)) {
                        changingRows.add(new Taken(run, null, tables, shared, released));
                    }
                });
    }

    /** As {@link Fact.Waited#behind()} names a statement. */
    static String name(Fact.StatementRan run) {
        return STATEMENT + run.index();
    }

    /** Whether a wait is behind the migration's session, whatever it ran at that moment. */
    static boolean isBehindMigration(Fact.Waited wait) {
        return isMigration(wait.behind());
    }

    /** Whether somebody is the migration's session. */
    static boolean isMigration(String who) {
        return who.startsWith(STATEMENT) || who.equals(BETWEEN_STATEMENTS);
    }

    /**
     * The wait, charged to the first statement whose lock it waited for; a wait for a row to the last one before it that
     * can have changed rows of that table, since nobody knows which did, or of any where the table is not known. As it was when none is
     * known to be the cause.
     */
    Fact.Waited charge(Fact.Waited wait) {
        if (!isBehindMigration(wait)) {
            return wait;
        }
        Fact.Wanted wanted = wait.decisive();
        Fact.StatementRan cause =
                isForRows(wanted.relation()) ? lastThatChangedRows(wanted, wait) : firstThatLocked(wanted, wait);
        return cause == null || name(cause).equals(wait.behind()) ? wait : wait.behind(name(cause));
    }

    private Fact.@Nullable StatementRan firstThatLocked(Fact.Wanted wanted, Fact.Waited wait) {
        Line line = byRelation.get(wanted.relation());
        Optional<LockMode> mode = LockMode.ofSqlName(wanted.mode());
        if (line == null) {
            return null;
        }
        if (wanted.relation().equals(LockFold.ADVISORY)) {
            return onlyOneThatLocked(line, wait, mode);
        }
        for (int i = line.firstHolding(wait.startNanos()); i < line.taken.size(); i++) {
            Taken taken = line.taken.get(i);
            if (taken.run().startNanos() >= wait.endNanos()) {
                return null;
            }
            if (taken.during(wait) && conflict(taken.mode(), mode)) {
                return taken.run();
            }
        }
        return null;
    }

    /** No wait tells its key: where several are held, nobody knows which of them it is for. */
    private static Fact.@Nullable StatementRan onlyOneThatLocked(
            Line line, Fact.Waited wait, Optional<LockMode> wanted) {
        List<Taken> inTheWay = line.taken.stream()
                .filter(taken -> taken.during(wait) && conflict(taken.mode(), wanted))
                .toList();
        return inTheWay.size() == 1 ? inTheWay.get(0).run() : null;
    }

    private Fact.@Nullable StatementRan lastThatChangedRows(Fact.Wanted wanted, Fact.Waited wait) {
        Fact.StatementRan its = last(changersOf(wanted.relation()), wait);
        return its == null ? last(changingRows, wait) : its;
    }

    private static Fact.@Nullable StatementRan last(Line line, Fact.Waited wait) {
        for (int i = line.lastBegunBy(wait.startNanos());
                i >= 0 && line.releasedBefore.get(i) > wait.startNanos();
                i--) {
            if (line.taken.get(i).during(wait)) {
                return line.taken.get(i).run();
            }
        }
        return null;
    }

    /** Of {@code (tuple) orders} and {@code (transaction) orders} those that can have changed orders; all where no table is told. */
    private Line changersOf(String rows) {
        int end = rows.indexOf(") ");
        return end < 0 ? changingRows : changingRowsOf.computeIfAbsent(rows.substring(end + 2), this::changersOfTable);
    }

    /**
     * A partition, and what a view, a foreign key or a trigger reaches, is locked by statements that do not name it, and no other
     * that changes it need do: then all can have.
     */
    private Line changersOfTable(String table) {
        Pattern names = names(table);
        boolean unnamed = changingRows.taken.stream()
                .anyMatch(taken -> taken.tables().contains(table)
                        && !names.matcher(taken.run().sql()).find());
        if (unnamed) {
            return changingRows;
        }
        Pattern changes = changes(table);
        List<Taken> all = changingRows.taken.stream()
                .filter(taken ->
                        taken.tables().contains(table) || canChange(taken.run().sql(), changes, names))
                .toList();
        // Whose table is known waits for a row that was there, and what only adds rows changes none of those.
        List<Taken> ofRowsThatWereThere = all.stream()
                .filter(taken -> taken.sharesRowsOf().contains(table)
                        || !onlyAdds(taken.run().sql(), changes))
                .toList();
        Line line = new Line();
        (ofRowsThatWereThere.isEmpty() ? all : ofRowsThatWereThere).forEach(line::add);
        return line;
    }

    /** To this table; what it reads meanwhile it may lock. */
    private static boolean onlyAdds(String sql, Pattern changes) {
        return FirstWords.of(sql).areOneOf("INSERT", "COPY")
                && changes.matcher(sql).find()
                && !LOCKS_ROWS.matcher(sql).find()
                && !UPDATES_ON_CONFLICT.matcher(sql).find();
    }

    /** Of a table that its transaction had locked before a statement's words alone tell; of a call not even they. */
    private static boolean canChange(String sql, Pattern changes, Pattern names) {
        return FirstWords.of(sql).areOneOf(OPAQUE)
                || changes.matcher(sql).find()
                || (LOCKS_ROWS.matcher(sql).find() && names.matcher(sql).find());
    }

    private static Pattern names(String table) {
        return Pattern.compile("(?<![\\w$])" + nameOf(table), Pattern.CASE_INSENSITIVE);
    }

    /** Finds a statement's words for changing a table, and not those for reading it. */
    private static Pattern changes(String table) {
        return Pattern.compile(
                "\\b(?:update|into|copy|delete\\s+from)\\s+(?:only\\s+)?(?:[\\w$\"]+\\.)?\"?" + nameOf(table),
                Pattern.CASE_INSENSITIVE);
    }

    private static String nameOf(String table) {
        return Pattern.quote(table.substring(table.lastIndexOf('.') + 1)) + "(?![\\w$])";
    }

    private static boolean conflict(@Nullable LockMode held, Optional<LockMode> wanted) {
        return held != null && wanted.map(held::conflictsWith).orElse(false);
    }

    /**
     * Who holds a lock: of the migration's session the statement that took it, which need not be the one that ran then.
     *
     * @param who as the observer names the holder
     */
    String holder(String who, String relation, String mode, long atNanos) {
        if (!isMigration(who)) {
            return who;
        }
        boolean rows = isForRows(relation);
        Line line = rows ? changersOf(relation) : byRelation.get(relation);
        if (line == null) {
            return who;
        }
        String holder = who;
        for (int i = line.firstHolding(atNanos - 1); i < line.taken.size(); i++) {
            Taken taken = line.taken.get(i);
            if (taken.run().startNanos() > atNanos) {
                break;
            }
            boolean its =
                    rows || (taken.mode() != null && taken.mode().sqlName().equals(mode));
            if (its && atNanos <= taken.releasedNanos()) {
                holder = name(taken.run());
            }
        }
        return holder;
    }

    private static boolean isForRows(String relation) {
        return relation.startsWith(TRANSACTION) || relation.startsWith(TUPLE);
    }

    /** By the statement's verb, or by the lock on a table that goes with locking or changing rows. */
    private static boolean changesRows(Fact.StatementRan run, List<Recording.Lock> locks) {
        FirstWords words = FirstWords.of(run.sql());
        return words.areOneOf(CHANGE_ROWS)
                || words.areOneOf(OPAQUE)
                || locks.stream()
                        .anyMatch(lock ->
                                lock.mode().equals("ROW SHARE") || lock.mode().equals("ROW EXCLUSIVE"));
    }

    /** Whether a lock forbids what a wait is for. */
    static boolean keepsWaiting(String relation, String mode, Fact.Waited wait) {
        return relation.equals(wait.relation())
                && LockMode.ofSqlName(mode)
                        .flatMap(held -> LockMode.ofSqlName(wait.mode()).map(held::conflictsWith))
                        .orElse(false);
    }
}
