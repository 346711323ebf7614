package dev.pgrehearse.recording;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Adds up what was told of errors second by second. Pure. */
final class SqlErrorsFold {
    private final List<Fact> facts;
    private final Phases phases;

    SqlErrorsFold(List<Fact> facts, Phases phases) {
        this.facts = facts;
        this.phases = phases;
    }

    List<SqlErrors> fold() {
        Map<List<String>, List<Fact.SqlErrorsSeen>> kinds = new LinkedHashMap<>();
        for (Fact fact : facts) {
            if (fact instanceof Fact.SqlErrorsSeen seen) {
                kinds.computeIfAbsent(
                                List.of(seen.operation(), SqlErrors.messageClass(seen.sqlState(), seen.message())),
                                kind -> new ArrayList<>())
                        .add(seen);
            }
        }
        return kinds.values().stream()
                .map(this::together)
                .sorted(Comparator.comparing(SqlErrors::operation).thenComparingDouble(SqlErrors::firstMs))
                .toList();
    }

    private SqlErrors together(List<Fact.SqlErrorsSeen> seen) {
        Fact.SqlErrorsSeen first = seen.get(0);
        Map<String, Long> byPhase = new LinkedHashMap<>();
        long count = 0;
        long from = Long.MAX_VALUE;
        long to = Long.MIN_VALUE;
        for (Fact.SqlErrorsSeen each : seen) {
            count += each.count();
            from = Math.min(from, each.firstNanos());
            to = Math.max(to, each.lastNanos());
            String phase = phases.at(each.firstNanos())
                    .map(Phases.Span::name)
                    .orElse(
                            phases.spans().isEmpty()
                                    ? Recording.Phase.WARMUP
                                    : phases.spans()
                                            .get(phases.spans().size() - 1)
                                            .name());
            byPhase.merge(phase, each.count(), Long::sum);
        }
        return new SqlErrors(
                first.operation(),
                first.sqlState(),
                first.kind(),
                first.message(),
                count,
                byPhase,
                phases.millis(from),
                phases.millis(to));
    }
}
