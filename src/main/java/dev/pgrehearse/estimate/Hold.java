package dev.pgrehearse.estimate;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Statement;
import dev.pgrehearse.verdict.Standstill;
import dev.pgrehearse.verdict.Statements;
import java.util.Optional;

/**
 * Something that makes others stand still, with the statements whose time it lasts: its own, and those that come after it in
 * the same transaction.
 *
 * @param first the number of its statement
 * @param last the number of the last statement before it is given back
 * @param factor how many times as long it was held under load as the quiet runs say, at least 1
 */
record Hold(Standstill standstill, int first, int last, double factor) {
    /** What is held no longer is measured by no clock of ours to within a share of itself. */
    static final double NOTICEABLE_SECONDS = 0.1;

    /** Those of batches, and those that were never had, do not last as long as a statement. */
    boolean lasts() {
        return !standstill.perBatch() && (standstill.rows() || standstill.heldMs() > 0);
    }

    double waitedSeconds() {
        return standstill.waitedMs() / 1e3;
    }

    double heldSeconds() {
        return standstill.heldMs() / 1e3;
    }

    /** Seconds that it is held at a size; empty where that is not known. */
    Optional<Span> at(Durations durations, double share) {
        return lasts()
                ? durations.at(share, first, last).map(span -> span.stretched(factor))
                : Optional.of(Span.of(heldSeconds()));
    }

    /** The same with the wait for it, behind which everybody queues who comes later. */
    Optional<Span> withWait(Durations durations, double share) {
        return at(durations, share).map(span -> span.plus(waitedSeconds()));
    }

    /** As it was measured at a size under load. */
    static Hold of(Standstill standstill, Recording recording, Durations durations, double share) {
        int first = standstill.index();
        Hold plain = new Hold(standstill, first, heldUntil(first, recording), 1);
        double expected = plain.at(durations, share).map(Span::central).orElse(0.0);
        return plain.lasts() ? new Hold(standstill, first, plain.last, factor(plain.heldSeconds(), expected)) : plain;
    }

    /** How many times as long something takes under load: 1 when it is not longer, or when that is too short to be told. */
    static double factor(double loadedSeconds, double quietSeconds) {
        return quietSeconds < NOTICEABLE_SECONDS ? 1 : Math.max(1, loadedSeconds / quietSeconds);
    }

    /** A lock is given back at the end of the transaction: that of the statement alone, or the one around it. */
    private static int heldUntil(int index, Recording recording) {
        boolean open = false;
        boolean within = false;
        int last = index;
        for (Statement statement : Statements.runs(recording)) {
            String words = Recognition.words(statement.sql());
            if (words.matches("(begin|start transaction)\\b.*")) {
                open = true;
            }
            if (statement.index() == index) {
                within = open && !statement.wrapped();
                last = index;
            } else if (within && statement.index() > index) {
                last = statement.index();
            }
            if (words.matches("(commit|end|abort|prepare transaction|rollback(?! (work |transaction )?to))\\b.*")) {
                open = words.contains("and chain");
                if (within) {
                    return last;
                }
            }
        }
        return last;
    }
}
