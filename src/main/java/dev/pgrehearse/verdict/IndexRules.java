package dev.pgrehearse.verdict;

import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.postgres.SqlState;
import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.AdversaryFacts;
import dev.pgrehearse.recording.Recording.IndexFacts;
import dev.pgrehearse.recording.Recording.IndexScans;
import dev.pgrehearse.recording.Recording.LockWait;
import dev.pgrehearse.recording.Recording.MigrationFacts;
import dev.pgrehearse.recording.Recording.Notice;
import dev.pgrehearse.recording.Recording.Phase;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.scenario.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The functions of the rules about what became of indexes. Pure. */
final class IndexRules {
    /** Under less load than that after the migration nobody can say that an index is not used. */
    static final double LEAST_AFTER_MS = 5_000;

    static final long LEAST_REQUESTS_AFTER = 100;

    private static final Pattern REBUILT = Pattern.compile("_cc(new|old)[0-9]*$");

    private IndexRules() {}

    /** Counted from the migration's end: by then every index that it made is there for all. */
    static List<Finding> notUsed(Recording recording, Limits limits) {
        Phase recovery = Traffic.phase(recording, Phase.RECOVERY);
        if (recovery == null) {
            return List.of();
        }
        double length = recovery.endMs() - recovery.startMs();
        long requests = Traffic.outcomes(recording, List.of(Phase.RECOVERY)).getOrDefault(Outcome.OK, 0L);
        if (!(length >= LEAST_AFTER_MS) || requests < LEAST_REQUESTS_AFTER) {
            return List.of();
        }
        List<Finding> findings = new ArrayList<>();
        for (IndexFacts index : recording.indexes()) {
            if (index.made() && !index.invalid() && !index.enforces() && neverScanned(index.scans())) {
                findings.add(new Finding(
                        "index-not-used",
                        Severity.WARNING,
                        statementOf(recording, index),
                        0,
                        1,
                        Finding.COUNT,
                        "The workload did not use the new index " + index.name() + ": 0 scans in "
                                + Figures.count(requests, "request", "requests") + " over " + Figures.duration(length),
                        "Every write to " + index.table() + " pays for it"
                                + (index.sizeBytes() == null
                                        ? ""
                                        : ", and it takes "
                                                + Figures.bytes(
                                                        index.sizeBytes().doubleValue()))
                                + ". Only requests that this workload holds are counted, and only those that succeeded after"
                                + " the migration's end.",
                        SaferWay.numbered(List.of(
                                "Look at the plan of the query that it is for, with `EXPLAIN (ANALYZE, BUFFERS)`, before"
                                        + " paying for the build; give the workload that query, if it lacks it.",
                                "An index that leads with the columns of a foreign key may be there for DELETE and"
                                        + " UPDATE of the table that it references, which look for its rows: give the"
                                        + " workload those, if production has them.",
                                "An index on an expression has no statistics before `ANALYZE "
                                        + Quoted.readable(index.table().split("\\.", 2)) + "`.",
                                "Do not build it when the query is served already."))));
            }
        }
        return findings;
    }

    private static boolean neverScanned(IndexScans scans) {
        return Long.valueOf(0).equals(scans.migration()) && Long.valueOf(0).equals(scans.recovery());
    }

    static List<Finding> covered(Recording recording, Limits limits) {
        List<Finding> findings = new ArrayList<>();
        for (IndexFacts index : recording.indexes()) {
            String by = index.coveredBy();
            if (by != null && index.made()) {
                findings.add(new Finding(
                        "index-covered",
                        Severity.WARNING,
                        statementOf(recording, index),
                        1,
                        0,
                        Finding.COUNT,
                        "The new index " + index.name() + " does what " + by + " does already",
                        "Of " + by + ": " + index.coverage() + ". Every write to " + index.table() + " pays for both"
                                + (index.sizeBytes() == null
                                        ? "."
                                        : ", and the new one takes "
                                                + Figures.bytes(
                                                        index.sizeBytes().doubleValue()) + ".")
                                + " Told from the catalogue: a much narrower index may still be the faster one.",
                        SaferWay.numbered(useWhatIsThere(recording, index, by))));
            }
        }
        return findings;
    }

