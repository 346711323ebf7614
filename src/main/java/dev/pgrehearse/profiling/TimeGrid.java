package dev.pgrehearse.profiling;

import java.time.Duration;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A grid over days or points in time, as {@code DateStyle = ISO} writes them in UTC. A step is the largest of day, month,
 * year that is at most a twentieth of the distance between the first and the last, and never finer than
 *
 * <ul>
 *   <li>a day;
 *   <li>a month, for days, and for points in time that all lie on quarters of an hour: midnights of days in some zone.
 *       They may be dates of birth;
 *   <li>a year, when all lie on the first of a month; ten years, when all lie on the first of January.
 * </ul>
 */
final class TimeGrid implements Grid {
    private static final Pattern TIME = Pattern.compile(
            "([0-9]{4,})-([0-9]{2})-([0-9]{2})(?: ([0-9]{2}):([0-9]{2}):([0-9]{2})(\\.[0-9]+)?)?([+-][0-9:]+)?( BC)?");

    private static final int STEPS_AT_LEAST = 20;
    private static final double DAYS_OF_YEAR = 365.2425;
    private static final int QUARTER_OF_AN_HOUR_MINUTES = 15;
    private static final int YEARS_OF_DECADE = 10;

    private enum Step {
        DAY,
        MONTH,
        YEAR,
        DECADE
    }

    private final Step step;

    /** What a point looks like: {@code 2024-01-01}, with a time, with a zone. */
    private final Function<LocalDateTime, String> format;

    private TimeGrid(Step step, Function<LocalDateTime, String> format) {
        this.step = step;
        this.format = format;
    }

    /** Over these values, ascending. */
    static TimeGrid of(List<String> values) {
        List<LocalDateTime> times = values.stream()
                .filter(value -> TIME.matcher(value).matches())
                .map(TimeGrid::parse)
                .toList();
        String sample = values.stream()
                .filter(value -> TIME.matcher(value).matches())
                .findFirst()
                .orElse("");
        boolean withTime = sample.indexOf(':') > 0;
        boolean withZone = withTime && sample.replace(" BC", "").matches(".*[+-][0-9:]+");
        return new TimeGrid(
                step(times),
                time -> String.format(
                        Locale.ROOT,
                        "%04d-%02d-%02d%s%s%s",
                        time.getYear() > 0 ? time.getYear() : 1 - time.getYear(),
                        time.getMonthValue(),
                        time.getDayOfMonth(),
                        withTime ? " 00:00:00" : "",
                        withZone ? "+00" : "",
                        time.getYear() > 0 ? "" : " BC"));
    }

    private static Step step(List<LocalDateTime> times) {
        if (times.isEmpty()) {
            return Step.DECADE;
        }
        LocalDateTime first = times.get(0);
        LocalDateTime last = times.get(times.size() - 1);
        double days = Duration.between(first, last).toSeconds()
                / (double) Duration.ofDays(1).toSeconds();
        Step byDistance = days >= STEPS_AT_LEAST * DAYS_OF_YEAR
                ? Step.YEAR
                : days >= STEPS_AT_LEAST * DAYS_OF_YEAR / 12 ? Step.MONTH : Step.DAY;
        Step byFineness = Step.DAY;
        if (times.stream().allMatch(TimeGrid::mayBeMidnight)) {
            byFineness = Step.MONTH;
            if (times.stream().allMatch(time -> time.getDayOfMonth() == 1)) {
                byFineness = times.stream().allMatch(time -> time.getDayOfYear() == 1) ? Step.DECADE : Step.YEAR;
            }
        }
        return byDistance.compareTo(byFineness) >= 0 ? byDistance : byFineness;
    }

    private static boolean mayBeMidnight(LocalDateTime time) {
        return time.getSecond() == 0 && time.getNano() == 0 && time.getMinute() % QUARTER_OF_AN_HOUR_MINUTES == 0;
    }

    private static LocalDateTime parse(String value) {
        Matcher matcher = TIME.matcher(value);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("no time");
        }
        int year = Integer.parseInt(matcher.group(1));
        String fraction = matcher.group(7);
        return LocalDateTime.of(
                matcher.group(9) == null ? year : 1 - year,
                Integer.parseInt(matcher.group(2)),
                Integer.parseInt(matcher.group(3)),
                number(matcher.group(4)),
                number(matcher.group(5)),
                number(matcher.group(6)),
                fraction == null ? 0 : (int) Math.round(Double.parseDouble("0" + fraction) * 1e9));
    }

    private static int number(@Nullable String digits) {
        return digits == null ? 0 : Integer.parseInt(digits);
    }

    @Override
    public boolean holds(String value) {
        return TIME.matcher(value).matches();
    }

    @Override
    public String down(String value) {
        return format.apply(floor(parse(value)));
    }

    @Override
    public String up(String value) {
        LocalDateTime time = parse(value);
        LocalDateTime below = floor(time);
        return format.apply(below.equals(time) ? below : after(below));
    }

    @Override
    public String nearest(String value) {
        LocalDateTime time = parse(value);
        LocalDateTime below = floor(time);
        LocalDateTime above = after(below);
        return format.apply(
                Duration.between(below, time).compareTo(Duration.between(time, above)) <= 0 ? below : above);
    }

    @Override
    public String next(String point) {
        return format.apply(after(parse(point)));
    }

    private LocalDateTime floor(LocalDateTime time) {
        LocalDateTime day = time.truncatedTo(ChronoUnit.DAYS);
        return switch (step) {
            case DAY -> day;
            case MONTH -> day.withDayOfMonth(1);
            case YEAR -> day.withDayOfYear(1);
            case DECADE -> day.withDayOfYear(1).minusYears(Math.floorMod(day.getYear(), YEARS_OF_DECADE));
        };
    }

    private LocalDateTime after(LocalDateTime point) {
        return switch (step) {
            case DAY -> point.plusDays(1);
            case MONTH -> point.plusMonths(1);
            case YEAR -> point.plusYears(1);
            case DECADE -> point.plusYears(YEARS_OF_DECADE);
        };
    }
}
