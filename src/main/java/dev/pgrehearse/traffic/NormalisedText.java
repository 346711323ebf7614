package dev.pgrehearse.traffic;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text of {@code pg_stat_statements} as SQL that the server takes: where it puts {@code $1} for a constant that the
 * grammar wants to be one, a cast takes its place.
 *
 * <p>Such texts hold no string and no comment but the one of {@link #LIST}; {@code StatementText} of the profiler sees to
 * it.
 *
 * @param sql with parameters {@code $1}, {@code $2} …
 * @param parameters the highest number of a parameter
 * @param lists of how many constants a list has that PostgreSQL wrote as one; its length is not in the text
 * @param limits parameters of LIMIT and FETCH
 * @param offsets parameters of OFFSET
 * @param extracted parameters that name a field, as in {@code extract($1 FROM …)}
 */
record NormalisedText(
        String sql, int parameters, int lists, Set<Integer> limits, Set<Integer> offsets, Set<Integer> extracted) {
    private static final Pattern PARAMETER = Pattern.compile("\\$(\\d+)");
    private static final Pattern LIST = Pattern.compile("\\$(\\d+)\\s*/\\*, \\.\\.\\. \\*/");

    private static final String TYPES =
            "interval|date|timestamptz|timestamp|timetz|time|uuid|jsonb|json|inet|cidr|macaddr8?"
                    + "|numeric|decimal|money|bytea|point|box|circle|polygon|path|lseg|line|tsvector|tsquery|varbit|bit|xml|text"
                    + "|int4range|int8range|numrange|daterange|tsrange|tstzrange|regclass|regtype|integer|int[248]?|bigint|smallint"
                    + "|real|double precision|float[48]?|boolean|bool|bpchar|character varying|character|varchar|char|name";

    /** {@code interval '1 day'}, {@code timestamp(3) with time zone '…'}, {@code interval '1' day}. */
    private static final Pattern TYPED_LITERAL = Pattern.compile("(?i)(?<![\\w.\"$])((?:" + TYPES
            + ")(?:\\s*\\(\\s*[\\d, ]+\\))?(?:\\s+with(?:out)?\\s+time\\s+zone)?)\\s+\\$(\\d+)"
            + "(\\s+(?:year|month|day|hour|minute|second)(?:\\s+to\\s+(?:month|hour|minute|second))?\\b)?");

    private static final Pattern EXTRACT = Pattern.compile("(?i)\\bextract\\s*\\(\\s*\\$(\\d+)\\s+from\\s+");
    private static final Pattern LIMIT =
            Pattern.compile("(?i)\\b(?:limit|fetch\\s+(?:first|next))\\s+\\(?\\s*\\$(\\d+)");
    private static final Pattern OFFSET = Pattern.compile("(?i)\\boffset\\s+\\(?\\s*\\$(\\d+)");

    /**
     * Repairs a text.
     *
     * @param listLength how many constants take the place of a list's one
     */
    static NormalisedText of(String text, int listLength) {
        int highest = PARAMETER
                .matcher(text)
                .results()
                .mapToInt(found -> Integer.parseInt(found.group(1)))
                .max()
                .orElse(0);
        StringBuilder lengthened = new StringBuilder();
        Matcher list = LIST.matcher(text);
        int lists = 0;
        while (list.find()) {
            List<String> elements = new ArrayList<>(List.of("$" + list.group(1)));
            for (int i = 1; i < listLength; i++) {
                elements.add("$" + ++highest);
            }
            list.appendReplacement(lengthened, Matcher.quoteReplacement(String.join(", ", elements)));
            lists++;
        }
        list.appendTail(lengthened);
        Matcher extract = EXTRACT.matcher(lengthened);
        Set<Integer> extracted = numbers(EXTRACT, lengthened.toString());
        // The function behind the syntax, which takes the field as text; PostgreSQL 14 and newer have it.
        String functions = extract.replaceAll("pg_catalog.extract(CAST(\\$$1 AS text), ");
        String repaired = TYPED_LITERAL
                .matcher(functions)
                .replaceAll(found -> Matcher.quoteReplacement("CAST($" + found.group(2) + " AS " + found.group(1)
                        + (found.group(3) == null ? "" : found.group(3)) + ")"));
        return new NormalisedText(
                repaired, highest, lists, numbers(LIMIT, repaired), numbers(OFFSET, repaired), extracted);
    }

    private static Set<Integer> numbers(Pattern pattern, String sql) {
        Set<Integer> numbers = new LinkedHashSet<>();
        pattern.matcher(sql).results().forEach(found -> numbers.add(Integer.parseInt(found.group(1))));
        return numbers;
    }

    /** The same with another text. */
    NormalisedText with(String other) {
        return new NormalisedText(other, parameters, lists, limits, offsets, extracted);
    }
}
