package dev.pgrehearse.verdict;

import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Lock;
import dev.pgrehearse.recording.Recording.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The safer way to do what a statement does, as numbered steps with the statement's own names.
 *
 * <p>Data: the first kind whose pattern is found in the statement (without comments, on one line) gives the steps.
 * The patterns only choose advice; what happened is always measured.
 *
 * @param pattern what such statements look like; a group named {@code name}, when there is one, is put in for {@code {name}}
 * @param steps the steps; {@code {relation}} stands for the locked relation
 */
record SaferWay(Pattern pattern, List<String> steps) {
    private static final String RETRY =
            "Give every other step `SET lock_timeout = '500ms'` and try again after a pause, a bounded number of times.";
    private static final String BOUND_THE_WAIT =
            "Bound each wait for a lock: `SET lock_timeout = '500ms'`, with retries.";
    private static final String NAME = "(?:if (?:not )?exists )?(?:only )?(?<name>[\\w.\"$]+)";

    private static final List<SaferWay> KINDS = List.of(
            way(
                    "\\bcreate (?:unique )?index concurrently\\b",
                    "Look for old transactions first (`SELECT pid, xact_start, query FROM pg_stat_activity WHERE"
                            + " backend_xmin IS NOT NULL ORDER BY xact_start`): CONCURRENTLY waits for every one of them.",
                    "Run it alone, outside a transaction, with no lock_timeout or a long one: a timeout leaves an"
                            + " INVALID index.",
                    "Afterwards check `SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid`."),
            way(
                    "\\bcreate (?:unique )?index (?!on\\b)" + NAME,
                    "Run `CREATE INDEX CONCURRENTLY {name} …` instead: writes to {relation} go on while it builds. It takes"
                            + " longer, and cannot run inside a transaction.",
                    "Look for old transactions first, since it waits for them; give it no lock_timeout, or a long one.",
                    "Afterwards check that the index is valid: `SELECT indexrelid::regclass FROM pg_index WHERE NOT"
                            + " indisvalid`.",
                    "If it was stopped half-way: `DROP INDEX CONCURRENTLY IF EXISTS {name}`, then build it again."),
            way(
                    "\\bcreate (?:unique )?index\\b",
                    "Name the index and build it with CREATE INDEX CONCURRENTLY, outside a transaction.",
                    "Afterwards check that no index of {relation} is INVALID."),
            way(
                    "\\bdrop index (?!concurrently)" + NAME,
                    "Run `DROP INDEX CONCURRENTLY {name}` instead, outside a transaction."),
            way(
                    "\\breindex (?!.*concurrently)",
                    "Run `REINDEX (CONCURRENTLY)` instead, outside a transaction.",
                    "If it was stopped: drop what ends in `_ccnew` or `_ccold`."),
            way(
                    "\\badd (?:constraint \\S+ )?(?:foreign key|check|.*\\breferences)\\b.*\\bnot valid\\b",
                    "It is `NOT VALID` already and scans nothing: run it with `SET lock_timeout = '500ms'` and retries, in a"
                            + " transaction of its own, which ends at once."),
            way(
                    "\\balter table " + NAME + ".*?\\badd (?:constraint \\S+ )?(?:foreign key|.*\\breferences\\b)",
                    "Add the foreign key `NOT VALID`, with `SET lock_timeout = '500ms'` and retries: brief locks on both"
                            + " tables.",
                    "In a transaction of its own: `ALTER TABLE {name} VALIDATE CONSTRAINT …`. Reads and writes go on."),
            way(
                    "\\badd (?:constraint \\S+ )?check\\b",
                    "Add the constraint `NOT VALID`, with `SET lock_timeout = '500ms'` and retries.",
                    "In a transaction of its own: `ALTER TABLE {relation} VALIDATE CONSTRAINT …`. Reads and writes go on."),
            way(
                    "\\bset not null\\b",
                    "`ALTER TABLE {relation} ADD CONSTRAINT … CHECK (… IS NOT NULL) NOT VALID`, with a lock_timeout and"
                            + " retries.",
                    "`ALTER TABLE {relation} VALIDATE CONSTRAINT …` in a transaction of its own.",
                    "`ALTER TABLE {relation} ALTER … SET NOT NULL`: it trusts the validated check and does not scan.",
                    "Drop the check."),
            way(
                    "\\badd (?:constraint \\S+ )?(?:unique|primary key)(?!.*using index)",
                    "`CREATE UNIQUE INDEX CONCURRENTLY …` on {relation}, outside a transaction; check that it is valid.",
                    "`ALTER TABLE {relation} ADD CONSTRAINT … UNIQUE (or PRIMARY KEY) USING INDEX …`, with a lock_timeout"
                            + " and retries. For a primary key make the columns NOT NULL first, by a validated check."),
            way(
                    "\\balter (?:column )?\\S+ (?:set data )?type\\b",
                    "Add a new column of the new type to {relation}, with a lock_timeout and retries.",
                    "Let the application write both columns; back-fill the old rows in batches.",
                    "Let the application read the new column; drop the old one later."),
            way(
                    "\\badd (?:column )?.*\\b(?:default|serial|bigserial|generated)\\b",
                    "Add the column to {relation} nullable and without a volatile default, with a lock_timeout and"
                            + " retries.",
                    "Set the default for new rows: `ALTER TABLE {relation} ALTER … SET DEFAULT …`.",
                    "Back-fill the old rows in batches, with pauses."),
            way(
                    "\\b(?:vacuum (?:\\(.*)?full|cluster|set (?:unlogged|logged|tablespace))\\b",
                    "Rebuild {relation} online (pg_repack and the like), or plan a window in which nobody uses it."),
            way(
                    "\\btruncate\\b",
                    "Delete in batches, or detach and drop partitions; where TRUNCATE it must be, with"
                            + " `SET lock_timeout = '500ms'` and retries."),
            way(
                    "\\brefresh materialized view (?!concurrently)",
                    "`REFRESH MATERIALIZED VIEW CONCURRENTLY` (it needs a unique index): reads go on."),
            way(
                    "\\bdetach partition (?!.*concurrently)",
                    "`ALTER TABLE … DETACH PARTITION … CONCURRENTLY`, outside a transaction."),
            way(
                    "\\battach partition\\b",
                    "Add a CHECK constraint to the child that says what the partition's bounds say, NOT VALID, and"
                            + " validate it: ATTACH then does not scan.",
                    "ATTACH with a lock_timeout and retries; drop the CHECK."),
            way(
                    "^(?:update|delete)\\b",
                    "Change {relation} in batches of some thousand rows, each in a transaction of its own, with pauses:"
                            + " rows stay locked only as long as one batch takes.",
                    "VACUUM (ANALYZE) {relation} when it is done."));

