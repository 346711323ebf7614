package dev.pgrehearse.profiling;

import java.sql.Connection;
import java.sql.SQLException;

/** What one read-only transaction asks. */
@FunctionalInterface
interface Look<T> {
    T at(Connection connection) throws SQLException;
}
