package dev.pgrehearse.scenario;

import dev.pgrehearse.scenario.TrafficSpec.Piece;
import java.time.Duration;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads a rate: a constant, steps, or a daily curve by hour. */
final class TrafficReader {
    /** What stands in for a rate that cannot be understood: a mistake has been noted by then. */
    private static final double ANY = 1;

    private static final String FORMS =
            "a rate with its unit, such as 300/s or 18k/min, or exactly one of `steps` and `byHour`";
    /** How long the last step goes on is not written anywhere: for ever. */
    private static final Duration LAST = Duration.ofDays(1);

    private TrafficReader() {}

    static TrafficSpec read(Cursor rate) {
        if (!rate.isMapping()) {
            return TrafficSpec.constant(positive(rate));
        }
        Cursor steps = rate.at("steps");
        Cursor byHour = rate.at("byHour");
        Cursor startsAt = rate.at("startsAt");
        if (steps.isPresent() == byHour.isPresent()) {
            rate.mistake(steps.isPresent() ? "`steps` and `byHour`" : "neither `steps` nor `byHour`", FORMS, null);
            return TrafficSpec.constant(ANY);
        }
        if (steps.isPresent()) {
            if (startsAt.isPresent()) {
                startsAt.mistakeOfKey("`startsAt` beside `steps`", "`startsAt` beside `byHour` only", null);
            }
            return steps(steps);
        }
        return byHour(byHour, startsAt);
    }

    private static double perSecond(Cursor rate) {
        return rate.value("1/s", Quantities::perSecond, "a rate with its unit, such as 300/s or 18k/min");
    }

    private static double positive(Cursor rate) {
        double perSecond = perSecond(rate);
        if (perSecond > 0) {
            return perSecond;
        }
        rate.mistake("a rate above 0", null);
        return ANY;
    }

    private static TrafficSpec steps(Cursor steps) {
        List<Cursor> items = steps.items();
        List<Piece> pieces = new ArrayList<>();
        boolean ascending = true;
        for (int i = 0; i < items.size(); i++) {
            Cursor rate = items.get(i).at("rate");
            Cursor at = items.get(i).at("at");
            Duration start = at.duration("0s");
            Duration end = i + 1 < items.size() ? items.get(i + 1).at("at").duration("0s") : start.plus(LAST);
            if (i == 0 && !start.isZero()) {
                at.mistake("0s for the first step: it is the migration's start", null);
            }
            if (end.compareTo(start) <= 0) {
                items.get(i + 1).at("at").mistake("a later time than that of the step before", null);
                ascending = false;
            }
            double perSecond = perSecond(rate);
            if (i == 0) {
                perSecond = above0(rate, perSecond, "warm-up and baseline run at the first step's");
            } else if (i == items.size() - 1) {
                perSecond = above0(rate, perSecond, "the last step goes on until the rehearsal ends");
            }
            if (ascending) {
                pieces.add(new Piece(end.minus(start), perSecond, perSecond));
            }
        }
        return pieces.isEmpty() || !ascending ? TrafficSpec.constant(ANY) : new TrafficSpec(pieces, false);
    }

    private static double above0(Cursor rate, double perSecond, String why) {
        if (perSecond > 0) {
            return perSecond;
        }
        rate.mistake("a rate above 0: " + why, null);
        return ANY;
    }

    /** A day from {@code startsAt} on; the rate goes evenly from one hour that is given to the next, over midnight too. */
    private static TrafficSpec byHour(Cursor byHour, Cursor startsAt) {
        TreeMap<LocalTime, Double> given = new TreeMap<>();
        byHour.entries().forEach((hour, rate) -> {
            double perSecond = perSecond(rate);
            if (hour.matches("[0-9]|1[0-9]|2[0-3]")) {
                given.put(LocalTime.of(Integer.parseInt(hour), 0), perSecond);
            }
        });
        if (!startsAt.isPresent()) {
            startsAt.mistake("no `startsAt`", "the time of day when the migration starts, such as \"02:00\"", null);
        }
        LocalTime start =
                startsAt.value("00:00", TrafficReader::timeOfDay, "a time of day from \"00:00\" to \"23:59\"");
        if (given.isEmpty()) {
            return TrafficSpec.constant(ANY);
        }
        double first = at(given, start);
        if (!(first > 0)) {
            startsAt.mistake(
                    "`startsAt: " + start + "`, when no requests come",
                    "a time with a rate above 0: warm-up and baseline run at it",
                    null);
            return TrafficSpec.constant(ANY);
        }
        return new TrafficSpec(day(given, start, first), true);
    }

    private static @Nullable LocalTime timeOfDay(String text) {
        return text.matches("([01][0-9]|2[0-3]):[0-5][0-9]") ? LocalTime.parse(text) : null;
    }

    private static List<Piece> day(NavigableMap<LocalTime, Double> given, LocalTime start, double atStart) {
        List<Piece> pieces = new ArrayList<>();
        LocalTime time = start;
        double rate = atStart;
        List<Map.Entry<LocalTime, Double>> ahead =
                new ArrayList<>(given.tailMap(start, false).entrySet());
        ahead.addAll(given.headMap(start, true).entrySet());
        for (Map.Entry<LocalTime, Double> next : ahead) {
            pieces.add(new Piece(until(time, next.getKey()), rate, next.getValue()));
            time = next.getKey();
            rate = next.getValue();
        }
        if (!time.equals(start)) {
            pieces.add(new Piece(until(time, start), rate, atStart));
        }
        return pieces;
    }

    private static double at(NavigableMap<LocalTime, Double> given, LocalTime time) {
        Map.Entry<LocalTime, Double> before = given.floorEntry(time);
        Map.Entry<LocalTime, Double> from = before == null ? given.lastEntry() : before;
        Map.Entry<LocalTime, Double> after = given.higherEntry(time);
        Map.Entry<LocalTime, Double> to = after == null ? given.firstEntry() : after;
        Duration since = from.getKey().equals(time) ? Duration.ZERO : until(from.getKey(), time);
        double share =
                (double) since.toNanos() / until(from.getKey(), to.getKey()).toNanos();
        return from.getValue() + share * (to.getValue() - from.getValue());
    }

    /** Forward from one time of day to the next such time; a whole day between a time and itself. */
    private static Duration until(LocalTime from, LocalTime to) {
        Duration between = Duration.between(from, to);
        return to.isAfter(from) ? between : between.plusDays(1);
    }
}
