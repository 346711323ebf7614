package dev.pgrehearse.rehearsal;

import dev.pgrehearse.scenario.NamedSql;
import java.sql.SQLException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** A statement of the scenario that the server does not take: where it stands, the spot in it, and the server's words. */
final class RefusedSql {
    private RefusedSql() {}

    /**
     * Some lines of text.
     *
     * @param place where the statement stands in the scenario
     * @param sql as it stands there
     * @param named the same as the server got it
     */
    static String inWords(String place, String sql, NamedSql named, SQLException refused) {
        ServerErrorMessage message = refused instanceof PSQLException server ? server.getServerErrorMessage() : null;
        if (message == null) {
            return place + "\n  " + sql.strip() + "\n  the server says: " + refused.getMessage();
        }
        StringBuilder text = new StringBuilder(place).append('\n');
        if (message.getPosition() > 0) {
            appendSpot(text, sql, named.offsetOf(sql, message.getPosition()));
        } else {
            text.append("    ").append(sql.strip()).append('\n');
        }
        text.append("  the server says: ").append(message.getMessage());
        for (String more : new String[] {message.getDetail(), message.getHint()}) {
            if (more != null) {
                text.append("; ").append(more);
            }
        }
        return text.append(" (").append(message.getSQLState()).append(')').toString();
    }

    /** The line of a spot, and a mark under the spot. */
    static void appendSpot(StringBuilder text, String sql, int offset) {
        int start = sql.lastIndexOf('\n', offset - 1) + 1;
        int end = sql.indexOf('\n', offset);
        String line = sql.substring(start, end < 0 ? sql.length() : end);
        String before = sql.substring(start, offset);
        text.append("    ").append(line).append("\n    ");
        // A tab stays a tab, so that the mark stands under its spot however wide tabs are.
        before.codePoints().forEach(character -> text.append(character == '\t' ? '\t' : ' '));
        text.append("^\n");
    }
}
