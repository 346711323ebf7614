package dev.pgrehearse.profiling;

import java.math.BigDecimal;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Intervals as {@code IntervalStyle = iso_8601} writes them: {@code P1Y2M3DT4H5M6.7S}. */
final class IntervalText {
    private static final Pattern WHOLE =
            Pattern.compile("P((?:-?[0-9]+[YMWD])*)(?:T((?:-?[0-9]+(?:\\.[0-9]+)?[HMS])*))?");
    private static final Pattern PART = Pattern.compile("(-?[0-9]+(?:\\.[0-9]+)?)([YMWDHS])");

    /** As PostgreSQL compares intervals: a month has 30 days, a day 24 hours. */
    private static final Map<String, Long> DATE_SECONDS =
            Map.of("Y", 360 * 86_400L, "M", 30 * 86_400L, "W", 7 * 86_400L, "D", 86_400L);

    private static final Map<String, Long> TIME_SECONDS = Map.of("H", 3600L, "M", 60L, "S", 1L);

    private IntervalText() {}

    /** Its seconds as a number; the text itself when it is no finite interval. */
    static String seconds(String text) {
        Matcher whole = WHOLE.matcher(text);
        if (!whole.matches()) {
            return text;
        }
        String time = whole.group(2);
        return sum(whole.group(1), DATE_SECONDS)
                .add(time == null ? BigDecimal.ZERO : sum(time, TIME_SECONDS))
                .toPlainString();
    }

    private static BigDecimal sum(String parts, Map<String, Long> seconds) {
        BigDecimal sum = BigDecimal.ZERO;
        Matcher part = PART.matcher(parts);
        while (part.find()) {
            sum = sum.add(new BigDecimal(part.group(1))
                    .multiply(BigDecimal.valueOf(seconds.getOrDefault(part.group(2), 0L))));
        }
        return sum;
    }
}
