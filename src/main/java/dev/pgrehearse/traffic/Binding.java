package dev.pgrehearse.traffic;

import org.jspecify.annotations.Nullable;

/**
 * What a parameter is compared with, or assigned to.
 *
 * @param parameter its number
 * @param sql makes its value of a row: an expression over columns under their aliases
 * @param alias of the table whose row it is
 * @param column whose values it takes, for names; null when it is no plain column
 * @param use how it is used
 * @param element which of several values of the same kind it is, from 0: each is of another row
 */
record Binding(
        int parameter, String sql, String alias, @Nullable String column, Use use, int element) {
    enum Use {
        /** Compared. */
        COMPARED,
        /** The lower end of a range. */
        FROM,
        /** The upper end of a range. */
        TO,
        /** Given to a column. */
        ASSIGNED
    }
}
