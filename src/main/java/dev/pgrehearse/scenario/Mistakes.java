package dev.pgrehearse.scenario;

import dev.pgrehearse.scenario.Source.Place;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gathers mistakes. The first about a key or value counts: what is found later about the same one mostly follows from
 * it. Not thread-safe.
 */
final class Mistakes {
    private static final int LONGEST_SHOWN = 80;

    private final List<Mistake> mistakes = new ArrayList<>();
    private final Set<String> seen = new HashSet<>();

    void add(Place place, String path, String found, String expected, @Nullable String nearest) {
        String file = place.source().name();
        if (seen.add(file + '\0' + place.line() + '\0' + place.column() + '\0' + path)) {
            mistakes.add(new Mistake(
                    file, place.line(), place.column(), path, found, expected, nearest, place.sourceLine()));
        }
    }

    boolean isEmpty() {
        return mistakes.isEmpty();
    }

    void throwIfAny() throws ScenarioMistakes {
        if (!mistakes.isEmpty()) {
            throw new ScenarioMistakes(inOrder());
        }
    }

    /** By file in the order in which they came up, then by line and column. */
    private List<Mistake> inOrder() {
        List<String> files = new ArrayList<>(
                new LinkedHashSet<>(mistakes.stream().map(Mistake::file).toList()));
        return mistakes.stream()
                .sorted(Comparator.comparingInt((Mistake mistake) -> files.indexOf(mistake.file()))
                        .thenComparingInt(Mistake::line)
                        .thenComparingInt(Mistake::column))
                .toList();
    }

    /** A text of the file between backticks: short, on one line, and without control characters. */
    static String quoted(String text) {
        String shown = text.replaceAll("\\p{Cntrl}+", " ");
        return "`" + (shown.length() > LONGEST_SHOWN ? shown.substring(0, LONGEST_SHOWN) + "…" : shown) + "`";
    }

    /** What a part is, in a user's words. */
    static String describe(Part part) {
        if (part instanceof Part.Mapping mapping) {
            return mapping.entries().isEmpty() ? "an empty mapping" : "a mapping";
        }
        if (part instanceof Part.Listing listing) {
            return listing.items().isEmpty() ? "an empty list" : "a list";
        }
        Part.Scalar scalar = (Part.Scalar) part;
        if (scalar.json().isNull()) {
            return "nothing";
        }
        return scalar.text().isEmpty() ? "an empty text" : quoted(scalar.text());
    }
}
