package dev.pgrehearse.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A statement with named parameters ({@code :id}), and the same as JDBC wants it.
 *
 * <p>{@code :order.id} is the column {@code id} of what the statement called {@code order} returned.
 *
 * <p>What stands in strings, quoted identifiers, dollar quotes and comments is no parameter, nor is {@code ::cast}.
 *
 * @param jdbc with {@code ?} for each parameter; a {@code ?} that is an operator is doubled, as pgjdbc wants it
 * @param parameters the name of each {@code ?}, in their order; a name may come up several times
 * @param starts where each of them begins in the text that was read, in UTF-16 units from 0
 */
public record NamedSql(String jdbc, List<String> parameters, List<Integer> starts) {
    private static final Pattern PARAMETER =
            Pattern.compile("(?<!:):([\\p{L}_][\\p{L}\\p{N}_]*(?:\\.[\\p{L}_][\\p{L}\\p{N}_]*)?)");

    public NamedSql {
        parameters = List.copyOf(parameters);
        starts = List.copyOf(starts);
    }

    public static NamedSql parse(String sql) {
        String code = SqlText.of(sql).code();
        StringBuilder jdbc = new StringBuilder();
        List<String> names = new ArrayList<>();
        List<Integer> starts = new ArrayList<>();
        Matcher matcher = PARAMETER.matcher(code);
        int at = 0;
        while (matcher.find()) {
            append(jdbc, sql, code, at, matcher.start());
            jdbc.append('?');
            names.add(matcher.group(1));
            starts.add(matcher.start());
            at = matcher.end();
        }
        append(jdbc, sql, code, at, sql.length());
        return new NamedSql(jdbc.toString(), names, starts);
    }

    /**
     * The place in the text that was read, in UTF-16 units from 0, of a position in what the server got: pgjdbc sends
     * {@code $1}, {@code $2} … for the parameters, and one {@code ?} for two.
     *
     * @param sql the text that was read
     * @param position in characters from 1, as PostgreSQL tells it
     */
    public int offsetOf(String sql, int position) {
        int wanted = position - 1;
        int at = 0;
        for (int i = 0; i < starts.size(); i++) {
            int before = sql.codePointCount(at, starts.get(i));
            if (wanted < before) {
                break;
            }
            wanted -= before;
            at = starts.get(i);
            int sent = 1 + Integer.toString(i + 1).length();
            if (wanted < sent) {
                return at;
            }
            wanted -= sent;
            at += 1 + parameters.get(i).length();
        }
        return sql.offsetByCodePoints(at, Math.min(wanted, sql.codePointCount(at, sql.length())));
    }

    private static void append(StringBuilder jdbc, String sql, String code, int from, int to) {
        for (int i = from; i < to; i++) {
            jdbc.append(sql.charAt(i));
            if (code.charAt(i) == '?') {
                jdbc.append('?');
            }
        }
    }
}
