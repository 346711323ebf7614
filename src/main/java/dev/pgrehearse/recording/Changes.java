package dev.pgrehearse.recording;

import java.util.List;

/**
 * What the migration changed for those that go on using the database.
 *
 * @param operations plans and times of each operation before the migration and after it, in the workload's order; empty
 *     when neither plans nor times could be read
 * @param tables those that the migration touched, or whose state is worse than before, by name
 * @param errors what the server answered to tries that ended as {@code sql_error}, by operation, then in order of their first
 */
public record Changes(List<OperationPlans> operations, List<TableChange> tables, List<SqlErrors> errors) {
    public static final Changes NONE = new Changes(List.of(), List.of(), List.of());
}
