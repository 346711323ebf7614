package dev.pgrehearse.estimate;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.Statement;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Settings at which an operation turns, as the migration itself sets them: the server's own say nothing then.
 *
 * @param values by name, in bytes or as they are
 * @param unclear set to several values, reset in between, or set to what is not understood
 */
record ScriptSettings(Map<String, Double> values, Set<String> unclear) {
    static final ScriptSettings NONE = new ScriptSettings(Map.of(), Set.of());

    private static final Pattern SET =
            Pattern.compile("set (?:local |session )?(\\w+) ?(?:=|\\bto\\b) ?'?([^';]*?)'? ?;? ?");
    private static final Pattern RESET = Pattern.compile("reset (\\w+) ?;? ?");
    private static final Pattern VALUE = Pattern.compile("(\\d+(?:\\.\\d+)?) ?([a-z]*)");
    private static final double KIB = 1024;

    /** Bytes of a unit, as PostgreSQL's guc.c has them; without one, memory is in kB. */
    private static final Map<String, Double> UNITS =
            Map.of("b", 1.0, "kb", KIB, "mb", KIB * KIB, "gb", KIB * KIB * KIB, "tb", KIB * KIB * KIB * KIB);

    private static final Set<String> MEMORY = Set.of("maintenance_work_mem", "work_mem");
    private static final Set<String> NUMBERS = Set.of("hash_mem_multiplier", "max_parallel_maintenance_workers");

    ScriptSettings {
        values = Map.copyOf(values);
        unclear = Set.copyOf(unclear);
    }

    static ScriptSettings of(Recording recording) {
        Map<String, Double> values = new HashMap<>();
        Set<String> unclear = new TreeSet<>();
        for (Statement statement : Estimator.statements(recording)) {
            Matcher set = SET.matcher(Recognition.words(statement.sql()));
            if (set.matches() && (MEMORY.contains(set.group(1)) || NUMBERS.contains(set.group(1)))) {
                String name = set.group(1);
                Double value = value(name, set.group(2).strip());
                Double before = values.get(name);
                if (value.isNaN() || (before != null && !before.equals(value))) {
                    unclear.add(name);
                }
                values.put(name, value);
            }
            Matcher reset = RESET.matcher(Recognition.words(statement.sql()));
            if (reset.matches()) {
                unclear.addAll(reset.group(1).equals("all") ? values.keySet() : Set.of(reset.group(1)));
                unclear.retainAll(values.keySet());
            }
        }
        return new ScriptSettings(values, unclear);
    }

    /** Bytes of memory as {@code SHOW} prints them, such as {@code 128MB}; NaN when that is not understood. */
    static double bytes(String shown) {
        return value("work_mem", shown.strip().toLowerCase(Locale.ROOT));
    }

    /** NaN when it is not understood. */
    private static Double value(String name, String text) {
        Matcher value = VALUE.matcher(text);
        if (!value.matches()) {
            return Double.NaN;
        }
        double number = Double.parseDouble(value.group(1));
        String unit = value.group(2);
        if (NUMBERS.contains(name)) {
            return unit.isEmpty() ? number : Double.NaN;
        }
        return number * (unit.isEmpty() ? KIB : UNITS.getOrDefault(unit, Double.NaN));
    }

    /** The server's settings with these in their place. */
    Map<String, Double> over(Map<String, Double> settings) {
        Map<String, Double> all = new TreeMap<>(settings);
        values.forEach((name, value) -> all.put(name, unclear.contains(name) ? Double.NaN : value));
        return all;
    }
}
