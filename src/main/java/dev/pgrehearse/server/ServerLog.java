package dev.pgrehearse.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The last lines of a server's log, made readable. */
final class ServerLog {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final int LINES = 15;
    private static final Pattern SEVERITY = Pattern.compile("(?:LOG|ERROR|FATAL): +(.*)");

    private ServerLog() {}

    /**
     * Turns log text into readable lines.
     *
     * @param text lines of jsonlog, csvlog or plain text, in any mixture
     * @return the last {@value #LINES} lines; JSON ones as {@code time severity: message (detail) (hint)}
     */
    static String tail(String text) {
        List<String> lines = new ArrayList<>();
        text.lines().filter(line -> !line.isBlank()).forEach(line -> lines.add(readable(line)));
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LINES), lines.size()));
    }

    /** What a server that refuses its settings complains of: its first message, without time, process and file. */
    static String complaint(String output) {
        return output.lines()
                .map(SEVERITY::matcher)
                .filter(Matcher::find)
                .map(matcher -> matcher.group(1).replaceFirst(" in file \".*", ""))
                .findFirst()
                .orElse(output.strip());
    }

    private static String readable(String line) {
        if (!line.startsWith("{")) {
            return line;
        }
        try {
            JsonNode node = MAPPER.readTree(line);
            String message = node.path("timestamp").asText() + " "
                    + node.path("error_severity").asText() + ": "
                    + node.path("message").asText();
            for (String more : List.of("detail", "hint")) {
                if (node.has(more)) {
                    message += " (" + node.path(more).asText() + ")";
                }
            }
            return message;
        } catch (JsonProcessingException e) {
            // A line that a dying server left half-written is shown as it is.
            return line;
        }
    }
}
