package dev.pgrehearse.observe;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the server writes beside "deadlock detected": who waits for whom, and what each runs. Source of the wordings: {@code
 * DeadLockReport} in {@code src/backend/storage/lmgr/deadlock.c}, unchanged from 13 to 18.
 */
final class DeadlockDetail {
    private static final Pattern EDGE =
            Pattern.compile("^Process (\\d+) waits for (\\w+) on (.+); blocked by process (\\d+)\\.$");
    private static final Pattern STATEMENT = Pattern.compile("^Process (\\d+): (.*)$");
    private static final int LONGEST_SQL = 500;

    private DeadlockDetail() {}

    /** The sessions in the server's order; none when the text has another form. */
    static List<LogEntry.Deadlock.Wait> waits(String detail) {
        List<Matcher> edges = new ArrayList<>();
        Map<Integer, StringBuilder> statements = new HashMap<>();
        StringBuilder statement = null;
        for (String line : detail.lines().toList()) {
            Matcher edge = EDGE.matcher(line);
            Matcher begin = STATEMENT.matcher(line);
            if (statements.isEmpty() && edge.matches()) {
                edges.add(edge);
            } else if (begin.matches() && isOneOf(edges, begin.group(1))) {
                statement = statements.computeIfAbsent(Integer.parseInt(begin.group(1)), pid -> new StringBuilder());
                statement.append(begin.group(2));
            } else if (statement != null) {
                statement.append('\n').append(line);
            }
        }
        return edges.stream()
                .map(edge -> {
                    int pid = Integer.parseInt(edge.group(1));
                    return new LogEntry.Deadlock.Wait(
                            pid,
                            edge.group(2),
                            edge.group(3),
                            Integer.parseInt(edge.group(4)),
                            shortened(statements.getOrDefault(pid, new StringBuilder())));
                })
                .toList();
    }

    /** A line of somebody's statement may look like the begin of one. */
    private static boolean isOneOf(List<Matcher> edges, String pid) {
        return edges.stream().anyMatch(edge -> edge.group(1).equals(pid));
    }

    private static String shortened(StringBuilder sql) {
        return sql.length() <= LONGEST_SQL ? sql.toString() : sql.substring(0, LONGEST_SQL) + "…";
    }
}
