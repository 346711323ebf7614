package dev.pgrehearse.profiling;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A grid over times of the day: by the hour, or by six hours when all are whole hours themselves. */
final class ClockGrid implements Grid {
    private static final Pattern TIME = Pattern.compile("([0-9]{2}):([0-9]{2}):([0-9]{2}(?:\\.[0-9]+)?)([+-][0-9:]+)?");
    private static final int COARSE_HOURS = 6;
    private static final double MINUTES = 60;

    private final int step;

    private ClockGrid(int step) {
        this.step = step;
    }

    static ClockGrid of(List<String> values) {
        return new ClockGrid(
                values.stream().allMatch(value -> value.matches("[0-9]{2}:00:00([+-].*)?")) ? COARSE_HOURS : 1);
    }

    @Override
    public boolean holds(String value) {
        return TIME.matcher(value).matches();
    }

    @Override
    public String down(String value) {
        return point((int) Math.floor(hours(value) / step) * step, value);
    }

    @Override
    public String up(String value) {
        return point((int) Math.ceil(hours(value) / step) * step, value);
    }

    @Override
    public String nearest(String value) {
        return point((int) Math.round(hours(value) / step) * step, value);
    }

    @Override
    public String next(String point) {
        // Midnight at the end of the day is the last that there is.
        return point(Math.min(24, (int) hours(point) + step), point);
    }

    private static double hours(String value) {
        Matcher matcher = matched(value);
        return Integer.parseInt(matcher.group(1))
                + Integer.parseInt(matcher.group(2)) / MINUTES
                + Double.parseDouble(matcher.group(3)) / (MINUTES * MINUTES);
    }

    private static String point(int hour, String value) {
        @Nullable String zone = matched(value).group(4);
        return String.format(Locale.ROOT, "%02d:00:00%s", hour, zone == null ? "" : zone);
    }

    private static Matcher matched(String value) {
        Matcher matcher = TIME.matcher(value);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("no time of the day");
        }
        return matcher;
    }
}
