package dev.pgrehearse.scenario;

import dev.pgrehearse.scenario.Source.Place;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A spot in a document under check, where something stands or not. Values are asked for in the type that is wanted: a
 * value of another type is noted as a mistake (the schema mostly has done so before) and read as the fallback, so that
 * reading goes on and finds the other mistakes.
 */
final class Cursor {
    private final Scope scope;
    private final List<String> path;
    private final @Nullable Part part;
    private final Place keyPlace;
    private final Place place;

    /**
     * A spot.
     *
     * @param place of what stands there; of the nearest key above when nothing does
     */
    Cursor(Scope scope, List<String> path, @Nullable Part part, Place keyPlace, Place place) {
        this.scope = scope;
        this.path = List.copyOf(path);
        this.part = part;
        this.keyPlace = keyPlace;
        this.place = place;
    }

    List<String> path() {
        return path;
    }

    /** Where the key is written; for an item of a list where the item is. */
    Place keyPlace() {
        return keyPlace;
    }

    Place place() {
        return place;
    }

    /** The last key of the path. */
    String name() {
        return path.isEmpty() ? "" : path.get(path.size() - 1);
    }

    boolean isPresent() {
        return part != null;
    }

    boolean isMapping() {
        return part instanceof Part.Mapping;
    }

    boolean isList() {
        return part instanceof Part.Listing;
    }

    /** Whether a whole number stands here, written as one. */
    boolean isWhole() {
        return part instanceof Part.Scalar scalar && scalar.json().isIntegralNumber();
    }

    Cursor at(String key) {
        List<String> below = new ArrayList<>(path);
        below.add(key);
        Part.Entry entry =
                part instanceof Part.Mapping mapping ? mapping.entries().get(key) : null;
        if (entry != null) {
            return new Cursor(
                    scope, below, entry.value(), entry.keyPlace(), entry.value().place());
        }
        Part child = part == null ? null : part.child(key);
        // What is missing is missing from the key above it: a block's own place is its first line, which is another
        // key's.
        Place there = child == null ? keyPlace : child.place();
        return new Cursor(scope, below, child, there, there);
    }

    Cursor at(List<String> keys) {
        Cursor cursor = this;
        for (String key : keys) {
            cursor = cursor.at(key);
        }
        return cursor;
    }

    /** What stands under the keys of a mapping, in the file's order; empty when this is none. */
    Map<String, Cursor> entries() {
        Map<String, Cursor> entries = new LinkedHashMap<>();
        if (part instanceof Part.Mapping mapping) {
            mapping.entries().keySet().forEach(key -> entries.put(key, at(key)));
        }
        return entries;
    }

    /** The items of a list; of a single value itself; none when nothing stands here. */
    List<Cursor> items() {
        if (part instanceof Part.Listing listing) {
            List<Cursor> items = new ArrayList<>();
            for (int i = 0; i < listing.items().size(); i++) {
                items.add(at(String.valueOf(i)));
            }
            return items;
        }
        return part == null ? List.of() : List.of(this);
    }

    /** The text of a single value as it was written; empty when none stands here. */
    String text() {
        return part instanceof Part.Scalar scalar ? scalar.text() : "";
    }

    /** The text as it was written, or {@code fallback} when none stands here. */
    String text(String fallback) {
        return part instanceof Part.Scalar scalar ? scalar.text() : fallback;
    }

    /** The directory that relative paths start in when they are written here. */
    Path directory() {
        return place.source().directory();
    }

    Duration duration(String fallback) {
        return value(fallback, Quantities::duration, "a duration of at most 365d, such as 250ms, 5s, 30m or 2h");
    }

    /** A duration above 0. */
    Duration positive(String fallback) {
        Duration duration = duration(fallback);
        if (duration.isZero()) {
            mistake("more than 0s", null);
        }
        return duration;
    }

    @Nullable
    Duration optionalDuration() {
        return isPresent() ? duration("0s") : null;
    }

    double share(String fallback) {
        if (part instanceof Part.Scalar scalar && scalar.json().isNumber()) {
            double share = scalar.json().doubleValue();
            if (share >= 0 && share <= 1) {
                return share;
            }
        }
        return value(fallback, Quantities::share, "a share from 0% to 100%, such as 5% or 0.05");
    }

    long count(String fallback) {
        return value(fallback, Quantities::count, "a count that is a whole number, such as 50_000, 100k or 1.5M");
    }

    /** A whole number. */
    long whole(String fallback) {
        return value(
                fallback,
                text -> Quantities.whole(Quantities.number(text), Long.MIN_VALUE + 1),
                "a whole number of at most 18 digits");
    }

    /** A whole number from {@code least} to {@code most}. */
    int whole(String fallback, int least, int most) {
        long number = whole(fallback);
        if (number < least || number > most) {
            mistake("a whole number from " + least + " to " + most, null);
            return least;
        }
        return (int) number;
    }

    BigDecimal number(String fallback) {
        return value(fallback, Cursor::decimal, "a number");
    }

    private static @Nullable BigDecimal decimal(String text) {
        BigDecimal number = Quantities.number(text);
        if (number != null || !text.matches("-?[0-9.]{1,20}([eE][-+]?[0-9]{1,2})?")) {
            return number;
        }
        try {
            return new BigDecimal(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** What stands here, made into a value; noted as a mistake when it makes none. */
    <T> T value(String fallback, Function<String, @Nullable T> reading, String expected) {
        if (part instanceof Part.Scalar scalar) {
            T value = reading.apply(scalar.text());
            if (value != null) {
                return value;
            }
        }
        if (part != null) {
            mistake(expected, null);
        }
        T value = reading.apply(fallback);
        if (value == null) {
            throw new IllegalArgumentException("the fallback `" + fallback + "` is not " + expected);
        }
        return value;
    }

    /** Notes that what stands here is not what may. */
    void mistake(String expected, @Nullable String nearest) {
        mistake(part == null ? "nothing" : Mistakes.describe(part), expected, nearest);
    }

    /** Notes a mistake at the value. */
    void mistake(String found, String expected, @Nullable String nearest) {
        scope.mistake(place, path, found, expected, nearest);
    }

    /** Notes a mistake at the key. */
    void mistakeOfKey(String found, String expected, @Nullable String nearest) {
        scope.mistake(keyPlace, path, found, expected, nearest);
    }
}
