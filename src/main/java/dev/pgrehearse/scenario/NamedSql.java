package dev.pgrehearse.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A statement whose parameters have names ({@code :id}), turned into one with the driver's placeholders.
 *
 * @param jdbcText the statement with {@code ?} for each parameter; question marks of its own (operators) are doubled, as the
 *     PostgreSQL driver wants them
 * @param parameters the parameters' names in the order of their placeholders; a name may come more than once
 */
public record NamedSql(String jdbcText, List<String> parameters) {
    /**
     * What may stand in a statement that holds no parameter: strings, quoted identifiers, dollar quotes, comments, casts
     * ({@code ::type}), assignment ({@code :=}). Tried in this order at each place. Dollar quotes must not begin inside an
     * identifier.
     */
    private static final Pattern TOKENS = Pattern.compile(
            "(?<skipped>[eE]'(?:[^'\\\\]|\\\\.|'')*+'"
                    + "|'(?:[^']|'')*+'"
                    + "|\"(?:[^\"]|\"\")*+\""
                    + "|(?<![A-Za-z0-9_$\\x80-\\uffff])\\$(?<tag>[A-Za-z_\\x80-\\uffff][A-Za-z0-9_\\x80-\\uffff]*+)?\\$"
                    + "(?:.*?)\\$\\k<tag>\\$"
                    + "|(?<![A-Za-z0-9_$\\x80-\\uffff])\\$\\$(?:.*?)\\$\\$"
                    + "|--[^\\n]*+"
                    + "|/\\*(?:.*?)\\*/"
                    + "|::|:=)"
                    + "|:(?<name>[A-Za-z_][A-Za-z0-9_]*+)"
                    + "|(?<question>\\?)",
            Pattern.DOTALL);

    /** Reads a statement. An array slice of columns ({@code a[x:y]}) needs a space after its colon. */
    public static NamedSql parse(String sql) {
        List<String> names = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        Matcher token = TOKENS.matcher(sql);
        while (token.find()) {
            String replacement = token.group();
            if (token.group("name") != null) {
                names.add(token.group("name"));
                replacement = "?";
            } else if (token.group("question") != null) {
                replacement = "??";
            }
            token.appendReplacement(text, Matcher.quoteReplacement(replacement));
        }
        token.appendTail(text);
        return new NamedSql(text.toString(), List.copyOf(names));
    }
}
