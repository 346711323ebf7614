package dev.pgrehearse.profiling;

import dev.pgrehearse.profile.Profile.Common;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What of a column's values may be written. This is the only way from values to the file.
 *
 * <p>What was allowed to be read is decided before, in {@link ColumnsReader}: of types that become lengths the server sends
 * lengths alone, unless values are kept.
 */
final class ColumnPrivacy {
    private static final Pattern RANGE = Pattern.compile("([\\[(])(\"?)([^,\"]*)\\2,(\"?)([^,\"]*)\\4([\\])])");
    private static final Pattern FRACTION = Pattern.compile("-?[0-9]+\\.([0-9]+)");

    private static final Set<String> NO_VALUE_OF_A_ROW = Set.of("infinity", "-infinity", "nan");
    private static final double RANK = 1e-6;

    private final boolean values;

    ColumnPrivacy(boolean values) {
        this.values = values;
    }

    /** Whether values of this shape may leave the server at all. */
    boolean mayRead(Shape shape) {
        return values || shape.isRounded() || shape == Shape.DECLARED || shape == Shape.RANGE;
    }

    /** The common values: themselves only where {@link dev.pgrehearse.profile.Profile.Column} says so. */
    List<Common> common(
            Shape shape, List<Double> frequencies, List<Double> places, List<String> lengths, List<String> found) {
        List<Common> common = new ArrayList<>();
        for (int index = 0; index < frequencies.size(); index++) {
            common.add(new Common(
                    frequencies.get(index),
                    index < places.size() ? places.get(index) : null,
                    lengths.isEmpty() ? null : Integer.valueOf(lengths.get(index)),
                    value(shape, found, index)));
        }
        return common;
    }

    private @Nullable String value(Shape shape, List<String> found, int index) {
        if (index >= found.size()) {
            return null;
        }
        // Of the type, and of no row in particular.
        boolean endless = NO_VALUE_OF_A_ROW.contains(found.get(index).toLowerCase(Locale.ROOT));
        return values || shape == Shape.DECLARED || (shape.isRounded() && endless) ? found.get(index) : null;
    }

    /** The bounds: as they are, rounded outward and around the common values, or none. */
    List<String> bounds(Types types, long type, Shape shape, List<String> found, List<String> common) {
        if (values || shape == Shape.DECLARED) {
            return found;
        }
        if (shape.isRounded()) {
            List<String> all = new ArrayList<>(found);
            all.addAll(common);
            return all.isEmpty() ? List.of() : grid(types, type, shape, all).around(found, common);
        }
        return shape == Shape.RANGE ? ranges(types, types.of(type).madeOf(), found) : List.of();
    }

    /**
     * Where common values stand among the others, see {@link Common#place}: of numbers and times from the values, of anything
     * else from what the server counted.
     *
     * @param counted for each common value how many bounds are below it, and its rank among the common ones from 1
     */
    List<Double> places(
            Types types, long type, Shape shape, List<String> common, List<String> bounds, List<String> counted) {
        List<Double> places = new ArrayList<>();
        if (shape.isRounded() && !common.isEmpty()) {
            Grid grid = grid(
                    types,
                    type,
                    shape,
                    Stream.concat(common.stream(), bounds.stream()).toList());
            for (String value : common) {
                long below = grid.holds(value) ? countBelow(grid, value, bounds) : 0;
                long rank = grid.holds(value) ? countBelow(grid, value, common) + 1 : 1;
                places.add(place(below, bounds.size(), rank, common.size()));
            }
            return places;
        }
        for (String pair : counted) {
            String[] numbers = pair.split("/", -1);
            places.add(place(
                    Long.parseLong(numbers[0]),
                    Long.parseLong(numbers[1]),
                    Long.parseLong(numbers[2]),
                    counted.size()));
        }
        return places;
    }

    private static long countBelow(Grid grid, String value, List<String> others) {
        return others.stream()
                .filter(other -> grid.holds(other) && grid.compare(other, value) < 0)
                .count();
    }

    /** Values at one place are a millionth apart. */
    private static double place(long below, long bounds, long rank, long commons) {
        double share;
        if (bounds < 2) {
            share = (rank - 0.5) / commons;
        } else if (below >= bounds) {
            share = 1 - (commons - rank) * RANK;
        } else {
            share = (below == 0 ? 0 : (below - 0.5) / (bounds - 1)) + rank * RANK;
        }
        return Math.round(Math.min(1, share) / RANK) * RANK;
    }

    private static Grid grid(Types types, long type, Shape shape, List<String> found) {
        return switch (shape) {
            case INTEGER ->
                NumberGrid.ofIntegers(
                        found, types.of(type).length(), types.of(type).name().equals("oid"));
            case NUMBER -> NumberGrid.of(found);
            case INTERVAL -> NumberGrid.ofIntervals(found);
            case TIME -> ClockGrid.of(found);
            case DATE, TIMESTAMP -> TimeGrid.of(found);
            default -> throw new IllegalArgumentException("values of the shape " + shape + " are not rounded");
        };
    }

    /** Ranges of numbers and times, each made wider: its lower end rounded down, its upper end up. Of others nothing. */
    private static List<String> ranges(Types types, long subtype, List<String> found) {
        Shape shape = types.shape(subtype);
        List<Matcher> ranges = found.stream().map(RANGE::matcher).toList();
        if (!shape.isRounded() || !ranges.stream().allMatch(Matcher::matches)) {
            return List.of();
        }
        List<String> ends = new ArrayList<>();
        ranges.forEach(range -> ends.add(range.group(3)));
        ranges.forEach(range -> ends.add(range.group(5)));
        ends.removeIf(String::isEmpty);
        Grid grid = grid(types, subtype, shape, ends);
        List<String> rounded = new ArrayList<>();
        for (Matcher range : ranges) {
            String lower = grid.holds(range.group(3)) ? grid.down(range.group(3)) : range.group(3);
            String upper = grid.holds(range.group(5)) ? grid.up(range.group(5)) : range.group(5);
            if (lower.equals(upper) && !lower.isEmpty()) {
                upper = grid.next(upper);
            }
            rounded.add(range.group(1) + quoted(lower) + "," + quoted(upper) + range.group(6));
        }
        return rounded;
    }

    private static String quoted(String end) {
        return end.indexOf(' ') < 0 ? end : '"' + end + '"';
    }

    /** The lengths of ranges, which with one end known are values: as they are, or rounded. */
    List<Double> rangeLengths(List<Double> lengths) {
        if (values) {
            return lengths;
        }
        NumberGrid grid = NumberGrid.of(lengths.stream()
                .filter(length -> !length.isInfinite())
                .map(length -> new BigDecimal(length).toPlainString())
                .toList());
        return lengths.stream()
                .map(length -> length.isInfinite()
                        ? length
                        : Double.valueOf(grid.nearest(new BigDecimal(length).toPlainString())))
                .toList();
    }

    /** The most digits after the point among values of a numeric; 0 for other types. */
    static int fractionDigits(Types.Type type, List<String> found) {
        if (!type.name().equals("numeric") || !type.builtIn()) {
            return 0;
        }
        return found.stream()
                .map(FRACTION::matcher)
                .filter(Matcher::matches)
                .mapToInt(matcher -> new BigDecimal("0." + matcher.group(1))
                        .stripTrailingZeros()
                        .scale())
                .map(digits -> Math.max(0, digits))
                .max()
                .orElse(0);
    }
}
