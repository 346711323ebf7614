package dev.pgrehearse.estimate;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.IndexFacts;
import dev.pgrehearse.recording.Recording.Lock;
import dev.pgrehearse.recording.Recording.Statement;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Tells by what a statement did which operation it was; its words only tell what nobody could see. Stateless. */
final class Recognition {
    private static final Set<String> BUILDING = Set.of("SHARE", "SHARE ROW EXCLUSIVE", "ACCESS EXCLUSIVE");
    private static final String CHANGES_ROWS = "ROW EXCLUSIVE";
    private static final String REFERS = "SHARE ROW EXCLUSIVE";
    private static final String VALIDATES = "SHARE UPDATE EXCLUSIVE";
    private static final Set<String> CHANGES_SCHEMA =
            Set.of(VALIDATES, "SHARE", REFERS, "EXCLUSIVE", "ACCESS EXCLUSIVE");
    private static final String REFERRED_TO = "ROW SHARE";

    private Recognition() {}

    /** The operation that a statement of a recording was. */
    static Operation of(Statement statement, Recording recording) {
        Set<String> scanned = Set.copyOf(statement.scanned());
        if (statement.batches() != null) {
            return Operation.BULK_UPDATE;
        }
        if (isConcurrent(statement, recording)) {
            return Operation.CONCURRENT_BUILD;
        }
        if (!statement.rewrote().isEmpty()) {
            return onlyIndexes(statement.rewrote(), recording) ? Operation.INDEX_BUILD : Operation.REWRITE;
        }
        if (scanned.stream().anyMatch(table -> builds(statement, table, recording))) {
            return Operation.INDEX_BUILD;
        }
        if (scanned.stream().anyMatch(table -> refers(statement, table))) {
            return Operation.FOREIGN_KEY_CHECK;
        }
        if (changesRows(statement)) {
            return Operation.BULK_UPDATE;
        }
        if (!scanned.isEmpty()) {
            return Operation.SCAN;
        }
        return locksKnown(statement) ? Operation.CATALOGUE : Operation.UNSEEN;
    }

    /** What it locked, rewrote or scanned, by name. */
    static Set<String> touched(Statement statement) {
        Set<String> touched = new TreeSet<>(statement.rewrote());
        touched.addAll(statement.scanned());
        statement.locks().forEach(lock -> touched.add(lock.relation()));
        return touched;
    }

    /**
     * Locks of a statement in a transaction are read on its own session. Of the rest the words must tell whether it is one
     * of those few that only touch the catalogue or the session.
     */
    private static boolean locksKnown(Statement statement) {
        boolean exact =
                statement.locks().stream().anyMatch(lock -> lock.heldSource().equals("exact"));
        return statement.wrapped()
                || exact
                || words(statement).matches("(set|reset|show|begin|commit|start|end|analyze)\\b.*");
    }

    private static boolean isConcurrent(Statement statement, Recording recording) {
        String words = words(statement);
        boolean named = words.matches("(create (unique )?|re)index .*concurrently .*");
        boolean made = recording.indexes().stream().anyMatch(IndexFacts::made);
        return !statement.wrapped() && named && (made || words.startsWith("reindex"));
    }

    private static boolean onlyIndexes(List<String> rewrote, Recording recording) {
        Set<String> indexes = recording.indexes().stream().map(IndexFacts::name).collect(Collectors.toSet());
        return indexes.containsAll(rewrote);
    }

    private static boolean builds(Statement statement, String table, Recording recording) {
        boolean made = recording.indexes().stream()
                .anyMatch(index -> index.made() && index.table().equals(table));
        return made && has(statement, table, BUILDING) && !refers(statement, table);
    }

    /** ADD FOREIGN KEY locks both tables alike; VALIDATE the one that refers, and the other as if it were read FOR SHARE. */
    private static boolean refers(Statement statement, String table) {
        boolean added = has(statement, table, Set.of(REFERS))
                && statement.locks().stream()
                                .filter(lock -> lock.mode().equals(REFERS))
                                .count()
                        > 1;
        boolean validated = has(statement, table, Set.of(VALIDATES))
                && statement.locks().stream().anyMatch(lock -> lock.mode().equals(REFERRED_TO));
        return added || validated;
    }

    /** What changes the schema takes stronger locks, and may take this one beside them. */
    private static boolean changesRows(Statement statement) {
        Set<String> modes = statement.locks().stream().map(Lock::mode).collect(Collectors.toSet());
        return modes.contains(CHANGES_ROWS) && modes.stream().noneMatch(CHANGES_SCHEMA::contains);
    }

    private static boolean has(Statement statement, String table, Set<String> modes) {
        return statement.locks().stream().anyMatch(lock -> isOn(lock, table) && modes.contains(lock.mode()));
    }

    private static boolean isOn(Lock lock, String table) {
        return lock.relation().equals(table);
    }

    /** Lower case, in one line, without comments before it. */
    static String words(Statement statement) {
        return (statement
                                .sql()
                                .replaceAll("(?s)/\\*.*?\\*/", " ")
                                .replaceAll("--[^\\n]*", " ")
                                .replaceAll("\\s+", " ")
                                .strip()
                        + " ")
                .toLowerCase(Locale.ROOT);
    }
}
