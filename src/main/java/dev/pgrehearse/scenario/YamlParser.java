package dev.pgrehearse.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pgrehearse.scenario.Source.Place;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.schema.JsonSchema;

/**
 * YAML 1.2 text into a {@link Part}, strictly: every duplicate key is a mistake, values are typed by YAML's JSON schema
 * ({@code off}, {@code no} and {@code 010} stay the texts that were written), and what aliases blow up is bounded. One
 * use each.
 */
final class YamlParser {
    /** Far more than any scenario has, far less than what exhausts memory. */
    private static final long MOST_PARTS = 100_000;

    private static final int DEEPEST = 50;

    /** Numbers beyond have no meaning here, and writing them out would take gigabytes. */
    private static final int LARGEST_EXPONENT = 50;

    private final Source source;
    private final Mistakes mistakes;
    private final ScalarResolver resolver = new JsonSchema().getScalarResolver();
    private final Map<String, Anchored> anchors = new HashMap<>();
    private final Set<String> openAnchors = new HashSet<>();
    private Iterator<Event> events = List.<Event>of().iterator();
    private long parts;

    YamlParser(Source source, Mistakes mistakes) {
        this.source = source;
        this.mistakes = mistakes;
    }

    /** What an anchor names, and how many parts it is when written out. */
    private record Anchored(Part part, long parts) {}

    /** The end of reading: a mistake has been noted that leaves nothing to go on with. */
    private static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** The document's one value; null when it has none or cannot be read, which is then among the mistakes. */
    @Nullable
    Part parse(String text) {
        LoadSettings settings = LoadSettings.builder()
                .setLabel(source.name())
                .setSchema(new JsonSchema())
                .setParseComments(false)
                .build();
        try {
            events = new Parse(settings).parseString(text).iterator();
            Part document = null;
            while (events.hasNext()) {
                Event event = events.next();
                switch (event.getEventId()) {
                    case StreamStart, StreamEnd, DocumentStart, DocumentEnd -> {}
                    default -> {
                        if (document != null) {
                            throw unreadable(placeOf(event), "a second YAML document", "one document in a file");
                        }
                        document = part(event, 0);
                    }
                }
            }
            if (document == null) {
                mistakes.add(source.whole(), "", "nothing", "a scenario", null);
            }
            return document;
        } catch (Unreadable alreadyNoted) {
            return null;
        } catch (MarkedYamlEngineException e) {
            noteSyntax(e);
            return null;
        } catch (ReaderException e) {
            mistakes.add(
                    source.whole(),
                    "",
                    String.format("the character U+%04X at offset %d", e.getCodePoint(), e.getPosition()),
                    "YAML text without control characters",
                    null);
            return null;
        } catch (YamlEngineException e) {
            mistakes.add(source.whole(), "", Mistakes.quoted(String.valueOf(e.getMessage())), "YAML", null);
            return null;
        }
    }

    private void noteSyntax(MarkedYamlEngineException e) {
        Place place = e.getProblemMark().or(e::getContextMark).map(this::place).orElse(source.whole());
        String problem = e.getProblem();
        if (problem.contains("TAB")) {
            mistakes.add(place, "", "a tab", "spaces: YAML does not allow tabs for indentation", null);
            return;
        }
        String context = e.getContext() == null || e.getContext().isBlank() ? "" : " (" + e.getContext() + ")";
        mistakes.add(place, "", "text that is not YAML", "YAML: " + problem + context, null);
    }

    private Part part(Event event, int depth) throws Unreadable {
        Place place = placeOf(event);
        if (depth > DEEPEST) {
            throw unreadable(place, "more than " + DEEPEST + " levels of nesting", "a scenario, which has fewer");
        }
        if (event instanceof AliasEvent alias) {
            return aliased(alias, place);
        }
        long before = parts;
        count(1, place);
        Optional<String> anchor =
                event instanceof NodeEvent node ? node.getAnchor().map(Anchor::getValue) : Optional.empty();
        anchor.ifPresent(openAnchors::add);
        Part part = switch (event.getEventId()) {
            case Scalar -> scalar((ScalarEvent) event, place);
            case SequenceStart -> listing((CollectionStartEvent) event, place, depth);
            case MappingStart -> mapping((CollectionStartEvent) event, place, depth);
            default -> throw new IllegalStateException("no value begins with " + event);
        };
        if (anchor.isPresent()) {
            openAnchors.remove(anchor.get());
            anchors.put(anchor.get(), new Anchored(part, parts - before));
        }
        return part;
    }