    private static List<String> useWhatIsThere(Recording recording, IndexFacts index, String by) {
        IndexFacts covering = named(recording, by);
        String look = "See with `EXPLAIN (ANALYZE, BUFFERS)` whether the query is served by " + by
                + " well enough; then do not build " + index.name() + ".";
        return covering == null || covering.enforces()
                ? List.of(look)
                : List.of(
                        look, "If the narrow one is wanted for its size, see whether anybody still needs " + by + ".");
    }

    static List<Finding> invalidSkipped(Recording recording, Limits limits) {
        List<Finding> findings = new ArrayList<>();
        for (IndexFacts index : recording.indexes()) {
            Statement skipping = skipped(recording, index);
            if (skipping != null) {
                findings.add(
                        new Finding(
                                "invalid-index-skipped",
                                Severity.NO_GO,
                                skipping.index(),
                                1,
                                0,
                                Finding.COUNT,
                                Statements.brief(skipping.sql()) + " reported success and built nothing: "
                                        + index.name() + " was INVALID and still is",
                                "IF NOT EXISTS looks at the name alone." + noticed(skipping) + " " + cost(index)
                                        + " Whoever reads the migration's log believes that the index is there.",
                                SaferWay.numbered(
                                        List.of(
                                                "`DROP INDEX CONCURRENTLY IF EXISTS " + quoted(index)
                                                        + "`, then CREATE INDEX CONCURRENTLY"
                                                        + " without IF NOT EXISTS.",
                                                "Or `REINDEX INDEX CONCURRENTLY " + quoted(index) + "`.",
                                                "Check `SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid` after every run."))));
            }
        }
        return findings;
    }

    /**
     * The last run of a CREATE INDEX IF NOT EXISTS that ended ok although it found the index INVALID, and left it so. That
     * it was INVALID by then is known when it was so before the migration, or an earlier run that should have built it did
     * not end ok; or when the server's notice tells that something of that name was there, and nothing valid was before.
     * Null when there is none.
     */
    static @Nullable Statement skipped(Recording recording, IndexFacts index) {
        if (!index.existsAfter() || !index.invalid() || index.definition() == null || index.ofPartitionedTable()) {
            return null;
        }
        boolean invalidByThen = Boolean.FALSE.equals(index.validBefore());
        Statement last = null;
        for (Statement run : IndexStatement.runsFor(recording, index)) {
            IndexStatement create = IndexStatement.of(run.sql()).orElseThrow();
            if (!run.outcome().equals("ok")) {
                invalidByThen |= create.concurrently();
            } else if (create.ifNotExists()
                    && (invalidByThen || (SkipRules.notice(run) != null && index.validBefore() == null))) {
                last = run;
            }
        }
        return last;
    }

    private static String noticed(Statement run) {
        Notice notice = SkipRules.notice(run);
        return notice == null ? "" : " The server said so: " + Statements.brief(notice.message()) + ".";
    }

