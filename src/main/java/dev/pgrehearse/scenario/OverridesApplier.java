package dev.pgrehearse.scenario;

import dev.pgrehearse.scenario.Source.Place;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes the command line's changes into a document, so that they are checked as if the file had them. */
final class OverridesApplier {
    /** Below these keys users name things themselves: a new name in the middle of a path is a slip. */
    private static final Set<String> NAMED_BY_USERS =
            Set.of("variants", "operations", "tables", "sizes", "columns", "params");

    private final Path directory;
    private final Mistakes mistakes;

    OverridesApplier(Path directory, Mistakes mistakes) {
        this.directory = directory;
        this.mistakes = mistakes;
    }

    Part.Mapping apply(Part.Mapping document, Overrides overrides) {
        Part.Mapping changed =
                overrides.migration().isEmpty() ? document : withMigration(document, overrides.migration());
        for (Overrides.Assignment assignment : overrides.assignments()) {
            changed = assign(changed, assignment);
        }
        ServerSpec.Kind kind = overrides.server();
        return kind == null ? changed : withServer(changed, kind);
    }

    private static Part.Mapping withMigration(Part.Mapping document, List<Path> scripts) {
        Path here = Path.of("").toAbsolutePath();
        List<Part> files = new ArrayList<>();
        for (Path script : scripts) {
            files.add(text(new Source("--migration " + script, here, List.of()).whole(), script.toString()));
        }
        Place place = files.get(0).place();
        Part.Mapping given = mapping(place, "sql", new Part.Listing(place, files));
        Part.Mapping variants = mapping(place, Overrides.GIVEN, given);
        return document.with("migration", new Part.Entry(place, mapping(place, "variants", variants)));
    }

    private static Part.Mapping withServer(Part.Mapping document, ServerSpec.Kind kind) {
        String key = kind.name().toLowerCase(Locale.ROOT);
        Place place = new Source("--server " + key, Path.of("").toAbsolutePath(), List.of()).whole();
        Part.Mapping server = document.child("server") instanceof Part.Mapping existing
                ? existing
                : new Part.Mapping(place, Map.of());
        Part.Mapping changed = server.with("kind", new Part.Entry(place, text(place, key)));
        if (kind == ServerSpec.Kind.EMBEDDED) {
            changed = changed.without("image");
        }
        Part.Entry existing = document.entries().get("server");
        return document.with("server", new Part.Entry(existing == null ? place : existing.keyPlace(), changed));
    }

    private Part.Mapping assign(Part.Mapping document, Overrides.Assignment assignment) {
        Source source = new Source(assignment.toString(), directory, List.of());
        List<String> path = PathText.parse(assignment.path());
        if (path == null) {
            mistakes.add(
                    source.whole(),
                    "",
                    "the path " + Mistakes.quoted(assignment.path()),
                    "keys with dots between them, such as phases.baseline",
                    null);
            return document;
        }
        if (assignment.value().isBlank()) {
            mistakes.add(source.whole(), PathText.print(path), "nothing", "a value; an empty text is \"\"", null);
            return document;
        }
        Part value = new YamlParser(source, mistakes).parse(assignment.value());
        if (value == null) {
            return document;
        }
        Part changed = set(document, path, 0, value, source.whole());
        return changed instanceof Part.Mapping mapping ? mapping : document;
    }

    /** The part with {@code value} at the end of the path; null when the path leads nowhere, which is then noted. */
    private @Nullable Part set(Part part, List<String> path, int depth, Part value, Place place) {
        if (depth == path.size()) {
            return value;
        }
        if (part instanceof Part.Mapping mapping) {
            return setInMapping(mapping, path, depth, value, place);
        }
        String key = path.get(depth);
        if (part instanceof Part.Listing listing) {
            int index = listing.indexOf(key);
            if (index < 0) {
                mistakes.add(
                        place,
                        PathText.print(path.subList(0, depth + 1)),
                        Mistakes.quoted(key),
                        listing.items().isEmpty()
                                ? "nothing, since the list is empty"
                                : "an index from 0 to " + (listing.items().size() - 1),
                        null);
                return null;
            }
            Part item = set(listing.items().get(index), path, depth + 1, value, place);
            return item == null ? null : listing.with(index, item);
        }
        mistakes.add(
                place,
                PathText.print(path.subList(0, depth + 1)),
                Mistakes.quoted(key),
                "no key: " + PathText.print(path.subList(0, depth)) + " is " + Mistakes.describe(part),
                null);
        return null;
    }

    private @Nullable Part setInMapping(Part.Mapping mapping, List<String> path, int depth, Part value, Place place) {
        String key = path.get(depth);
        boolean last = depth + 1 == path.size();
        Part.Entry existing = mapping.entries().get(key);
        if (existing == null && !last && depth > 0 && NAMED_BY_USERS.contains(path.get(depth - 1))) {
            mistakes.add(
                    place,
                    PathText.print(path.subList(0, depth + 1)),
                    Mistakes.quoted(key),
                    Words.oneOf(mapping.entries().keySet()),
                    NearestName.of(key, mapping.entries().keySet()));
            return null;
        }
        Part below = existing == null ? new Part.Mapping(place, new LinkedHashMap<>()) : existing.value();
        Part changed = set(below, path, depth + 1, value, place);
        Place keyPlace = existing == null || last ? place : existing.keyPlace();
        return changed == null ? null : mapping.with(key, new Part.Entry(keyPlace, changed));
    }

    private static Part.Mapping mapping(Place place, String key, Part value) {
        return new Part.Mapping(place, Map.of(key, new Part.Entry(place, value)));
    }

    private static Part.Scalar text(Place place, String text) {
        return new Part.Scalar(place, text, Part.JSON.textNode(text));
    }
}
