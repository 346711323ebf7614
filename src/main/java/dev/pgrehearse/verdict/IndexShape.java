package dev.pgrehearse.verdict;

import dev.pgrehearse.scenario.SqlToken;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a CREATE INDEX indexes, as its text tells it: a user's, or the catalogue's own from {@code pg_get_indexdef}.
 *
 * <p>The server writes expressions in its own way, so two texts that differ may mean the same. {@link #difference} therefore
 * speaks only of what certainly differs.
 *
 * @param method the access method; {@code btree} unless the text names another
 * @param keys the keys without collation, operator class and order, in order
 * @param predicate the condition; null when there is none
 */
record IndexShape(
        IndexStatement statement,
        String method,
        List<String> keys,
        @Nullable String predicate) {
    private static final String NAME = "(?:[a-z_][\\w$]*|\"(?:[^\"]|\"\")+\")";
    private static final Pattern COLUMN = Pattern.compile(NAME);
    private static final Pattern FUNCTION_OF_COLUMN = Pattern.compile("(" + NAME + ") \\( " + NAME + " \\)");
    private static final Pattern CAST = Pattern.compile(" :: (?:character varying|double precision|bit varying"
            + "|(?:timestamp|time)(?: \\( \\d+ \\))? with(?:out)? time zone|" + NAME
            + ")(?: \\( [0-9 ,]+ \\))?(?: \\[ \\])*");
    private static final Pattern NEEDLESS_PARENTHESES =
            Pattern.compile("(?<![\\w\"$] )(?<![\\w\"$])\\( (" + NAME + "|'[^']*'|[0-9]+) \\)");
    private static final Pattern COMPARISON =
            Pattern.compile("(" + NAME + ") (=|<>|<|>|<=|>=|is null|is not null)(?: (\\S.*))?");
    private static final Pattern WORD_LITERAL = Pattern.compile("'[a-z]{2,}'", Pattern.CASE_INSENSITIVE);
    private static final Set<String> NULLS_NOT_DISTINCT = Set.of("nulls", "not", "distinct");
    private static final Set<String> BOOLEANS = Set.of("'true'", "'false'", "'yes'", "'no'", "'on'", "'off'");

    /** Functions that may be nothing but a cast, of which the server may keep only the column. */
    private static final Set<String> CASTS = Set.of(
            "cast",
            "treat",
            "text",
            "varchar",
            "bpchar",
            "name",
            "int2",
            "int4",
            "int8",
            "float4",
            "float8",
            "numeric",
            "date",
            "timestamp",
            "timestamptz",
            "bool",
            "json",
            "jsonb",
            "uuid");

    /** Empty when the text is no CREATE INDEX that can be read. */
    static Optional<IndexShape> of(String sql) {
        return IndexStatement.of(sql).flatMap(statement -> read(sql, statement));
    }

    /** The columns of each UNIQUE and PRIMARY KEY that a text lists, in order. */
    static List<List<String>> keysAdded(String sql) {
        List<String> words = IndexStatement.tokens(sql).stream()
                .map(token -> word(sql, token))
                .toList();
        List<List<String>> added = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            boolean begins = words.get(i).equals("unique")
                    || (i > 0 && words.get(i).equals("key") && words.get(i - 1).equals("primary"));
            int open = i + 1;
            while (begins && open < words.size() && NULLS_NOT_DISTINCT.contains(words.get(open))) {
                open++;
            }
            if (begins && open < words.size() && words.get(open).equals("(")) {
                int close = closing(words, open);
                added.add(words.subList(open + 1, Math.max(open + 1, close)).stream()
                        .filter(word -> !word.equals(","))
                        .toList());
            }
        }
        return added;
    }

    private static Optional<IndexShape> read(String sql, IndexStatement statement) {
        List<SqlToken> tokens = IndexStatement.tokens(sql);
        int open = 0;
        while (open < tokens.size() && tokens.get(open).kind() != SqlToken.Kind.OPEN_PARENTHESIS) {
            open++;
        }
        List<String> words = tokens.stream().map(token -> word(sql, token)).toList();
        int close = open < words.size() ? closing(words, open) : -1;
        if (close < 0) {
            return Optional.empty();
        }
        int using = words.subList(0, open).indexOf("using");
        List<String> keys = new ArrayList<>();
        int start = open + 1;
        int depth = 0;
        for (int i = open + 1; i <= close; i++) {
            depth += depth(words.get(i));
            if (depth < 0 || (depth == 0 && words.get(i).equals(","))) {
                if (i == start) {
                    return Optional.empty();
                }
                keys.add(key(words.subList(start, i)));
                start = i + 1;
            }
        }
        return Optional.of(new IndexShape(
                statement,
                using >= 0 && using + 1 < open ? words.get(using + 1) : "btree",
                List.copyOf(keys),
                predicate(words, close + 1)));
    }

    /** A key up to its collation, operator class or order: a column, a function's call, or what parentheses hold. */
    private static String key(List<String> words) {
        int end = 1;
        if (words.get(0).equals("(")) {
            end = closing(words, 0) + 1;
        } else {
            int open = words.indexOf("(");
            boolean call = open == 1 || (open > 1 && words.get(1).equals("."));
            if (call) {
                end = closing(words, open) + 1;
            }
        }
        return plain(words.subList(0, end <= 0 ? words.size() : end));
    }

    private static @Nullable String predicate(List<String> words, int from) {
        int depth = 0;
        for (int i = from; i < words.size(); i++) {
            depth += depth(words.get(i));
            if (depth == 0 && words.get(i).equals("where")) {
                List<String> rest = words.subList(i + 1, words.size());
                int end = rest.indexOf(";");
                return plain(end < 0 ? rest : rest.subList(0, end));
            }
        }
        return null;
    }

    /** Without the parentheses and casts that the server adds. */
    private static String plain(List<String> words) {
        List<String> inner = words;
        while (inner.size() > 2 && inner.get(0).equals("(") && closing(inner, 0) == inner.size() - 1) {
            inner = inner.subList(1, inner.size() - 1);
        }
        String text = String.join(" ", inner);
        String before;
        do {
            before = text;
            text = CAST.matcher(text).replaceAll("");
            text = NEEDLESS_PARENTHESES.matcher(text).replaceAll("$1");
        } while (!text.equals(before));
        return text.replace(" != ", " <> ");
    }

    private static int closing(List<String> words, int open) {
        int depth = 0;
        for (int i = open; i < words.size(); i++) {
            depth += depth(words.get(i));
            if (depth == 0) {
                return i;
            }
        }
        return -1;
    }

    private static int depth(String word) {
        return word.equals("(") ? 1 : word.equals(")") ? -1 : 0;
    }

    /** Names as the catalogue has them; a quoted name that needs no quotes is the same without them. */
    private static String word(String sql, SqlToken token) {
        String text = token.of(sql);
        if (token.kind() == SqlToken.Kind.WORD) {
            return text.toLowerCase(Locale.ROOT);
        }
        boolean needless = token.kind() == SqlToken.Kind.QUOTED_IDENTIFIER && text.matches("\"[a-z_][a-z0-9_]*\"");
        return needless ? text.substring(1, text.length() - 1) : text;
    }

    /** In what this one certainly differs from another that is there, in words; null when that cannot be told. */
    @Nullable
    String difference(IndexShape there) {
        if (!statement.table().equals(there.statement.table())) {
            return "it is an index of " + there.statement.table() + ", not of " + statement.table();
        }
        if (statement.unique() != there.statement.unique()) {
            return there.statement.unique() ? "it is UNIQUE, what was asked for is not" : "it is not UNIQUE";
        }
        if (!method.equals(there.method)) {
            return "it is a " + there.method + " index, not " + method;
        }
        boolean other = keys.size() != there.keys.size();
        for (int i = 0; !other && i < keys.size(); i++) {
            other = isOtherKey(keys.get(i), there.keys.get(i));
        }
        if (other) {
            return "it is on (" + String.join(", ", there.keys) + "), not on (" + String.join(", ", keys) + ")";
        }
        if (isOtherPredicate(predicate, there.predicate)) {
            return (there.predicate == null ? "it is of all rows" : "it is of rows WHERE " + there.predicate)
                    + (predicate == null ? ", not of all" : ", not of those WHERE " + predicate);
        }
        return null;
    }

    private static boolean isOtherKey(String asked, String there) {
        if (asked.equals(there)) {
            return false;
        }
        if (COLUMN.matcher(asked).matches()) {
            // Of a column the server keeps a column.
            return true;
        }
        Matcher function = FUNCTION_OF_COLUMN.matcher(asked);
        if (!function.matches() || CASTS.contains(function.group(1))) {
            return false;
        }
        return COLUMN.matcher(there).matches()
                || FUNCTION_OF_COLUMN.matcher(there).matches();
    }

    private static boolean isOtherPredicate(@Nullable String asked, @Nullable String there) {
        if (asked == null || there == null) {
            return asked != null || there != null;
        }
        Matcher one = COMPARISON.matcher(asked);
        Matcher other = COMPARISON.matcher(there);
        if (asked.equals(there) || !one.matches() || !other.matches()) {
            return false;
        }
        String value = one.group(3);
        String itsValue = other.group(3);
        if (!isSimple(value) || !isSimple(itsValue)) {
            return false;
        }
        if (!one.group(1).equals(other.group(1)) || !one.group(2).equals(other.group(2))) {
            return true;
        }
        return isWord(value) && isWord(itsValue);
    }

    private static boolean isSimple(@Nullable String value) {
        return value == null || value.matches("'[^']*'|[0-9]+");
    }

    /** Numbers and dates may be written in several ways, words of letters in one. */
    private static boolean isWord(@Nullable String value) {
        return value != null
                && WORD_LITERAL.matcher(value).matches()
                && !BOOLEANS.contains(value.toLowerCase(Locale.ROOT));
    }
}
