package dev.pgrehearse.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A text in which code stands between backticks, such as a step of a safer way, taken apart into words and code.
 *
 * @param parts in order
 */
record Step(List<Part> parts) {
    /** Words, or code. */
    record Part(String text, boolean code) {}

    /** The steps of a finding, without their numbers. */
    static List<Step> all(String safer) {
        return safer.lines()
                .map(line -> line.replaceFirst("^\\d+\\. ", ""))
                .map(Step::of)
                .toList();
    }

    /** What stands between backticks is code; a lone backtick is a backtick. */
    static Step of(String line) {
        List<Part> parts = new ArrayList<>();
        int from = 0;
        while (from < line.length()) {
            int open = line.indexOf('`', from);
            int close = open < 0 ? -1 : line.indexOf('`', open + 1);
            if (close < 0) {
                parts.add(new Part(line.substring(from), false));
                break;
            }
            if (open > from) {
                parts.add(new Part(line.substring(from, open), false));
            }
            parts.add(new Part(line.substring(open + 1, close), true));
            from = close + 1;
        }
        return new Step(parts);
    }
}
