package dev.pgrehearse.traffic;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * SQL as JDBC wants it.
 *
 * @param sql with {@code ?} for each parameter; an operator's {@code ?} is doubled
 * @param parameters the number of each, in order; one that is used twice has its type beside it, as the server had taken
 *     both for the same
 */
record JdbcText(String sql, List<Integer> parameters) {
    private static final Pattern PART = Pattern.compile("\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'|\\$(\\d+)|\\?");

    static JdbcText of(ParameterTypes types) {
        String text = types.text().sql();
        Map<Integer, Integer> uses = new HashMap<>();
        for (Matcher part = PART.matcher(text); part.find(); ) {
            if (part.group(1) != null) {
                uses.merge(Integer.valueOf(part.group(1)), 1, Integer::sum);
            }
        }
        List<Integer> parameters = new ArrayList<>();
        String sql = PART.matcher(text).replaceAll(part -> {
            if (part.group(1) != null) {
                int parameter = Integer.parseInt(part.group(1));
                parameters.add(parameter);
                boolean twice = uses.getOrDefault(parameter, 0) > 1;
                return Matcher.quoteReplacement(
                        twice ? "CAST(? AS " + types.types().get(parameter - 1) + ")" : "?");
            }
            return Matcher.quoteReplacement(part.group().equals("?") ? "??" : part.group());
        });
        return new JdbcText(sql, List.copyOf(parameters));
    }
}
