package dev.pgrehearse.dataset;

import dev.pgrehearse.values.Keys;
import java.util.List;

/** A schema that exists, and how each of its tables will be filled, or has been. Immutable and thread-safe. */
public final class PreparedDataset {
    private final List<TablePlan> tables;
    private final Keys keys;
    private final List<String> notices;

    PreparedDataset(List<TablePlan> tables, Keys keys, List<String> notices) {
        this.tables = List.copyOf(tables);
        this.keys = keys;
        this.notices = List.copyOf(notices);
    }

    /** Those that get rows. */
    List<TablePlan> tables() {
        return tables;
    }

    /** What references point at; the workload's parameters need it too. */
    public Keys keys() {
        return keys;
    }

    /** What a user should know though it is no mistake, such as weights that a unique key overrules. */
    public List<String> notices() {
        return notices;
    }

    /** All rows of all tables. */
    public long rows() {
        return tables.stream().mapToLong(TablePlan::rows).sum();
    }
}
