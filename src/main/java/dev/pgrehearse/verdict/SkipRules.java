package dev.pgrehearse.verdict;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.IndexFacts;
import dev.pgrehearse.recording.Recording.Notice;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.scenario.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The functions of the rule about statements that succeeded because something of that name was there already. Pure. */
final class SkipRules {
    /**
     * The SQLSTATEs of "already exists, skipping": duplicate_table (indexes too), duplicate_column, duplicate_object,
     * duplicate_schema, duplicate_function. Source: PostgreSQL documentation, appendix "PostgreSQL Error Codes".
     */
    private static final Set<String> ALREADY_EXISTS = Set.of("42P07", "42701", "42710", "42P06", "42723");

    private SkipRules() {}

    static List<Finding> alreadyThere(Recording recording, Limits limits) {
        List<Finding> findings = new ArrayList<>();
        for (List<Statement> runs : Statements.byIndex(recording).values()) {
            Statement last = null;
            for (Statement run : runs) {
                last = run.outcome().equals("ok") && notice(run) != null ? run : last;
            }
            if (last != null && !isToldAsInvalid(recording, last)) {
                findings.add(finding(recording, last));
            }
        }
        return findings;
    }

    /** The first notice that something is there already; null when there is none. */
    static @Nullable Notice notice(Statement run) {
        return run.notices().stream()
                .filter(notice -> {
                    String state = notice.sqlState();
                    return state != null && ALREADY_EXISTS.contains(state);
                })
                .findFirst()
                .orElse(null);
    }

    private static boolean isToldAsInvalid(Recording recording, Statement run) {
        return recording.indexes().stream().anyMatch(index -> {
            Statement skipped = IndexRules.skipped(recording, index);
            return skipped != null && skipped.index() == run.index();
        });
    }

    private static Finding finding(Recording recording, Statement run) {
        Notice notice = Objects.requireNonNull(notice(run));
        String difference = difference(recording, run);
        boolean index = IndexStatement.of(run.sql()).isPresent();
        String effect = "For what the notice names, the server did nothing"
                + (notice.sqlState() == null ? "" : " (SQLSTATE " + notice.sqlState() + ")")
                + ": IF NOT EXISTS looks at the name alone. ";
        return new Finding(
                "already-there",
                difference == null ? Severity.WARNING : Severity.NO_GO,
                run.index(),
                1,
                0,
                Finding.COUNT,
                Statements.brief(run.sql()) + " reported success, but: " + Statements.brief(notice.message())
                        + (difference == null ? "" : "; " + difference),
                effect
                        + (difference == null
                                ? "Whether what is there is what the statement describes was not checked by anybody."
                                : "Whoever reads the migration's log believes that the index is there; it is not, and the"
                                        + " time and locks of its build were not rehearsed."),
                SaferWay.numbered(
                        index
                                ? List.of(
                                        "Compare `SELECT indexrelid::regclass, pg_get_indexdef(indexrelid), indisvalid FROM"
                                                + " pg_index` with what is wanted.",
                                        "Leave IF NOT EXISTS out, or give the new index a name that nobody has.")
                                : List.of(
                                        "Compare what is there with what is wanted, in the migration itself: let it fail"
                                                + " when it is something else.",
                                        "See whether production has it too: else the rehearsal skipped what production"
                                                + " will do.")));
    }

    /** How the index that kept a CREATE INDEX from building certainly differs from it; null when that cannot be told. */
    private static @Nullable String difference(Recording recording, Statement run) {
        IndexShape asked = IndexShape.of(run.sql()).orElse(null);
        String name = asked == null ? null : asked.statement().name();
        if (asked == null || name == null || isTouchedLater(recording, run, name)) {
            return null;
        }
        List<IndexFacts> named = recording.indexes().stream()
                .filter(index -> isNamed(index, name, asked.statement().schema()))
                .toList();
        String definition =
                named.size() == 1 && named.get(0).existsAfter() ? named.get(0).definition() : null;
        IndexShape there = definition == null ? null : IndexShape.of(definition).orElse(null);
        return there == null ? null : asked.difference(there);
    }

    /** The recording has the definition at the end; what came after the skip may have changed it. */
    private static boolean isTouchedLater(Recording recording, Statement run, String name) {
        return Statements.runs(recording).stream()
                .anyMatch(other -> other.startMs() >= run.endMs()
                        && other.index() != run.index()
                        && other.sql().toLowerCase(Locale.ROOT).contains(name.toLowerCase(Locale.ROOT)));
    }

    private static boolean isNamed(IndexFacts index, String name, @Nullable String schema) {
        return schema == null
                ? IndexStatement.same(index.name(), name)
                : index.name().equals(schema.equals("public") ? name : schema + "." + name);
    }
}
