package dev.pgrehearse.estimate;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.IndexFacts;
import dev.pgrehearse.recording.Recording.Lock;
import dev.pgrehearse.recording.Recording.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Tells by what a statement did which operation it was; its words only tell what nobody could see. Used once. */
final class Recognition {
    private static final String BUILDS = "SHARE";
    private static final Set<String> BUILDING = Set.of("SHARE ROW EXCLUSIVE", "ACCESS EXCLUSIVE");
    private static final String CHANGES_ROWS = "ROW EXCLUSIVE";
    private static final String REFERS = "SHARE ROW EXCLUSIVE";
    private static final String VALIDATES = "SHARE UPDATE EXCLUSIVE";
    private static final Set<String> CHANGES_SCHEMA =
            Set.of(VALIDATES, "SHARE", REFERS, "EXCLUSIVE", "ACCESS EXCLUSIVE");
    private static final String REFERRED_TO = "ROW SHARE";

    private final Statement statement;
    private final Recording recording;
    private final List<Lock> locks;

    private Recognition(Statement statement, Recording recording) {
        this.statement = statement;
        this.recording = recording;
        this.locks = new ArrayList<>(statement.locks());
        locks.addAll(heldBefore());
    }

    /** The operation that a statement of a recording was. */
    static Operation of(Statement statement, Recording recording) {
        return new Recognition(statement, recording).operation();
    }

    private Operation operation() {
        List<String> scanned = statement.scanned();
        if (statement.batches() != null) {
            return Operation.BULK_UPDATE;
        }
        if (isConcurrent()) {
            return Operation.CONCURRENT_BUILD;
        }
        if (!statement.rewrote().isEmpty()) {
            return onlyIndexes(statement.rewrote()) ? Operation.INDEX_BUILD : Operation.REWRITE;
        }
        if (changesRows()) {
            return Operation.BULK_UPDATE;
        }
        if (scanned.stream().anyMatch(this::builds)) {
            return Operation.INDEX_BUILD;
        }
        if (checksReferences()) {
            return Operation.FOREIGN_KEY_CHECK;
        }
        if (!scanned.isEmpty()) {
            return Operation.SCAN;
        }
        return locksKnown() ? Operation.CATALOGUE : Operation.UNSEEN;
    }

    /** What it locked, rewrote or scanned, by name. */
    static Set<String> touched(Statement statement) {
        Set<String> touched = new TreeSet<>(statement.rewrote());
        touched.addAll(statement.scanned());
        statement.locks().forEach(lock -> touched.add(lock.relation()));
        return touched;
    }

    /**
     * Locks that earlier statements of its transaction took on what it scanned, where it took none of its own: a mode that
     * is held already is not taken again.
     */
    private List<Lock> heldBefore() {
        Set<String> own = statement.locks().stream().map(Lock::relation).collect(Collectors.toSet());
        return Estimator.statements(recording).stream()
                .filter(earlier -> earlier.index() < statement.index())
                .flatMap(earlier -> earlier.locks().stream()
                        .filter(lock -> earlier.startMs() + lock.waitedMs() + lock.heldMs() >= statement.startMs()))
                .filter(lock -> statement.scanned().contains(lock.relation()) && !own.contains(lock.relation()))
                .toList();
    }

    /**
     * Locks of a statement in a transaction are read on its own session. Of the rest the words must tell whether it is one
     * of those few that only touch the catalogue or the session.
     */
    private boolean locksKnown() {
        return statement.wrapped()
                || (statement.locksRead() && !locks.isEmpty())
                || words(statement.sql()).matches("(set|reset|show|begin|commit|start|end|analyze)\\b.*");
    }

    private boolean isConcurrent() {
        String words = words(statement.sql());
        boolean named = words.matches("(create (unique )?|re)index .*concurrently .*");
        boolean made = recording.indexes().stream().anyMatch(IndexFacts::made);
        return !statement.wrapped() && named && (made || words.startsWith("reindex"));
    }

    private boolean onlyIndexes(List<String> rewrote) {
        Set<String> indexes = recording.indexes().stream().map(IndexFacts::name).collect(Collectors.toSet());
        return indexes.containsAll(rewrote);
    }

    private boolean builds(String table) {
        boolean made = recording.indexes().stream()
                .anyMatch(index -> index.made() && index.table().equals(table));
        // Who reads the table under ACCESS EXCLUSIVE beside an index that another statement made may only look for
        // NULLs.
        boolean building = has(table, Set.of(BUILDS))
                || (has(table, BUILDING)
                        && words(statement.sql()).matches(".*\\badd\\b.*\\b(primary key|unique|exclude)\\b.*"));
        return made && building && !locksAsReferencesDo();
    }

    /**
     * PostgreSQL may read both sides through indexes, which is no scan of a table: then who has such locks and is not done at once
     * has read them. NOT VALID has them, too.
     */
    private boolean checksReferences() {
        return locksKnown()
                && (statement.scanned().isEmpty()
                        ? locksAsReferencesDo() && checksWithoutAScan()
                        : locksAsReferencesDo() || addsReferencesBesides());
    }

    /** A new column has nothing that refers yet, and a new table neither: both lock the parent, and are done at once. */
    private boolean checksWithoutAScan() {
        String words = words(statement.sql());
        return StatementEstimator.seconds(statement) > StatementEstimate.NEGLIGIBLE_SECONDS
                && words.matches("alter table .*\\b(validate constraint|foreign key)\\b.*")
                && !words.contains(" not valid ");
    }

    /** ADD FOREIGN KEY locks both tables alike; VALIDATE the one that refers, and the other as if it were read FOR SHARE. */
    private boolean locksAsReferencesDo() {
        boolean added = locks.stream()
                        .filter(lock -> lock.mode().equals(REFERS))
                        .map(Lock::relation)
                        .distinct()
                        .count()
                > 1;
        boolean validated = locks.stream()
                .filter(lock -> lock.mode().equals(VALIDATES))
                .anyMatch(lock -> locks.stream()
                        .anyMatch(other -> other.mode().equals(REFERRED_TO)
                                && !other.relation().equals(lock.relation())));
        return added || validated;
    }

    /** Beside another change of the table, which locks that for all, or to a row of the table itself; the other side was read. */
    private boolean addsReferencesBesides() {
        String words = words(statement.sql());
        return words.startsWith("alter table ")
                && words.matches(".*\\b(foreign key|references)\\b.*")
                && !words.contains(" not valid ")
                && locks.stream()
                        .anyMatch(lock -> lock.mode().equals(REFERS)
                                && statement.scanned().contains(lock.relation()));
    }

    /** What changes the schema takes stronger locks, and may take this one beside them; an earlier statement may hold them. */
    private boolean changesRows() {
        Set<String> modes = locks.stream().map(Lock::mode).collect(Collectors.toSet());
        boolean told = words(statement.sql()).matches("(with .*)?(update|delete from|insert into|merge into|copy) .*");
        return modes.contains(CHANGES_ROWS) && (told || modes.stream().noneMatch(CHANGES_SCHEMA::contains));
    }

    private boolean has(String table, Set<String> modes) {
        return locks.stream().anyMatch(lock -> lock.relation().equals(table) && modes.contains(lock.mode()));
    }

    /** Lower case, in one line, without comments before it. */
    static String words(String sql) {
        return (sql.replaceAll("(?s)/\\*.*?\\*/", " ")
                                .replaceAll("--[^\\n]*", " ")
                                .replaceAll("\\s+", " ")
                                .strip()
                        + " ")
                .toLowerCase(Locale.ROOT);
    }
}
