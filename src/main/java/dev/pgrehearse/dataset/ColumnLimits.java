package dev.pgrehearse.dataset;

import dev.pgrehearse.values.ColumnShape;
import java.sql.Connection;
import java.util.List;

final class ColumnLimits {
    static ColumnLimits read(Connection connection) {
        return new ColumnLimits();
    }

    ColumnShape.Limits of(long table, int column) {
        return ColumnShape.Limits.NONE;
    }

    List<String> listOf(long table, int column) {
        return List.of();
    }
}
