package dev.pgrehearse.observe;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A statement of the workload whose plans are wanted.
 *
 * @param operation the operation that it is of
 * @param number its place there, from 1
 * @param sql with {@code ?} for each parameter, as the driver is given it
 * @param parameters how many there are
 * @param samples values for all of them, in the text form that PostgreSQL reads; none where some come from the rows of other
 *     statements
 */
public record PlannedStatement(
        String operation, int number, String sql, int parameters, List<List<@Nullable String>> samples) {}
