package dev.pgrehearse.verdict;

import dev.pgrehearse.postgres.LockMode;
import dev.pgrehearse.recording.OperationPlans;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.StatementPlan;
import dev.pgrehearse.recording.StatementPlans;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which statement of the migration is behind what an operation met. Pure. */
final class Culprit {
    private static final Pattern QUOTED = Pattern.compile("\"([^\"]+)\"");
    private static final Pattern NAMED =
            Pattern.compile("\\b(?:column|relation|function|procedure|type|table) ([\\w$.]+)");

    private Culprit() {}

    /**
     * The last statement that ended ok and names what the message misses; else the last one that locked everybody out of a
     * relation that the operation uses; null when there is neither.
     */
    static @Nullable Statement of(Recording recording, OperationPlans operation, String message) {
        Set<String> missing = missing(message);
        Statement naming = null;
        for (Statement run : ended(recording)) {
            Set<String> names = SetColumns.names(run.sql());
            if (missing.stream().anyMatch(names::contains)) {
                naming = run;
            }
        }
        return naming != null ? naming : of(recording, operation);
    }

    /** The last statement that ended ok and had ACCESS EXCLUSIVE on a relation of the operation's; null when there is none. */
    static @Nullable Statement of(Recording recording, OperationPlans operation) {
        Set<String> relations = relations(operation);
        Statement last = null;
        for (Statement run : ended(recording)) {
            if (locksOut(run, relations)) {
                last = run;
            }
        }
        return last;
    }

    /**
     * The last statement that had begun by then, ended ok, and locked everybody out of a relation that the operation uses: what came
     * after it may have begun, too, before the operation met what it did. When there is none, the last that had begun; null without any.
     *
     * @param operation null when its plans are not known
     */
    static @Nullable Statement before(Recording recording, @Nullable OperationPlans operation, double atMs) {
        Set<String> relations = operation == null ? Set.of() : relations(operation);
        Statement last = null;
        Statement itsOwn = null;
        for (Statement run : ended(recording)) {
            if (run.startMs() <= atMs) {
                last = run;
                itsOwn = locksOut(run, relations) ? run : itsOwn;
            }
        }
        return itsOwn == null ? last : itsOwn;
    }

    private static boolean locksOut(Statement run, Set<String> relations) {
        return run.locks().stream()
                .anyMatch(lock -> lock.granted()
                        && lock.mode().equals(LockMode.ACCESS_EXCLUSIVE.sqlName())
                        && relations.contains(lock.relation()));
    }

    /** Relations in any of the operation's plans. */
    static Set<String> relations(OperationPlans operation) {
        Set<String> relations = new LinkedHashSet<>();
        for (StatementPlans statement : operation.statements()) {
            Stream.concat(statement.plansBefore().stream(), statement.plansAfter().stream())
                    .map(StatementPlan::relations)
                    .forEach(relations::addAll);
        }
        return relations;
    }

    private static List<Statement> ended(Recording recording) {
        return Statements.runs(recording).stream()
                .filter(run -> run.outcome().equals("ok"))
                .toList();
    }

    /** The names in the server's words, without schema, alias and arguments. */
    private static Set<String> missing(String message) {
        Set<String> names = new LinkedHashSet<>();
        for (Pattern pattern : List.of(QUOTED, NAMED)) {
            for (Matcher found = pattern.matcher(message); found.find(); ) {
                String name = found.group(1);
                names.add(name.substring(name.lastIndexOf('.') + 1));
            }
        }
        return names;
    }
}
