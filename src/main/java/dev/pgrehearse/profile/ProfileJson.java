package dev.pgrehearse.profile;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Profiles as JSON: pretty, in a stable order (records as declared, maps by key), so that two of them can be compared with
 * {@code diff}. {@code docs/profile.schema.json} describes it. Thread-safe.
 *
 * <p>Reading is strict: what is unknown, missing or of another type is refused with line and column, since a dataset made
 * from half a profile would look like production and not be it.
 */
public final class ProfileJson {
    private static final Pattern FORMAT = Pattern.compile("pgrehearse-profile/(\\d{1,9})");
    private static final int FORMAT_NUMBER = 1;
    private static final String CALIBRATION = "calibration";

    /** The schema of a large application is long: Jackson's own bound is 20 MB. */
    private static final int LONGEST_STRING = 200_000_000;

    private static final ObjectMapper MAPPER = build();

    private ProfileJson() {}

    /** The profile as JSON text. */
    public static String write(Profile profile) {
        try {
            return MAPPER.writeValueAsString(profile) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a profile is made of what JSON can hold", e);
        }
    }

    /**
     * Writes the profile into a file that its owner alone may read (0600), and that is whole or what it was before.
     *
     * @throws IOException when it cannot be written
     */
    public static void write(Profile profile, Path file) throws IOException {
        PrivateFile.write(file, write(profile));
    }

    /**
     * The profile in a file.
     *
     * @throws ProfileFormatException when the file is not one, not a whole one, or was written in a newer format
     * @throws IOException when it cannot be read
     */
    public static Profile read(Path file) throws IOException, ProfileFormatException {
        try {
            return read(Files.readString(file));
        } catch (ProfileFormatException e) {
            throw new ProfileFormatException(file + ": " + e.getMessage(), e);
        } catch (CharacterCodingException e) {
            throw new ProfileFormatException(file + ": this is no text in UTF-8, so it is no profile of pgrehearse", e);
        }
    }

    /**
     * The profile in a JSON text.
     *
     * @throws ProfileFormatException when the text is not one, not a whole one, or was written in a newer format
     */
    public static Profile read(String json) throws ProfileFormatException {
        try {
            JsonNode tree = MAPPER.readTree(json);
            checkFormat(tree);
            checkCalibration(tree);
            // Once more from the text and not from the tree, which no longer knows lines and columns.
            Profile profile = MAPPER.readValue(whole(tree, json), Profile.class);
            Optional<String> absent = Absent.in(profile);
            if (absent.isPresent()) {
                throw new ProfileFormatException("this is not a whole profile: " + absent.get()
                        + " is null, expected a value. Take the profile again.");
            }
            List<String> impossible = Impossible.in(profile);
            if (!impossible.isEmpty()) {
                throw new ProfileFormatException(
                        "no database has such figures: " + String.join("; ", impossible) + ". Take the profile again.");
            }
            return profile;
        } catch (JsonProcessingException e) {
            throw new ProfileFormatException(
                    "this is not a whole profile of the format " + Profile.FORMAT + ": " + where(e, json) + inWords(e)
                            + ". Nothing was taken from it. Take the profile again.",
                    e);
        }
    }

    /** Profiles of before there were calibrations say nothing of one; everything else that is missing is a mistake. */
    private static String whole(JsonNode tree, String json) {
        return tree.has(CALIBRATION) ? json : json.replaceFirst("\\{", "{ \"" + CALIBRATION + "\": null,");
    }

    /** What Jackson says, without its advice on how to configure it. */
    private static String inWords(JsonProcessingException failure) {
        return String.valueOf(failure.getOriginalMessage()).replaceFirst("; `DeserializationFeature.*", "");
    }

    private static String where(JsonProcessingException failure, String json) {
        String path = failure instanceof JsonMappingException mapping ? path(mapping) : "";
        JsonLocation location = place(path, json).orElse(failure.getLocation());
        String place = location == null ? "" : "line " + location.getLineNr() + ", column " + location.getColumnNr();
        String both = place.isEmpty() || path.isEmpty() ? place + path : place + " (" + path + ")";
        return both.isEmpty() ? "" : both + ": ";
    }

    /** Where a field is: Jackson knows no better than the end of the record, which it makes when it has all of it. */
    private static Optional<JsonLocation> place(String path, String json) {
        if (path.isEmpty()) {
            return Optional.empty();
        }
        String wanted = "/" + path.replaceAll("[.\\[]", "/").replace("]", "");
        try (JsonParser parser = MAPPER.createParser(json)) {
            while (parser.nextToken() != null) {
                if (parser.currentToken() == JsonToken.FIELD_NAME
                        && parser.getParsingContext().pathAsPointer().toString().equals(wanted)) {
                    return Optional.of(parser.currentTokenLocation());
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            // The text was read before as far as the field; without it the end of the record is told.
            return Optional.empty();
        }
    }

    private static String path(JsonMappingException failure) {
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference reference : failure.getPath()) {
            if (reference.getFieldName() == null) {
                path.append('[').append(reference.getIndex()).append(']');
            } else {
                path.append(path.length() == 0 ? "" : ".").append(reference.getFieldName());
            }
        }
        return path.toString();
    }

    private static void checkFormat(JsonNode tree) throws ProfileFormatException {
        String format = tree.path("format").asText("");
        Matcher matcher = FORMAT.matcher(format);
        if (!matcher.matches()) {
            throw new ProfileFormatException("this is not a profile of pgrehearse: its \"format\" is "
                    + (format.isEmpty() ? "missing" : '"' + format + '"') + ", expected \"" + Profile.FORMAT + '"');
        }
        int number = Integer.parseInt(matcher.group(1));
        if (number > FORMAT_NUMBER) {
            throw new ProfileFormatException("this profile has the format " + format
                    + ", written by a newer pgrehearse; expected " + Profile.FORMAT
                    + ". Nothing was taken from it. Use the pgrehearse that wrote it, or a newer one.");
        }
        if (number < FORMAT_NUMBER) {
            throw new ProfileFormatException("no pgrehearse wrote the format " + format);
        }
    }

    /** Before its fields are read: those of another version are others. */
    private static void checkCalibration(JsonNode tree) throws ProfileFormatException {
        JsonNode calibration = tree.path(CALIBRATION);
        if (calibration.isObject() && !calibration.path("format").asText("").equals(Calibration.FORMAT)) {
            throw new ProfileFormatException("its calibration has the format "
                    + calibration.path("format").asText("(missing)")
                    + ", whose probes are not those of this pgrehearse: expected " + Calibration.FORMAT
                    + ". Figures of the two cannot be compared. Take the profile again, with --calibrate.");
        }
    }

    private static ObjectMapper build() {
        ObjectMapper mapper = JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                // Methods such as Table.isPartitioned say what components already say.
                .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
                .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
                // The text itself may hold what is nobody's business; an error does not quote it.
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                .build();
        mapper.coercionConfigFor(LogicalType.Textual)
                .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
        mapper.getFactory()
                .setStreamReadConstraints(StreamReadConstraints.builder()
                        .maxStringLength(LONGEST_STRING)
                        .build());
        return mapper;
    }
}
