package dev.pgrehearse.observe;

import java.util.List;

/**
 * What a run of the migration sent for one statement: the statement itself, or batches of a back-fill.
 *
 * @param batches the texts of batches, one of each kind: they differ in constants only; empty for the statement itself
 * @param ended how often any of them ended without an error
 * @param failed how often one failed
 */
public record Sent(List<String> batches, long ended, long failed) {
    public Sent {
        batches = List.copyOf(batches);
    }

    static Sent itself(boolean failed) {
        return new Sent(List.of(), failed ? 0 : 1, failed ? 1 : 0);
    }
}
