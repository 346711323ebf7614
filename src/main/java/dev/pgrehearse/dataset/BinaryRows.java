package dev.pgrehearse.dataset;

import dev.pgrehearse.values.BinaryType;
import dev.pgrehearse.values.CopyBuffer;
import dev.pgrehearse.values.ValueGenerator;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Rows in the binary format: the server reads a time, a UUID or a long text two to four times as fast as from text, and
 * a server's core is what bounds a load.
 */
final class BinaryRows implements RowFormat {
    private static final byte[] HEADER = {
        'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xFF, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
    };
    private static final byte[] TRAILER = {-1, -1};
    /** Tried before anything is sent, at the beginning and spread over the table. */
    private static final int TRIED_ROWS = 500;

    /** Bytes of a row in text from which on finding its tabs and newlines costs the server more than a row's lengths. */
    private static final int LONG_ROW = 128;

    private static final String TYPES = """
            with recursive base as (
                select a.attname, t.oid, t.typtype, t.typbasetype
                from pg_attribute a join pg_type t on t.oid = a.atttypid
                where a.attrelid = ?::bigint::oid and a.attnum > 0 and not a.attisdropped
                union all
                select base.attname, t.oid, t.typtype, t.typbasetype
                from base join pg_type t on t.oid = base.typbasetype)
            select attname, oid::bigint, typtype::text from base where typtype <> 'd'\
            """;

    private final TablePlan table;
    private final ValueGenerator[] values;
    private final BinaryType[] types;

    BinaryRows(TablePlan table, List<BinaryType> types) {
        this.table = table;
        this.values = table.columns().stream().map(ColumnPlan::values).toArray(ValueGenerator[]::new);
        this.types = types.toArray(BinaryType[]::new);
        if (values.length != this.types.length) {
            throw new IllegalArgumentException(this.types.length + " types for " + values.length + " columns");
        }
    }

    /** The format that a table is loaded in: binary when all its columns have it, and all rows that are tried. */
    static RowFormat formatOf(TablePlan table, Connection connection) throws SQLException {
        RowFormat text = new TextRows(table);
        return typesOf(table, connection)
                .map(types -> new BinaryRows(table, types))
                .filter(binary -> binary.pays(text) && takesTriedRows(binary, table.rows()))
                .<RowFormat>map(binary -> binary)
                .orElse(text);
    }

    /** For whole numbers, decimals and short texts both forms take the server as long, and text is the smaller one. */
    private boolean pays(RowFormat text) {
        if (Arrays.stream(types).anyMatch(BinaryType::pays)) {
            return true;
        }
        CopyBuffer rows = new CopyBuffer(1024);
        long tried = Math.min(TRIED_ROWS, table.rows());
        for (long row = 0; row < tried; row++) {
            text.copyRow(rows, row);
        }
        return rows.length() > tried * LONG_ROW;
    }

    /** Of the columns that COPY fills, a domain as what it is based on; empty when one has none. */
    static Optional<List<BinaryType>> typesOf(TablePlan table, Connection connection) throws SQLException {
        Map<String, BinaryType> known = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(TYPES)) {
            statement.setLong(1, table.table().oid());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    @Nullable BinaryType type = BinaryType.of(rows.getLong(2), rows.getString(3));
                    if (type != null) {
                        known.put(rows.getString(1), type);
                    }
                }
            }
        }
        List<BinaryType> types = new ArrayList<>();
        for (ColumnPlan column : table.columns()) {
            @Nullable BinaryType type = known.get(column.name());
            if (type == null) {
                return Optional.empty();
            }
            types.add(type);
        }
        return Optional.of(types);
    }

    private static boolean takesTriedRows(RowFormat format, long rows) {
        CopyBuffer buffer = new CopyBuffer(1024);
        try {
            LongStream.concat(
                            LongStream.range(0, Math.min(TRIED_ROWS, rows)),
                            LongStream.range(0, TRIED_ROWS)
                                    .map(part -> (long) ((double) (rows - 1) / TRIED_ROWS * part)))
                    .forEach(row -> {
                        buffer.clear();
                        format.copyRow(buffer, row);
                    });
            return true;
        } catch (NotBinary unknown) {
            return false;
        }
    }

    @Override
    public String options() {
        return "format binary";
    }

    @Override
    public byte[] header() {
        return HEADER.clone();
    }

    @Override
    public byte[] trailer() {
        return TRAILER.clone();
    }

    @Override
    public void copyRow(CopyBuffer out, long row) {
        out.int16(values.length);
        for (int column = 0; column < values.length; column++) {
            if (!values[column].copyBinaryTo(out, row, types[column])) {
                throw new NotBinary("column " + table.columns().get(column).name() + ", row " + row);
            }
        }
    }
}
