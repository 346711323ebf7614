package dev.pgrehearse.estimate;

import dev.pgrehearse.estimate.KeysWanted.Work;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.Recording.TableFacts;
import dev.pgrehearse.recording.SizeFacts.IndexWidth;
import dev.pgrehearse.recording.SizeFacts.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which statements' indexes are to be built, and foreign keys checked, over their columns alone: those that are estimated beyond the top
 * rung, hang on a sort or a hash, and do what can be told and done with the schema as it is before the migration.
 *
 * @param wanted the statement first that takes longest; those last whose rungs do not agree
 * @param not why a statement that sorts or hashes has none, the end of a sentence, by its number
 */
public record KeysChoice(List<KeysWanted> wanted, Map<Integer, String> not) {
    private static final String BTREE = "btree";

    private static final Pattern CREATES =
            Pattern.compile("create (?:unique )?index (?:concurrently )?(?:if not exists )?(\\S+) .*");

    private static final Pattern OTHER_METHOD = Pattern.compile("\\busing (?!btree\\b)\\w+ ?\\(");
    private static final Pattern NAMES_CONSTRAINT = Pattern.compile("\\badd constraint\\b");
    private static final Pattern ADDS =
            Pattern.compile("alter table .*\\badd\\b.*\\b(primary key|unique)\\b(?!.*\\busing index\\b).*");

    /** What a table holds afterwards is not what its schema says, or not under that name. */
    private static final Pattern CHANGES = Pattern.compile("alter table .*("
            + "\\badd (?!constraint\\b|check\\b|foreign\\b|primary\\b|unique\\b|exclude\\b)"
            + "|\\bdrop (?!constraint\\b|not\\b|default\\b|expression\\b|identity\\b)"
            + "|\\brename\\b|\\balter (?:column )?\\S+ (?:set data )?type\\b).*");

    public KeysChoice {
        wanted = List.copyOf(wanted);
        not = Map.copyOf(not);
    }

    /** Why nothing is built alone for a statement. */
    private static final class NotAlone extends Exception {
        private static final long serialVersionUID = 1L;

        NotAlone(String why) {
            super(why);
        }
    }

    /** Whether a statement of the migration sorts or hashes what could be measured alone, as far as a rung's first run shows. */
    public static boolean sorts(Rung rung) {
        Rung.Run run = rung.runs().get(0);
        Ground ground = Ground.of(run.recording(), run.facts());
        return Estimator.statements(run.recording()).stream()
                .anyMatch(statement -> sorts(statement, run.recording(), ground));
    }

    private static boolean sorts(Statement statement, Recording recording, Ground ground) {
        Operation operation = Recognition.of(statement, recording);
        TableFacts table = ground.tableOf(statement, operation).orElse(null);
        if (table == null || !hangsOnKeys(operation)) {
            return false;
        }
        try {
            return !worksOf(operation, statement, table.name(), recording, ground)
                    .isEmpty();
        } catch (NotAlone why) {
            return false;
        }
    }

    /**
     * The choice.
     *
     * @param rungs the smallest first; may be empty
     * @param shrunk null when none was climbed
     */
    public static KeysChoice of(Estimator.Question question, List<Rung> rungs, @Nullable ShrunkLadder shrunk) {
        if (rungs.isEmpty()) {
            return new KeysChoice(List.of(), Map.of());
        }
        Rung last = rungs.get(rungs.size() - 1);
        Recording top = last.runs().get(0).recording();
        Ground ground = Ground.of(top, last.runs().get(0).facts());
        Map<Integer, Statement> statements = new HashMap<>();
        Estimator.statements(top).forEach(statement -> statements.put(statement.index(), statement));
        List<StatementEstimate> sorting =
                Estimator.estimate(question, rungs, shrunk, KeysAlone.AWAITED, null, null).statements().stream()
                        .filter(KeysChoice::hangsOnKeys)
                        .sorted(Comparator.comparing(KeysChoice::saysNothing)
                                .thenComparing(Comparator.comparingDouble(KeysChoice::seconds)
                                        .reversed()))
                        .toList();
        List<KeysWanted> wanted = new ArrayList<>();
        Map<Integer, String> not = new HashMap<>();
        for (StatementEstimate estimate : sorting) {
            Statement statement = statements.get(estimate.index());
            TableFacts table = ground.table(String.valueOf(estimate.table())).orElse(null);
            if (statement != null && table != null) {
                try {
                    List<Work> works = worksOf(estimate.operation(), statement, table.name(), top, ground);
                    int atTarget = Cliffs.workersAt(table, ground, estimate.targetRows());
                    int atTop = Cliffs.workersAt(table, ground, Recognised.rows(table.name(), last.rows()));
                    wanted.add(new KeysWanted(
                            estimate.index(),
                            table.name(),
                            works,
                            ground.facts().groups(),
                            ground.facts().references(),
                            ground.script().values(),
                            atTarget,
                            // Rungs with shrunk settings have the target's.
                            estimate.shrunk() == null ? atTop : atTarget,
                            estimate.shrunk() != null));
                } catch (NotAlone why) {
                    not.put(estimate.index(), String.valueOf(why.getMessage()));
                }
            }
        }
        return new KeysChoice(wanted, not);
    }

