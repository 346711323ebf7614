package dev.pgrehearse.values;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A type as {@code format_type} prints it.
 *
 * @param name without modifiers and array marks: {@code timestamp without time zone}
 * @param modifiers the numbers in parentheses
 * @param array whether it is an array of the rest
 */
record TypeName(String name, List<Integer> modifiers, boolean array) {
    private static final Pattern MODIFIERS = Pattern.compile("\\((-?\\d+)(?:,(-?\\d+))?\\)");

    static TypeName parse(String type) {
        String rest = type.strip();
        boolean array = false;
        while (rest.endsWith("[]")) {
            rest = rest.substring(0, rest.length() - 2);
            array = true;
        }
        List<Integer> modifiers = new ArrayList<>();
        Matcher matcher = MODIFIERS.matcher(rest);
        if (matcher.find()) {
            modifiers.add(Integer.valueOf(matcher.group(1)));
            if (matcher.group(2) != null) {
                modifiers.add(Integer.valueOf(matcher.group(2)));
            }
            rest = matcher.replaceFirst("");
        }
        // An extension's type is printed with its schema where that is not on the search path.
        if (rest.endsWith(".citext")) {
            rest = "citext";
        }
        return new TypeName(rest, List.copyOf(modifiers), array);
    }

    /** The first modifier; {@code otherwise} without one. */
    int modifier(int otherwise) {
        return modifiers.isEmpty() ? otherwise : modifiers.get(0);
    }
}
