package dev.pgrehearse.traffic;

import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.traffic.TargetTable.Column;
import dev.pgrehearse.values.RowRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Values of a unique column that no row has: different for each number, and the same for the same number. Immutable.
 *
 * <p>Whole numbers start half-way between the greatest that exists and the greatest of the type, where no sequence comes to.
 */
final class NewValues {
    private static final List<String> TYPES = List.of(
            "uuid",
            "bigint",
            "integer",
            "text",
            "character varying",
            "character",
            "numeric",
            "timestamp with time zone",
            "timestamp without time zone",
            "date");

    /** Letters and digits that a number needs at most: 36^8 is 2.8 million millions. */
    private static final int TEXT_LENGTH = 9;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS").withZone(ZoneOffset.UTC);

    private final Column column;
    private final long start;
    private final RowRandom random;

    private NewValues(Column column, long start, RowRandom random) {
        this.column = column;
        this.start = start;
        this.random = random;
    }

    static boolean canMake(Column column) {
        return TYPES.contains(column.type()) && (column.longest() == 0 || column.longest() >= TEXT_LENGTH);
    }

    /** The lower, the rather. */
    static int preference(Column column) {
        return TYPES.indexOf(column.type()) + (column.checked() ? TYPES.size() : 0);
    }

    static NewValues of(Connection connection, TargetTable table, Column column, long seed) throws SQLException {
        long start = 0;
        if (List.of("bigint", "integer", "numeric").contains(column.type())) {
            String name = Quoted.identifier(column.name());
            try (Statement statement = connection.createStatement();
                    ResultSet row =
                            statement.executeQuery("SELECT coalesce(trunc(max(" + name + "))::numeric(18, 0), 0)"
                                    + " FROM " + table.relation().quoted())) {
                row.next();
                long most = column.type().equals("integer") ? Integer.MAX_VALUE : Long.MAX_VALUE / 16;
                start = row.getLong(1) + (most - row.getLong(1)) / 2;
            }
        }
        return new NewValues(
                column, start, new RowRandom(seed, "new", table.relation().name(), column.name()));
    }

    /**
     * One of them.
     *
     * @param like the value of a row that exists; null for NULL
     */
    String at(long number, @Nullable String like) {
        return switch (column.type()) {
            case "uuid" ->
                new UUID((random.bits(number) & ~0xF000L) | 0x4000L, (RowRandom.mix(number) & ~(3L << 62)) | (1L << 63))
                        .toString();
            case "bigint", "integer", "numeric" -> Long.toString(start + number);
            case "date" -> LocalDate.of(2200, 1, 1).plusDays(number).toString();
            case "timestamp with time zone", "timestamp without time zone" ->
                TIME.format(Instant.parse("2200-01-01T00:00:00Z").plusNanos(number * 1_000));
            default -> text(Long.toString(number, 36), like == null ? "" : like.stripTrailing());
        };
    }

    private String text(String number, String like) {
        int room = column.longest() == 0 ? Integer.MAX_VALUE : column.longest() - number.length() - 1;
        String kept = like.length() > room ? like.substring(0, Math.max(0, room)) : like;
        return kept.indexOf('@') > 0 ? number + "." + kept : kept + "-" + number;
    }
}