    private static boolean hangsOnKeys(StatementEstimate estimate) {
        Extrapolation duration = estimate.duration();
        return duration != null
                && duration.ratio() > 1
                && duration.central() > StatementEstimate.NEGLIGIBLE_SECONDS
                && hangsOnKeys(estimate.operation());
    }

    private static boolean hangsOnKeys(Operation operation) {
        return operation == Operation.FOREIGN_KEY_CHECK || operation.cliffs().contains(Cliff.Kind.SORT);
    }

    /** Which may be UNKNOWN in the end all the same: the others come first. */
    private static boolean saysNothing(StatementEstimate estimate) {
        Extrapolation duration = estimate.duration();
        return duration != null && StatementEstimator.isTooWide(duration);
    }

    private static double seconds(StatementEstimate estimate) {
        Extrapolation duration = estimate.duration();
        return duration == null ? 0 : duration.central();
    }

    private static List<Work> worksOf(
            Operation operation, Statement statement, String table, Recording top, Ground ground) throws NotAlone {
        if (!ground.script().unclear().isEmpty()) {
            throw new NotAlone(
                    "the script sets " + String.join(", ", ground.script().unclear()) + " to several values");
        }
        if (operation == Operation.FOREIGN_KEY_CHECK) {
            return List.of(checkOf(statement, table, top, ground));
        }
        mustBeAsBefore(statement, table, top);
        return indexesOf(operation, statement, table, ground).stream()
                .map(index ->
                        operation == Operation.CONCURRENT_BUILD ? Work.buildConcurrently(index) : Work.build(index))
                .toList();
    }

    /** In words of its own: the statement's may hang on what the script sets, or name what there is already. */
    private static Work checkOf(Statement statement, String table, Recording top, Ground ground) throws NotAlone {
        Reference reference = ForeignKeyWords.of(statement)
                .flatMap(words -> words.among(ground.facts().references()))
                .orElseThrow(() ->
                        new NotAlone("by its words it does not add one foreign key, of one column, and nothing else"));
        if (!reference.table().equals(table)) {
            throw new NotAlone("the table that is referred to has more rows than the one that refers");
        }
        mustBeAsBefore(statement, table, top);
        mustBeAsBefore(statement, reference.parent(), top);
        // Indexes of partitions have those as their tables. Whether both are checked by one plan shows when they were.
        boolean whole = ground.facts().indexes().stream()
                .anyMatch(index -> index.table().equals(reference.parent())
                        && index.columns().containsAll(reference.parentColumns()));
        if (!whole) {
            throw new NotAlone("the table that it refers to has partitions");
        }
        return new Work(
                "ALTER TABLE " + quoted(table) + " ADD FOREIGN KEY (" + quotedOnly(reference.columns())
                        + ") REFERENCES " + quoted(reference.parent()) + " (" + quotedOnly(reference.parentColumns())
                        + ")",
                reference.columns(),
                false);
    }

    private static String quoted(String relation) {
        return Arrays.stream(relation.split("\\.", 2))
                .map(KeysChoice::quotedName)
                .collect(Collectors.joining("."));
    }

