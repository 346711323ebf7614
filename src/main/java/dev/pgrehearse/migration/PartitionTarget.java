package dev.pgrehearse.migration;

/** The relation that a REINDEX or CLUSTER is for: when it is partitioned, the command cannot run in a transaction. */
final class PartitionTarget {
    private PartitionTarget() {}

    /** The name as written, for {@code to_regclass}; empty when there is none, or when it cannot be told for certain. */
    static String of(StatementWords words) {
        int index = words.afterParentheses(1);
        if (words.at(0).equals("REINDEX")) {
            return words.isOneOf(index, "TABLE", "INDEX") ? words.nameAt(index + 1) : "";
        }
        if (words.at(index).equals("VERBOSE")) {
            index++;
        }
        // CLUSTER index ON table is the syntax from before 8.3, which still works
        int behind = words.afterName(index);
        return words.at(behind).equals("ON") ? words.nameAt(behind + 1) : words.nameAt(index);
    }
}