    private Part aliased(AliasEvent event, Place place) throws Unreadable {
        String name = event.getAlias().getValue();
        if (openAnchors.contains(name)) {
            throw unreadable(
                    place, "`*" + name + "` inside of what it stands for", "an alias that does not hold itself");
        }
        Anchored anchored = anchors.get(name);
        if (anchored == null) {
            throw unreadable(place, "`*" + name + "`", "an alias whose anchor `&" + name + "` stands before it");
        }
        count(anchored.parts(), place);
        return anchored.part();
    }

    private void count(long more, Place place) throws Unreadable {
        parts += more;
        if (parts > MOST_PARTS) {
            throw unreadable(
                    place, "more than " + MOST_PARTS + " values, aliases written out", "a scenario, which has fewer");
        }
    }

    private Part.Mapping mapping(CollectionStartEvent start, Place place, int depth) throws Unreadable {
        noteTag(start.getTag(), place);
        Map<String, Part.Entry> entries = new LinkedHashMap<>();
        for (Event event = events.next(); !event.getEventId().equals(Event.ID.MappingEnd); event = events.next()) {
            Place keyPlace = placeOf(event);
            Part key = part(event, depth + 1);
            Part value = part(events.next(), depth + 1);
            if (!(key instanceof Part.Scalar name)) {
                mistakes.add(keyPlace, "", Mistakes.describe(key) + " as a key", "a name", null);
                continue;
            }
            Part.Entry first = entries.putIfAbsent(name.text(), new Part.Entry(keyPlace, value));
            if (first != null) {
                mistakes.add(
                        keyPlace,
                        "",
                        "a second " + Mistakes.quoted(name.text()),
                        "each key once; the first is on line "
                                + first.keyPlace().line(),
                        null);
            }
        }
        return new Part.Mapping(place, entries);
    }

    private Part.Listing listing(CollectionStartEvent start, Place place, int depth) throws Unreadable {
        noteTag(start.getTag(), place);
        List<Part> items = new ArrayList<>();
        for (Event event = events.next(); !event.getEventId().equals(Event.ID.SequenceEnd); event = events.next()) {
            items.add(part(event, depth + 1));
        }
        return new Part.Listing(place, items);
    }

    private Part.Scalar scalar(ScalarEvent event, Place place) {
        noteTag(event.getTag(), place);
        String text = event.getValue();
        return new Part.Scalar(place, text, event.isPlain() ? typed(text) : Part.JSON.textNode(text));
    }

    private JsonNode typed(String text) {
        Tag tag = resolver.resolve(text, true);
        if (tag.equals(Tag.NULL)) {
            return Part.JSON.nullNode();
        }
        if (tag.equals(Tag.BOOL)) {
            return Part.JSON.booleanNode(text.equals("true"));
        }
        if (tag.equals(Tag.INT) || tag.equals(Tag.FLOAT)) {
            return number(text);
        }
        return Part.JSON.textNode(text);
    }

    private static JsonNode number(String text) {
        BigDecimal number;
        try {
            number = new BigDecimal(text);
        } catch (NumberFormatException infinityOrNotANumber) {
            return Part.JSON.textNode(text);
        }
        if (Math.abs((long) number.precision() - number.scale()) > LARGEST_EXPONENT
                || Math.abs(number.scale()) > LARGEST_EXPONENT) {
            return Part.JSON.textNode(text);
        }
        return text.matches("-?[0-9]+")
                ? Part.JSON.numberNode(number.toBigIntegerExact())
                : Part.JSON.numberNode(number);
    }

    private void noteTag(Optional<String> tag, Place place) {
        tag.ifPresent(name -> mistakes.add(
                place,
                "",
                "the tag " + Mistakes.quoted(name),
                "no tag: a text that looks like a number stands in quotes",
                null));
    }

    private Unreadable unreadable(Place place, String found, String expected) {
        mistakes.add(place, "", found, expected, null);
        return new Unreadable();
    }

    private Place placeOf(Event event) {
        return event.getStartMark().map(this::place).orElse(source.whole());
    }

    private Place place(Mark mark) {
        // An option of the command line is shown whole: it has no lines to point into.
        return source.lines().isEmpty() ? source.whole() : new Place(source, mark.getLine() + 1, mark.getColumn() + 1);
    }
}
