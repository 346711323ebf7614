package dev.pgrehearse.scenario;

import dev.pgrehearse.scenario.Source.Place;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A document under check: the scenario itself, or the scenario with one variant's {@code with:} laid over it. Knows how
 * its mistakes are named, and keeps those of the scenario from being told once more for each variant.
 */
final class Scope {
    private final Part.Mapping document;
    private final List<String> prefix;
    private final Part.@Nullable Mapping with;
    private final Set<String> told;
    private final Mistakes mistakes;

    private Scope(
            Part.Mapping document,
            List<String> prefix,
            Part.@Nullable Mapping with,
            Set<String> told,
            Mistakes mistakes) {
        this.document = document;
        this.prefix = prefix;
        this.with = with;
        this.told = told;
        this.mistakes = mistakes;
    }

    static Scope of(Part.Mapping document, Mistakes mistakes) {
        return new Scope(document, List.of(), null, new HashSet<>(), mistakes);
    }

    /** The same with a variant's changes. */
    Scope with(String variant, Part.Mapping changes) {
        return new Scope(
                Merge.deeply(document, changes),
                List.of("migration", "variants", variant, "with"),
                changes,
                told,
                mistakes);
    }

    Part.Mapping document() {
        return document;
    }

    Cursor root() {
        return new Cursor(this, List.of(), document, document.place(), document.place());
    }

    void mistake(Place place, List<String> path, String found, String expected, @Nullable String nearest) {
        if (with == null) {
            told.add(PathText.print(path));
            mistakes.add(place, PathText.print(path), found, expected, nearest);
            return;
        }
        boolean own = with.at(path) != null;
        if (own || !told.contains(PathText.print(path))) {
            List<String> full = new ArrayList<>(own ? prefix : List.of());
            full.addAll(path);
            mistakes.add(place, PathText.print(full), found, expected, nearest);
        }
    }
}
