package dev.pgrehearse.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Paths into a scenario as users read and write them: keys and indexes with dots between them. */
final class PathText {
    private PathText() {}

    /** {@code server.settings."auto_explain.log_analyze"}: what {@link #parse} reads. */
    static String print(List<String> path) {
        return path.stream()
                .map(key -> key.contains(".") || key.isEmpty() ? "\"" + key + "\"" : key)
                .collect(Collectors.joining("."));
    }

    /** The keys of a path; null when a quote is not closed or a key is empty. */
    static @Nullable List<String> parse(String text) {
        List<String> keys = new ArrayList<>();
        int at = 0;
        while (at <= text.length()) {
            int end;
            if (at < text.length() && text.charAt(at) == '"') {
                int close = text.indexOf('"', at + 1);
                end = close + 1;
                if (close < 0 || (end < text.length() && text.charAt(end) != '.')) {
                    return null;
                }
                keys.add(text.substring(at + 1, close));
            } else {
                int dot = text.indexOf('.', at);
                end = dot < 0 ? text.length() : dot;
                if (end == at) {
                    return null;
                }
                keys.add(text.substring(at, end));
            }
            at = end + 1;
        }
        return keys;
    }
}
