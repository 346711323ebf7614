package dev.pgrehearse.recording;

import dev.pgrehearse.postgres.LockMode;
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

    private static final Pattern CHANGES_ROWS = Pattern.compile(
            "(?:\\s|--[^\\n]*\\n|/\\*.*?\\*/)*(?:insert|update|delete|merge|with|copy|do|call|execute)\\b",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    /**
     * A run of a statement and how long it keeps its locks.
     *
     * @param mode null where that does not matter
     * @param tables that it locked
     */
    private record Taken(Fact.StatementRan run, @Nullable LockMode mode, Set<String> tables, long releasedNanos) {
        private boolean during(Fact.Waited wait) {
            return wait.overlapWith(run.startNanos(), releasedNanos) > 0;
        }

        /** Of a table that the transaction had locked before the statement's words alone tell. */
        private boolean canHaveChanged(Rows rows) {
            return tables.contains(rows.table())
                    || rows.name().matcher(run.sql()).find();
        }
    }

    /**
     * The rows of a table.
     *
     * @param name finds the table's name as a word of its own
     */
    private record Rows(String table, Pattern name) {
        static Rows of(String table) {
            String name = table.substring(table.lastIndexOf('.') + 1);
            return new Rows(
                    table,
                    Pattern.compile("(?<![\\w$])" + Pattern.quote(name) + "(?![\\w$])", Pattern.CASE_INSENSITIVE));
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
    private final Map<String, Rows> rowsOf = new HashMap<>();

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
                    Set<String> tables =
                            own.stream().map(Recording.Lock::relation).collect(Collectors.toSet());
                    long released = transactions.transactionEnd(run);
                    for (Recording.Lock lock : own) {
                        byRelation
                                .computeIfAbsent(lock.relation(), relation -> new Line())
                                .add(new Taken(
                                        run, LockMode.ofSqlName(lock.mode()).orElse(null), tables, released));
                    }
                    if (changesRows(run, own)) {
                        changingRows.add(new Taken(run, null, tables, released));
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
        Fact.StatementRan cause = isForRows(wait.relation()) ? lastThatChangedRows(wait) : firstThatLocked(wait);
        return cause == null || name(cause).equals(wait.behind()) ? wait : wait.behind(name(cause));
    }

    private Fact.@Nullable StatementRan firstThatLocked(Fact.Waited wait) {
        Line line = byRelation.get(wait.relation());
        Optional<LockMode> wanted = LockMode.ofSqlName(wait.mode());
        if (line == null) {
            return null;
        }
        for (int i = line.firstHolding(wait.startNanos()); i < line.taken.size(); i++) {
            Taken taken = line.taken.get(i);
            if (taken.run().startNanos() >= wait.endNanos()) {
                return null;
            }
            if (taken.during(wait) && conflict(taken.mode(), wanted)) {
                return taken.run();
            }
        }
        return null;
    }

    private Fact.@Nullable StatementRan lastThatChangedRows(Fact.Waited wait) {
        Rows rows = rowsOf(wait.relation());
        Fact.StatementRan last = null;
        for (int i = changingRows.lastBegunBy(wait.startNanos());
                i >= 0 && changingRows.releasedBefore.get(i) > wait.startNanos();
                i--) {
            Taken taken = changingRows.taken.get(i);
            if (taken.during(wait)) {
                if (rows == null || taken.canHaveChanged(rows)) {
                    return taken.run();
                }
                last = last == null ? taken.run() : last;
            }
        }
        return last;
    }

    /** Those of {@code orders} for {@code (tuple) orders} and {@code (transaction) orders}; null where no table is told. */
    private @Nullable Rows rowsOf(String relation) {
        int end = relation.indexOf(") ");
        return end < 0 ? null : rowsOf.computeIfAbsent(relation.substring(end + 2), Rows::of);
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
        boolean isForRows = isForRows(relation);
        Rows rows = isForRows ? rowsOf(relation) : null;
        Line line = isForRows ? changingRows : byRelation.get(relation);
        if (line == null) {
            return who;
        }
        String holder = who;
        boolean ofThatTable = false;
        for (int i = line.firstHolding(atNanos - 1); i < line.taken.size(); i++) {
            Taken taken = line.taken.get(i);
            if (taken.run().startNanos() > atNanos) {
                break;
            }
            boolean its =
                    isForRows || (taken.mode() != null && taken.mode().sqlName().equals(mode));
            boolean changed = rows != null && taken.canHaveChanged(rows);
            if (its && atNanos <= taken.releasedNanos() && (changed || !ofThatTable)) {
                holder = name(taken.run());
                ofThatTable = changed;
            }
        }
        return holder;
    }

    private static boolean isForRows(String relation) {
        return relation.startsWith(TRANSACTION) || relation.startsWith(TUPLE);
    }

    /** By the statement's verb, or by the lock on a table that goes with locking or changing rows. */
    private static boolean changesRows(Fact.StatementRan run, List<Recording.Lock> locks) {
        return CHANGES_ROWS.matcher(run.sql()).lookingAt()
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
