package dev.pgrehearse.migration;

import dev.pgrehearse.postgres.ErrorText;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLWarning;
import org.postgresql.util.ServerErrorMessage;

/**
 * What the server told a statement besides its result: notices and warnings, as {@code client_min_messages} lets them
 * through; and what the run itself tells of it, such as a reading that failed. Immutable.
 *
 * @param first the first {@value #MOST}, in order
 * @param more how many came after them
 */
public record Notices(List<Notice> first, long more) {
    static final Notices NONE = new Notices(List.of(), 0);

    private static final int MOST = 20;

    public Notices {
        first = List.copyOf(first);
    }

    /**
     * One of them.
     *
     * @param sqlState such as {@code 42P07}; null when it has none
     * @param message with detail and hint
     */
    public record Notice(@Nullable String sqlState, String message) {}

    static Notices of(Statement statement) throws SQLException {
        List<Notice> first = new ArrayList<>();
        long more = 0;
        for (SQLWarning warning = statement.getWarnings(); warning != null; warning = warning.getNextWarning()) {
            if (first.size() < MOST) {
                first.add(new Notice(warning.getSQLState(), text(warning)));
            } else {
                more++;
            }
        }
        return first.isEmpty() ? NONE : new Notices(first, more);
    }

    /** A single one of ours: what the run itself has to tell of its statement. */
    static Notices of(String message) {
        return new Notices(List.of(new Notice(null, message)), 0);
    }

    /** These and then others. */
    Notices and(Notices others) {
        if (others.first.isEmpty()) {
            return this;
        }
        List<Notice> all = new ArrayList<>(first);
        all.addAll(others.first);
        int kept = Math.min(MOST, all.size());
        return new Notices(all.subList(0, kept), more + others.more + all.size() - kept);
    }

    private static String text(SQLWarning warning) {
        ServerErrorMessage message = warning instanceof PSQLWarning told ? told.getServerErrorMessage() : null;
        return message == null ? String.valueOf(warning.getMessage()) : ErrorText.of(message);
    }
}
