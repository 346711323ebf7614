package dev.pgrehearse.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A statement with named parameters ({@code :id}), and the same as JDBC wants it.
 *
 * <p>What stands in strings, quoted identifiers, dollar quotes and comments is no parameter, nor is {@code ::cast}.
 *
 * @param jdbc with {@code ?} for each parameter; a {@code ?} that is an operator is doubled, as pgjdbc wants it
 * @param parameters the name of each {@code ?}, in their order; a name may come up several times
 */
public record NamedSql(String jdbc, List<String> parameters) {
    private static final Pattern PARAMETER = Pattern.compile("(?<!:):([\\p{L}_][\\p{L}\\p{N}_]*)");

    public NamedSql {
        parameters = List.copyOf(parameters);
    }

    public static NamedSql parse(String sql) {
        String code = SqlText.of(sql).code();
        StringBuilder jdbc = new StringBuilder();
        List<String> names = new ArrayList<>();
        Matcher matcher = PARAMETER.matcher(code);
        int at = 0;
        while (matcher.find()) {
            append(jdbc, sql, code, at, matcher.start());
            jdbc.append('?');
            names.add(matcher.group(1));
            at = matcher.end();
        }
        append(jdbc, sql, code, at, sql.length());
        return new NamedSql(jdbc.toString(), names);
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
