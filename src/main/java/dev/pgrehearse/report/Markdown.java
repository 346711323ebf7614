package dev.pgrehearse.report;

import java.util.List;

/** Text as GitHub's Markdown, so that it shows as it is. Stateless. */
final class Markdown {
    private static final String SPECIAL = "\\`*_{}[]#|~>+";

    private Markdown() {}

    /** Any text on one line; nobody is mentioned, nothing is formatted, no HTML is made. */
    static String text(String text) {
        StringBuilder escaped = new StringBuilder();
        for (char c : text.replaceAll("\\s*[\\r\\n]+\\s*", " ").toCharArray()) {
            if (c == '<') {
                escaped.append("&lt;");
            } else if (c == '&') {
                escaped.append("&amp;");
            } else if (c == '@') {
                escaped.append("&#64;");
            } else if (SPECIAL.indexOf(c) >= 0) {
                escaped.append('\\').append(c);
            } else if (Character.isISOControl(c)) {
                escaped.append(' ');
            } else {
                escaped.append(c);
            }
        }
        return escaped.toString();
    }

    /** Code within a line, fenced by more backticks than it holds. */
    static String code(String code) {
        String line = code.replaceAll("\\s+", " ").strip();
        int longest = 0;
        int run = 0;
        for (int i = 0; i < line.length(); i++) {
            run = line.charAt(i) == '`' ? run + 1 : 0;
            longest = Math.max(longest, run);
        }
        String fence = "`".repeat(longest + 1);
        String space = longest > 0 ? " " : "";
        // A bar would end the cell of a table even within code.
        return fence + space + line.replace("|", "\\|") + space + fence;
    }

    /** A step with code between backticks. */
    static String step(String step) {
        StringBuilder text = new StringBuilder();
        for (Step.Part part : Step.of(step).parts()) {
            text.append(part.code() ? code(part.text()) : text(part.text()));
        }
        return text.toString();
    }

    static String row(List<String> cells) {
        return "| " + String.join(" | ", cells) + " |\n";
    }
}
