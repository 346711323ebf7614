package dev.pgrehearse.report;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.IndexFacts;
import dev.pgrehearse.verdict.Figures;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An index that the migration made, dropped, repaired or left INVALID, as the reports show it.
 *
 * @param tone a CSS class of ours: {@code go}, {@code no-go} or {@code unknown}
 * @param state such as {@code new} or {@code still INVALID}
 * @param note what an INVALID one costs; empty for any other
 * @param size at the end; a dash when it is gone
 * @param baseline scans in that phase; a dash where they are not known
 * @param users operations that scan it afterwards, and how often a request; a dash where none does or nobody looked
 * @param covered which index does its work already, and why; a dash when none does
 */
record IndexView(
        IndexFacts facts,
        String tone,
        String state,
        String note,
        String size,
        String baseline,
        String migration,
        String recovery,
        String users,
        String covered) {
    private static final String NONE = "–";

    /** Those that changed or are INVALID, by table and name. */
    static List<IndexView> of(Recording recording) {
        return recording.indexes().stream()
                .filter(IndexView::isWorthTelling)
                .map(IndexView::of)
                .toList();
    }

    /** How many there are besides, in words; empty when there is nothing to say. */
    static String others(Recording recording) {
        long untold = recording.indexes().stream()
                        .filter(index -> !isWorthTelling(index))
                        .count()
                + recording.indexesLeftOut();
        return untold == 0 ? "" : Figures.count(untold, "other index is", "other indexes are") + " as before.";
    }

    private static boolean isWorthTelling(IndexFacts index) {
        return !index.existedBefore()
                || !index.existsAfter()
                || index.invalid()
                || !Objects.equals(index.valid(), index.validBefore());
    }

    private static IndexView of(IndexFacts index) {
        return new IndexView(
                index,
                index.invalid() ? "no-go" : index.coveredBy() != null ? "unknown" : "go",
                state(index),
                note(index),
                index.sizeBytes() == null
                        ? NONE
                        : Figures.bytes(index.sizeBytes().doubleValue()),
                count(index.scans().baseline()),
                count(index.scans().migration()),
                count(index.scans().recovery()),
                users(index),
                covered(index));
    }

    private static String state(IndexFacts index) {
        if (!index.existsAfter()) {
            return "gone";
        }
        if (index.invalid() && index.existedBefore()) {
            return Boolean.FALSE.equals(index.validBefore()) ? "still INVALID" : "INVALID now";
        }
        if (index.invalid()) {
            return "new, INVALID";
        }
        return index.existedBefore() ? "was INVALID, valid now" : "new";
    }

    private static String note(IndexFacts index) {
        if (!index.invalid()) {
            return "";
        }
        if (index.ofPartitionedTable()) {
            return "not every partition has an index attached to it";
        }
        return Boolean.TRUE.equals(index.ready())
                ? "each write maintains it, no query uses it"
                        + (index.enforces() ? ", but it still rejects duplicates" : "")
                : "no query uses it, no write maintains it yet";
    }

    private static String users(IndexFacts index) {
        List<Recording.IndexUse> uses = index.scannedBy();
        return uses == null || uses.isEmpty()
                ? NONE
                : uses.stream()
                        .map(use -> use.operation() + " " + Figures.plain((double) use.scans() / use.requests()))
                        .collect(Collectors.joining(", "));
    }

    private static String covered(IndexFacts index) {
        if (index.coveredBy() != null) {
            return index.coveredBy() + ": " + index.coverage();
        }
        return index.coverage() == null ? NONE : index.coverage();
    }

    private static String count(@Nullable Long scans) {
        return scans == null ? NONE : Figures.count(scans);
    }
}