    static List<Finding> invalidLeft(Recording recording, Limits limits) {
        List<String> names = recording.leftovers().invalidIndexes();
        if (names.isEmpty()) {
            return List.of();
        }
        Statement stopped = null;
        StringBuilder effect = new StringBuilder();
        for (String name : names) {
            IndexFacts index = named(recording, name);
            Statement run = index == null ? null : last(timedOut(recording, index));
            if (run != null) {
                stopped = run;
                effect.append(produced(recording, run, index == null ? "" : index.table()));
            }
            if (index != null) {
                effect.append(cost(index)).append(' ');
            }
        }
        if (effect.isEmpty()) {
            effect.append("No query uses it, but once it is ready every write pays for it. ");
        }
        boolean dropped = stopped != null
                && IndexStatement.droppedConcurrently(stopped.sql()).isPresent();
        boolean interruption = isOfInterruption(recording, names);
        if (interruption) {
            effect.append(
                    "The rehearsal was interrupted: whether the migration would have left this by itself is not known. ");
        }
        String first = names.get(0);
        IndexFacts facts = named(recording, first);
        return List.of(new Finding(
                "invalid-index-left",
                interruption ? Severity.WARNING : Severity.NO_GO,
                stopped == null ? null : stopped.index(),
                names.size(),
                0,
                Finding.COUNT,
                (interruption ? "The interruption left " : "The migration left ")
                        + (names.size() == 1 ? "an INVALID index: " : "INVALID indexes: ")
                        + String.join(", ", names)
                        + (stopped == null ? "" : ", produced by " + timeout(stopped)),
                effect
                        + (dropped
                                ? "A CREATE INDEX of that name fails, and with IF NOT EXISTS it is skipped and reported as a success."
                                : "Run again by name the build fails, and with IF NOT EXISTS it is skipped and reported as a success."),
                SaferWay.numbered(repair(first, facts, dropped))));
    }

    /** Whether the rehearsal was interrupted, and nothing else is known to have left these. */
    private static boolean isOfInterruption(Recording recording, List<String> names) {
        MigrationFacts migration = recording.migration();
        return migration != null
                && migration.outcome().equals("interrupted")
                && names.stream()
                        .map(name -> named(recording, name))
                        .noneMatch(index -> index != null
                                && timedOut(recording, index).stream()
                                        .anyMatch(run -> !run.outcome().equals("interrupted")));
    }

    private static List<String> repair(String recorded, @Nullable IndexFacts index, boolean dropped) {
        String name = index == null ? Quoted.readable(recorded.split("\\.", 2)) : quoted(index);
        List<String> steps = new ArrayList<>();
        if (index != null && index.ofPartitionedTable()) {
            steps.add("For each partition that has none: `CREATE INDEX CONCURRENTLY … ON` the partition, with the same"
                    + " columns, outside a transaction.");
            steps.add("`ALTER INDEX " + name + " ATTACH PARTITION …` for each of those: with the last one it is valid."
                    + " DROP INDEX CONCURRENTLY and REINDEX do not help here.");
        } else if (dropped) {
            steps.add("Look for old transactions, and run `DROP INDEX CONCURRENTLY IF EXISTS " + name
                    + "` again, outside a transaction, without a lock_timeout.");
        } else if (REBUILT.matcher(recorded).find()) {
            steps.add("`DROP INDEX CONCURRENTLY IF EXISTS " + name
                    + "`, outside a transaction: it is the half of a REINDEX CONCURRENTLY that was stopped.");
            steps.add("Look for old transactions, and run the REINDEX again with no lock_timeout.");
        } else {
            steps.add("`DROP INDEX CONCURRENTLY IF EXISTS " + name + "`, outside a transaction.");
            steps.add(
                    "Look for old transactions, and build it again with CREATE INDEX CONCURRENTLY and no lock_timeout; or"
                            + " `REINDEX INDEX CONCURRENTLY " + name + "`.");
        }
        steps.add("Check `SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid` after every run.");
        return steps;
    }

    /** What an INVALID index costs, in a sentence. */
    private static String cost(IndexFacts index) {
        if (index.ofPartitionedTable()) {
            return index.name() + " is the index of a partitioned table, and INVALID until every partition has an index"
                    + " attached to it: queries of those that have one may use that one.";
        }
        String size = index.sizeBytes() == null
                ? ""
                : " takes " + Figures.bytes(index.sizeBytes().doubleValue()) + " and";
        return index.name() + size + " serves no read: "
                + (Boolean.TRUE.equals(index.ready())
                        ? "each write maintains it, no query uses it."
                                + (index.enforces() ? " It still rejects duplicates all the same." : "")
                        : "no query uses it, no write maintains it yet.");
    }

