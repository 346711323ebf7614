package dev.pgrehearse.traffic;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parameters whose place in the text says what they may be, where no column does: several for each, to be tried. */
final class KnownArguments {
    private static final List<String> FIELDS =
            List.of("month", "dow", "year", "day", "hour", "epoch", "week", "quarter");
    private static final List<String> STEPS = List.of("day", "month", "hour", "week", "year", "quarter", "minute");
    private static final List<Integer> ROUND =
            List.of(1, 2, 3, 5, 10, 12, 15, 20, 24, 25, 30, 50, 100, 200, 250, 500, 1000, 5000, 10000);

    private static final Map<Pattern, List<String>> PLACES = Map.of(
            Pattern.compile("(?i)\\bdate_trunc\\s*\\(\\s*(?:CAST\\s*\\(\\s*)?\\$(\\d+)"),
            STEPS,
            Pattern.compile("(?i)\\bdate_part\\s*\\(\\s*(?:CAST\\s*\\(\\s*)?\\$(\\d+)"),
            FIELDS,
            Pattern.compile("(?i)\\bto_char\\s*\\([^()]*,\\s*\\$(\\d+)"),
            List.of("YYYY-MM-DD", "YYYY-MM"),
            Pattern.compile("(?i)\\bAT\\s+TIME\\s+ZONE\\s+\\$(\\d+)"),
            List.of("UTC"));

    private KnownArguments() {}

    /**
     * Values by parameter.
     *
     * @param rowsPerCall how many rows the statement gives on average: a LIMIT is not less
     */
    static Map<Integer, List<String>> of(NormalisedText text, double rowsPerCall) {
        Map<Integer, List<String>> known = new LinkedHashMap<>();
        PLACES.forEach((pattern, values) -> {
            for (Matcher place = pattern.matcher(text.sql()); place.find(); ) {
                known.put(Integer.valueOf(place.group(1)), values);
            }
        });
        text.extracted().forEach(parameter -> known.put(parameter, FIELDS));
        List<String> limits = limits(rowsPerCall);
        text.limits().forEach(parameter -> known.put(parameter, limits));
        long page = Long.parseLong(limits.get(0));
        text.offsets()
                .forEach(parameter -> known.put(
                        parameter,
                        List.of("0", "" + page, "0", "" + 2 * page, "0", "" + 5 * page, "" + page, "" + 20 * page)));
        return known;
    }

    /** What people write: round numbers that are not less than the mean; the mean itself when it is a whole number. */
    private static List<String> limits(double rowsPerCall) {
        long whole = Math.round(rowsPerCall);
        if (whole >= 1 && Math.abs(rowsPerCall - whole) < 0.002 * whole) {
            return List.of(Long.toString(whole));
        }
        List<String> limits = ROUND.stream()
                .filter(limit -> limit >= rowsPerCall)
                .limit(4)
                .map(String::valueOf)
                .toList();
        return limits.isEmpty() ? List.of(Long.toString((long) Math.ceil(rowsPerCall))) : limits;
    }
}
