package dev.pgrehearse.verdict;

import dev.pgrehearse.recording.OperationPlans;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.IndexFacts;
import dev.pgrehearse.recording.Recording.IndexScans;
import dev.pgrehearse.recording.Recording.IndexUse;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.recording.StatementPlans;
import dev.pgrehearse.recording.TableChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whether an index that the migration built was needed, or one that it dropped was: which operations' plans use it, what it
 * gives them, and what it costs.
 *
 * @param index what became of it
 * @param users operations whose plans use it afterwards; of one that is gone, those whose plans used it before
 * @param writers operations that write to its table, and do not use it
 * @param buildMs how long the statement took that built it; null when that is not known
 * @param walBytes the WAL of that; null when that is not known
 * @param sentence all of it in a sentence, without a full stop
 */
public record IndexWorth(
        IndexFacts index,
        List<String> users,
        List<String> writers,
        @Nullable Double buildMs,
        @Nullable Long walBytes,
        String sentence) {
    private static final int MOST_OPERATIONS = 5;

    /** Of each index that the migration made or dropped, in the recording's order. */
    public static List<IndexWorth> of(Recording recording) {
        return recording.indexes().stream()
                .filter(index -> index.made() || !index.existsAfter())
                .map(index -> of(recording, index))
                .toList();
    }

    private static IndexWorth of(Recording recording, IndexFacts index) {
        List<OperationPlans> users = new ArrayList<>();
        List<OperationPlans> writers = new ArrayList<>();
        for (OperationPlans operation : recording.changes().operations()) {
            if (operation.statements().stream().anyMatch(statement -> usedBy(statement, index))) {
                users.add(operation);
            } else if (operation.statements().stream().anyMatch(statement -> statement.writesTo(index.table()))) {
                writers.add(operation);
            }
        }
        Statement built = index.made() ? built(recording, index) : null;
        List<String> parts = new ArrayList<>();
        parts.add(use(recording, index, users));
        beneath(index, names(users)).ifPresent(parts::add);
        if (index.made()) {
            if (index.coveredBy() != null) {
                parts.add(index.coveredBy() + " was there already and serves the same");
            }
            writers.stream()
                    .filter(writer -> !PlanWords.service(writer).isEmpty())
                    .limit(MOST_OPERATIONS)
                    .forEach(writer -> parts.add(writer.operation() + ", which writes to " + index.table() + ", takes "
                            + PlanWords.service(writer) + " (median service time)"));
            TableChange table = tableOf(recording, index);
            String hot = table == null ? "" : PlanWords.hot(table.hotShareBefore(), table.hotShareAfter());
            if (!hot.isEmpty()) {
                parts.add(hot + " of the updates of " + index.table());
            }
        }
        return new IndexWorth(
                index,
                names(users),
                names(writers),
                built == null ? null : Double.valueOf(built.endMs() - built.startMs()),
                built == null ? null : built.walBytes(),
                String.join("; ", parts));
    }

    private static boolean usedBy(StatementPlans statement, IndexFacts index) {
        return index.existsAfter()
                ? statement.uses(index.name())
                : statement.plansBefore().stream()
                        .anyMatch(plan -> plan.indexes().contains(index.name()));
    }

    private static List<String> names(List<OperationPlans> operations) {
        return operations.stream().map(OperationPlans::operation).toList();
    }

    private static String use(Recording recording, IndexFacts index, List<OperationPlans> users) {
        if (index.existsAfter() && index.invalid()) {
            return "INVALID: no query can use it";
        }
        boolean read = recording.changes().operations().stream()
                .flatMap(operation -> operation.statements().stream())
                .anyMatch(statement ->
                        !(index.existsAfter() ? statement.plansAfter() : statement.plansBefore()).isEmpty());
        if (!read) {
            return "whether an operation uses it is not known: no plans were read";
        }
        if (users.isEmpty()) {
            return (index.existsAfter()
                            ? "no operation of this workload uses it"
                            : "no operation of this workload used it")
                    + scanned(index) + "; of other traffic that says nothing";
        }
        List<String> told = new ArrayList<>();
        for (OperationPlans user : users.subList(0, Math.min(MOST_OPERATIONS, users.size()))) {
            StatementPlans statement = user.statements().stream()
                    .filter(each -> usedBy(each, index))
                    .findFirst()
                    .orElseThrow();
            String p95 = PlanWords.p95(user);
            told.add(user.operation() + ": plan " + PlanWords.change(statement) + aRequest(index, user.operation())
                    + (p95.isEmpty() ? "" : ", " + p95 + ", median service time " + PlanWords.service(user)));
        }
        int more = users.size() - told.size();
        Long scans = index.scans().recovery();
        return (index.existsAfter() ? "used by " : "was used by ")
                + String.join("; by ", told)
                + (more > 0 ? "; and by " + Figures.count(more, "other operation", "other operations") : "")
                + (index.existsAfter() && scans != null
                        ? "; scanned " + Figures.count(scans, "time", "times") + " in the recovery, by anybody"
                        : "");
    }

    /** Such as ", 1 scan a request"; empty where nobody looked, or saw none. */
    private static String aRequest(IndexFacts index, String operation) {
        return uses(index)
                .filter(use -> use.operation().equals(operation))
                .findFirst()
                .map(use -> ", " + scansOf(use))
                .orElse("");
    }

    private static String scansOf(IndexUse use) {
        double each = (double) use.scans() / use.requests();
        return Figures.plain(each) + (use.scans() == use.requests() ? " scan" : " scans") + " a request";
    }

    private static Stream<IndexUse> uses(IndexFacts index) {
        List<IndexUse> uses = index.scannedBy();
        return uses == null ? Stream.empty() : uses.stream();
    }

    /** Operations that scan it, and of which no plan that was read does. */
    private static Optional<String> beneath(IndexFacts index, List<String> users) {
        List<String> told = uses(index)
                .filter(use -> !users.contains(use.operation()))
                .map(use -> use.operation() + " (" + scansOf(use) + ")")
                .toList();
        return told.isEmpty()
                ? Optional.empty()
                : Optional.of("scanned, and not by a plan that was read, by "
                        + String.join(", ", told.subList(0, Math.min(MOST_OPERATIONS, told.size())))
                        + (told.size() > MOST_OPERATIONS
                                ? " and " + Figures.count(told.size() - MOST_OPERATIONS, "other", "others")
                                : "")
                        + ": by foreign keys, triggers, functions, or the planner itself");
    }

    /** Scans that no plan tells of. */
    private static String scanned(IndexFacts index) {
        IndexScans scans = index.scans();
        Long recovery = scans.recovery();
        return index.existsAfter() && recovery != null && recovery > 0
                ? ", though it was scanned " + Figures.count(recovery, "time", "times")
                        + " in the recovery: by foreign keys, triggers, functions, or the planner itself"
                : "";
    }

    /** The last run that built it: of the statement that names it, or that makes one of its shape without a name. */
    private static @Nullable Statement built(Recording recording, IndexFacts index) {
        Statement last = null;
        for (Statement run : Statements.runs(recording)) {
            if (run.outcome().equals("ok") && builds(run.sql(), index)) {
                last = run;
            }
        }
        return last;
    }

    private static boolean builds(String sql, IndexFacts index) {
        IndexStatement create = IndexStatement.of(sql).orElse(null);
        if (create == null) {
            // A constraint's index has the constraint's name.
            Set<String> names = SetColumns.names(sql);
            return names.contains("constraint") ? names.contains(bare(index.name())) : addsKey(sql, names, index);
        }
        if (create.name() != null) {
            return create.isFor(index);
        }
        String definition = index.definition();
        return definition != null
                && IndexShape.of(sql)
                        .flatMap(asked -> IndexShape.of(definition).map(there -> asked.difference(there) == null))
                        .orElse(false);
    }

    /** Whether it adds that key to the table, whose name is left to the server. */
    private static boolean addsKey(String sql, Set<String> names, IndexFacts index) {
        String definition = index.definition();
        return definition != null
                && index.enforces()
                && names.containsAll(Set.of("alter", "table", "add", bare(index.table())))
                && IndexShape.of(definition)
                        .map(shape -> IndexShape.keysAdded(sql).contains(shape.keys()))
                        .orElse(false);
    }

    private static String bare(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /** The state of the index's table; null when it was not read. */
    static @Nullable TableChange tableOf(Recording recording, IndexFacts index) {
        return recording.changes().tables().stream()
                .filter(table -> table.name().equals(index.table()))
                .findFirst()
                .orElse(null);
    }
}
