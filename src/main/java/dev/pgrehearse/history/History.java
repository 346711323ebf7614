package dev.pgrehearse.history;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.pgrehearse.estimate.ErrorsSeen;
import dev.pgrehearse.estimate.Operation;
import dev.pgrehearse.estimate.PastErrors;
import dev.pgrehearse.recording.RecordingJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is known of how earlier estimates fared: one JSON object a line, of each statement of a recording one.
 *
 * @param checked in the file's order; a recording that stands there twice is counted once
 * @param told of each line that could not be read its number and why, in whole sentences
 */
public record History(List<CheckedStatement> checked, List<String> told) {
    private static final ObjectMapper LINES = RecordingJson.mapper()
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(SerializationFeature.INDENT_OUTPUT);

    public History {
        checked = List.copyOf(checked);
        told = List.copyOf(told);
    }

    /**
     * Reads the lines of a file.
     *
     * @param file its name, for what is told
     */
    static History of(String file, String text) {
        List<CheckedStatement> checked = new ArrayList<>();
        List<String> told = new ArrayList<>();
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).isBlank()) {
                continue;
            }
            try {
                CheckedStatement read = LINES.readValue(lines.get(i), CheckedStatement.class);
                if (checked.stream().noneMatch(read::measuredAs)) {
                    checked.add(read);
                }
            } catch (JsonProcessingException wrong) {
                told.add("Line " + (i + 1) + " of " + file + " cannot be read and is not counted: " + why(wrong) + ".");
            }
        }
        return new History(checked, told);
    }

    /** What is wrong, without what Jackson says of our classes and its own switches. */
    private static String why(JsonProcessingException wrong) {
        Throwable cause = wrong.getCause();
        String why = cause instanceof IllegalArgumentException ? cause.getMessage() : wrong.getOriginalMessage();
        return String.valueOf(why)
                .lines()
                .findFirst()
                .orElse("it is no JSON")
                .replaceAll(" \\((class|set|enable|index|start marker) .*", "")
                .replaceAll(" of type `[^`]*`", "")
                .replaceAll("^Missing creator property '([^']*)'$", "its $1 is missing");
    }

    /** As a line, without its end. */
    static String line(CheckedStatement checked) {
        try {
            return LINES.writeValueAsString(checked);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a checked statement could not be written as JSON", e);
        }
    }

    boolean holds(CheckedStatement checked) {
        return this.checked.stream().anyMatch(checked::measuredAs);
    }

    /** With some more. */
    History with(List<CheckedStatement> more) {
        List<CheckedStatement> all = new ArrayList<>(checked);
        all.addAll(more);
        return new History(all, told);
    }

    /** The errors seen so far, by operation. */
    public PastErrors errors() {
        Map<Operation, List<CheckedStatement>> byOperation =
                checked.stream().collect(Collectors.groupingBy(CheckedStatement::operation));
        return new PastErrors(
                byOperation.entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, entry -> errors(entry.getValue()))),
                told);
    }

    private static ErrorsSeen errors(List<CheckedStatement> checked) {
        return new ErrorsSeen(
                group(checked.stream().filter(each -> !each.underLoad()).toList()),
                group(checked.stream().filter(CheckedStatement::underLoad).toList()));
    }

    private static ErrorsSeen.@Nullable Group group(List<CheckedStatement> checked) {
        if (checked.isEmpty()) {
            return null;
        }
        List<CheckedStatement> counted =
                checked.stream().filter(each -> !each.negligible()).toList();
        return new ErrorsSeen.Group(
                checked.size(),
                checked.size() - counted.size(),
                counted.isEmpty() ? null : most(counted, 1),
                counted.isEmpty() ? null : -most(counted, -1),
                (int) counted.stream().filter(CheckedStatement::aboveUpper).count(),
                checked.stream().mapToDouble(CheckedStatement::ratio).max().orElse(0));
    }

    private static double most(List<CheckedStatement> checked, int sign) {
        return checked.stream().mapToDouble(each -> sign * each.error()).max().orElse(0);
    }
}
