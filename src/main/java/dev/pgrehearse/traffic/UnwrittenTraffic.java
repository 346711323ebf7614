package dev.pgrehearse.traffic;

import dev.pgrehearse.profile.Profile.Counts;
import dev.pgrehearse.profile.Profile.Traffic;
import dev.pgrehearse.recording.Recording.LeftOutStatement;
import java.util.List;
import java.util.stream.Stream;

/**
 * What production ran, and the profile has only the counters of: a part of production's traffic that cannot be rehearsed.
 * Immutable.
 */
record UnwrittenTraffic(Traffic traffic) {
    private record Part(String what, Counts counts, String reason) {}

    private List<Part> parts() {
        return Stream.of(
                        new Part(
                                "hidden",
                                traffic.hidden(),
                                "hidden from the role that took the profile: take it as a member of pg_read_all_stats"),
                        new Part(
                                "cut off",
                                traffic.cutOff(),
                                "not in the profile, which holds the "
                                        + traffic.statements().size() + " statements with the most time"),
                        new Part(
                                "without a text",
                                traffic.unwritten(),
                                "not in the profile, which holds no COPY, CALL, DO and the like, and no text that may have"
                                        + " constants in it: declare under workload.operations what matters of it"))
                .filter(part -> part.counts().entries() > 0)
                .toList();
    }

    double calls() {
        return parts().stream().mapToDouble(part -> part.counts().calls()).sum();
    }

    double millis() {
        return parts().stream().mapToDouble(part -> part.counts().totalMillis()).sum();
    }

    /** How many entries it is not: utility statements and questions about catalogues, whose calls are nobody's load. */
    long others() {
        return Math.max(
                0,
                traffic.leftOut()
                        - parts().stream()
                                .mapToLong(part -> part.counts().entries())
                                .sum());
    }

    /** Each part, with its shares of all calls and of their time. */
    List<LeftOutStatement> leftOut(double allCalls, double allMillis) {
        return parts().stream()
                .map(part -> new LeftOutStatement(
                        "(" + part.counts().entries()
                                + (part.counts().entries() == 1 ? " entry" : " entries")
                                + " of pg_stat_statements, " + part.what() + ")",
                        part.counts().calls(),
                        allCalls == 0 ? 0 : part.counts().calls() / allCalls,
                        allMillis == 0 ? 0 : part.counts().totalMillis() / allMillis,
                        part.reason()))
                .toList();
    }
}