    private static String quotedOnly(Set<String> columns) {
        return columns.stream().map(KeysChoice::quotedName).collect(Collectors.joining());
    }

    private static String quotedName(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private static void mustBeAsBefore(Statement statement, String table, Recording top) throws NotAlone {
        for (Statement earlier : Estimator.statements(top)) {
            if (earlier.index() < statement.index() && Recognition.of(earlier, top) == Operation.UNSEEN) {
                throw new NotAlone("nobody saw what statement " + earlier.index() + " does before");
            }
            if (earlier.index() < statement.index() && changes(earlier, table, top)) {
                throw new NotAlone("statement " + earlier.index() + " changes rows or columns of " + table
                        + " before, and they would be as they were");
            }
        }
    }

    private static void mustBeWhole(List<IndexWidth> indexes) throws NotAlone {
        if (indexes.stream().anyMatch(IndexWidth::partition)) {
            throw new NotAlone("it has to do with partitions");
        }
    }

    private static List<IndexWidth> indexesOf(Operation operation, Statement statement, String table, Ground ground)
            throws NotAlone {
        List<IndexWidth> sorted = ground.facts().indexes().stream()
                .filter(index -> index.table().equals(table) && isSorted(index))
                .toList();
        List<IndexWidth> made = sorted.stream()
                .filter(index -> ground.made().contains(index.name()))
                .toList();
        List<IndexWidth> indexes =
                operation == Operation.REWRITE ? rewritten(statement, sorted, made) : built(statement, made);
        mustBeWhole(indexes);
        if (indexes.stream()
                .anyMatch(
                        index -> index.definition().isEmpty() || index.columns().isEmpty())) {
            throw new NotAlone("nobody read which columns they need");
        }
        return indexes;
    }

    private static boolean isSorted(IndexWidth index) {
        return index.method().equals(BTREE);
    }

    private static boolean changes(Statement earlier, String table, Recording top) {
        Operation operation = Recognition.of(earlier, top);
        boolean rows = operation == Operation.BULK_UPDATE || operation == Operation.REWRITE;
        boolean columns = CHANGES.matcher(Recognition.words(earlier.sql())).matches();
        return Recognition.touched(earlier).contains(table) && (rows || columns);
    }

    /** What a rewrite builds anew: what was there, with the types that it had. */
    private static List<IndexWidth> rewritten(Statement statement, List<IndexWidth> sorted, List<IndexWidth> made)
            throws NotAlone {
        if (!made.isEmpty()) {
            throw new NotAlone("the migration builds other indexes of the table, too");
        }
        if (sorted.isEmpty()) {
            throw new NotAlone("the table has no index that is sorted for");
        }
        for (IndexWidth index : sorted) {
            String column = Retyped.oneOf(statement, index.columns()).orElse(null);
            if (column != null) {
                throw new NotAlone("it changes the type of " + column + ", which they hold");
            }
        }
        return sorted;
    }

    /** What its words name of what the migration made; without a name all that it made, when that is one. */
    private static List<IndexWidth> built(Statement statement, List<IndexWidth> made) throws NotAlone {
        String words = Recognition.words(statement.sql());
        Matcher creates = CREATES.matcher(words);
        boolean create = creates.matches();
        if (!create && !ADDS.matcher(words).matches()) {
            throw new NotAlone("by its words it creates none");
        }
        if (OTHER_METHOD.matcher(words).find()) {
            throw new NotAlone("it is no B-tree");
        }
        if (CHANGES.matcher(words).matches()) {
            throw new NotAlone("it changes columns as well");
        }
        boolean named = create
                ? !creates.group(1).equals("on")
                : NAMES_CONSTRAINT.matcher(words).find();
        List<IndexWidth> its =
                named ? made.stream().filter(index -> names(words, index)).toList() : made;
        if (its.isEmpty() || (its.size() > 1 && (create || !named))) {
            throw new NotAlone("nobody can tell which of the migration's indexes it builds");
        }
        return its;
    }

    private static boolean names(String words, IndexWidth index) {
        String name = index.name().substring(index.name().lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return Pattern.compile("(?<![\\w$])" + Pattern.quote(name) + "(?![\\w$])")
                .matcher(words)
                .find();
    }
}