    private static SaferWay way(String pattern, String... steps) {
        return new SaferWay(Pattern.compile(pattern, Pattern.CASE_INSENSITIVE), List.of(steps));
    }

    /** The steps for a statement that locked a relation for too long by what it does. */
    static String of(String sql, String relation) {
        String line = Statements.oneLine(sql);
        for (SaferWay kind : KINDS) {
            Matcher matcher = kind.pattern().matcher(line);
            if (matcher.find()) {
                String name = kind.pattern().pattern().contains("?<name>") ? matcher.group("name") : "";
                return numbered(kind.steps().stream()
                        .map(step -> withRelation(step, relation).replace("{name}", name))
                        .toList());
            }
        }
        return numbered(List.of(
                "Split the work: what needs the strong lock on " + relation
                        + " in a transaction of its own, as short as can be.",
                RETRY));
    }

    /** Between back-quotes a step is SQL to copy, outside of them it is a sentence. */
    private static String withRelation(String step, String relation) {
        String[] parts = step.split("`", -1);
        for (int i = 0; i < parts.length; i++) {
            parts[i] =
                    parts[i].replace("{relation}", i % 2 == 0 ? relation : Quoted.readable(relation.split("\\.", 2)));
        }
        return String.join("`", parts);
    }

    /** The steps for a statement that was quick itself, but made everybody wait while it waited. */
    static String ofWaiting(String relation) {
        return numbered(List.of(
                "Before the statement: `SET lock_timeout = '500ms'`. It then gives up before the queue behind it hurts.",
                "On SQLSTATE 55P03 wait some seconds and try again, a bounded number of times (`lockTimeout` and"
                        + " `retries` of a variant rehearse exactly that).",
                "Before the first try look for whoever holds " + relation
                        + " for long: `SELECT a.pid, now() - a.xact_start AS age, a.state, l.mode, a.query FROM pg_locks l"
                        + " LEFT JOIN pg_stat_activity a USING (pid) WHERE l.granted AND l.relation = '" + relation
                        + "'::regclass ORDER BY a.xact_start`.",
                "Run it when long reads, reports and dumps are rare."));
    }

    /**
     * The steps against deadlocks with the workload.
     *
     * @param rows whether both sides waited for rows, and not for tables
     */
    static String ofDeadlock(boolean rows) {
        String retry =
                "On SQLSTATE 40P01 try again, a bounded number of times (`retries` of a variant rehearse that); and see"
                        + " that the application does so, too.";
        return numbered(
                rows
                        ? List.of(
                                "Change rows in small batches, each a transaction of its own, in the order of the key in which the"
                                        + " application changes them.",
                                retry)
                        : List.of(
                                "Take locks in the order in which the application takes them, and give each table a transaction of its"
                                        + " own where the statements allow it.",
                                "`SET lock_timeout = '500ms'`: it usually gives way before anybody's deadlock_timeout has passed.",
                                retry));
    }

    /** The one step that would have helped everybody who waited for the statement that made most wait. */
    static String firstFor(Recording recording) {
        Statement worst = Statements.runs(recording).stream()
                .filter(run -> run.blocking().sessionMs() > 0)
                .max(Comparator.comparingDouble(run -> run.blocking().sessionMs()))
                .orElse(null);
        Lock strongest = worst == null ? null : Statements.tellingLock(recording, worst);
        if (worst == null || strongest == null) {
            return BOUND_THE_WAIT;
        }
        return strongest.waitedMs() > strongest.heldMs()
                ? BOUND_THE_WAIT
                : of(worst.sql(), strongest.relation())
                        .lines()
                        .findFirst()
                        .orElseThrow()
                        .substring("1. ".length());
    }

    /** Steps as numbered lines. */
    static String numbered(List<String> steps) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < steps.size(); i++) {
            text.append(i == 0 ? "" : "\n")
                    .append(String.format(
                            Locale.ROOT, "%d. %s", i + 1, steps.get(i).replaceAll("\\s+", " ")));
        }
        return text.toString();
    }
}
