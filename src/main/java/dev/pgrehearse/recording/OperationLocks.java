package dev.pgrehearse.recording;

import java.util.List;

/**
 * The relation locks that an operation of the workload takes, as its own session read them just before its commit, in
 * requests of the warm-up.
 *
 * @param operation its name
 * @param readings in how many requests they were read; 0 when in none: the operation did not come up in the warm-up, or
 *     what it runs may commit by itself
 * @param locks of all these requests together, by relation and mode; without those of catalogues and temporary tables
 */
public record OperationLocks(String operation, int readings, List<Taken> locks) {
    /**
     * One lock.
     *
     * @param relation schema-qualified unless in {@code public}
     * @param mode SQL's name, such as {@code ROW EXCLUSIVE}
     */
    public record Taken(String relation, String mode) {}
}