    /** The CONCURRENTLY runs for this index that a timeout or a cancel ended, in order. */
    private static List<Statement> timedOut(Recording recording, IndexFacts index) {
        return Statements.runs(recording).stream()
                .filter(run -> SqlState.LOCK_NOT_AVAILABLE.equals(run.sqlState())
                        || SqlState.QUERY_CANCELED.equals(run.sqlState()))
                .filter(run -> Statements.isConcurrently(run.sql()) && concerns(run, index))
                .toList();
    }

    private static @Nullable Statement last(List<Statement> runs) {
        return runs.isEmpty() ? null : runs.get(runs.size() - 1);
    }

    /** A REINDEX CONCURRENTLY leaves an index whose name it does not tell; a DROP leaves the one that it names. */
    private static boolean concerns(Statement run, IndexFacts index) {
        return IndexStatement.of(run.sql())
                .map(create -> create.isFor(index))
                .or(() -> IndexStatement.droppedConcurrently(run.sql())
                        .map(name -> IndexStatement.same(index.name(), name)))
                .orElseGet(() -> REBUILT.matcher(index.name()).find());
    }

    private static String timeout(Statement run) {
        if (SqlState.LOCK_NOT_AVAILABLE.equals(run.sqlState())) {
            return "lock_timeout";
        }
        String error = run.error();
        return error != null && error.toLowerCase(Locale.ROOT).contains("statement timeout")
                ? "statement_timeout"
                : "a cancel";
    }

    private static String produced(Recording recording, Statement run, String table) {
        String behind = waitedFor(recording, run, table);
        return "Statement " + run.index() + " was ended by " + timeout(run) + " after "
                + Figures.duration(run.endMs() - run.startMs()) + " (" + run.sqlState()
                + "): that is what produced the INVALID index."
                + (behind == null ? " " : " It was waiting for " + behind + ". ")
                + (run.blocking().requests() == 0 && Statements.isConcurrently(run.sql())
                        ? "However long it waited, no request waited for it: CONCURRENTLY blocks neither reads nor writes. "
                        : "");
    }

    /** Whom the run waited for last, with the table when that is another one; null when that was not seen. */
    private static @Nullable String waitedFor(Recording recording, Statement run, String table) {
        LockWait last = null;
        for (LockWait wait : Statements.waitsOf(recording, run)) {
            last = wait;
        }
        if (last == null) {
            return null;
        }
        String words = Statements.inWords(last.behind());
        for (AdversaryFacts adversary : recording.adversaries()) {
            if (last.behind().equals("adversary " + adversary.kind()) && alone(recording, adversary)) {
                return words + " of " + adversary.table()
                        + (adversary.table().equals(table) ? "" : ", a table that the index has nothing to do with");
            }
        }
        return words;
    }

    private static boolean alone(Recording recording, AdversaryFacts adversary) {
        return recording.adversaries().stream()
                        .filter(other -> other.kind().equals(adversary.kind()))
                        .count()
                == 1;
    }

    /** The index's name as SQL: its definition tells its schema even where a name has dots in it. */
    private static String quoted(IndexFacts index) {
        String definition = index.definition();
        String schema = definition == null
                ? null
                : IndexStatement.of(definition).map(IndexStatement::schema).orElse(null);
        if ("public".equals(schema)) {
            return Quoted.readable(index.name());
        }
        return schema != null && index.name().startsWith(schema + ".")
                ? Quoted.readable(schema, index.name().substring(schema.length() + 1))
                : Quoted.readable(index.name().split("\\.", 2));
    }

    private static @Nullable IndexFacts named(Recording recording, String name) {
        return recording.indexes().stream()
                .filter(index -> index.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    /** The number of the statement that names the index; null when none does. */
    static @Nullable Integer statementOf(Recording recording, IndexFacts index) {
        List<Statement> runs = IndexStatement.runsFor(recording, index);
        return runs.isEmpty() ? null : Integer.valueOf(runs.get(runs.size() - 1).index());
    }
}
