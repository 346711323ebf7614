package dev.pgrehearse.report;

import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.ResponseParts;
import dev.pgrehearse.recording.ResponseParts.LockPart;
import dev.pgrehearse.recording.ResponseParts.Part;
import dev.pgrehearse.recording.ResponseParts.Parts;
import dev.pgrehearse.verdict.Figures;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A row of "Where the time of responses went": means per request.
 *
 * @param of all requests, or the slowest of them, or the slowest one
 * @param locks a dash when no request's backend is known
 * @param chief the lock that took most of it; a dash when there was none
 */
record PartsView(
        String operation,
        boolean first,
        int rows,
        String phase,
        String of,
        String response,
        String betweenTries,
        String arrivalQueue,
        String pool,
        String locks,
        String rest,
        String chief) {
    private static final String NONE = "–";

    static List<PartsView> of(Recording recording) {
        List<PartsView> rows = new ArrayList<>();
        for (ResponseParts parts : recording.responseParts()) {
            int its = recording.responseParts().stream()
                    .filter(other -> other.operation().equals(parts.operation()))
                    .mapToInt(other -> other.examples().isEmpty() ? 2 : 3)
                    .sum();
            boolean first = rows.stream().noneMatch(row -> row.operation().equals(parts.operation()));
            rows.add(row(
                    recording,
                    parts,
                    first,
                    its,
                    parts.all(),
                    "all " + Figures.count(parts.all().requests())));
            rows.add(row(
                    recording,
                    parts,
                    false,
                    its,
                    parts.slowest(),
                    "slowest " + Figures.count(parts.slowest().requests())));
            parts.examples().stream()
                    .limit(1)
                    .map(one -> row(recording, parts, false, its, one.parts(), inWords(one)))
                    .forEach(rows::add);
        }
        return rows;
    }

    private static PartsView row(
            Recording recording, ResponseParts parts, boolean first, int rows, Parts shown, String of) {
        return new PartsView(
                parts.operation(),
                first,
                rows,
                parts.phase(),
                of,
                mean(shown.response()),
                mean(shown.betweenTries()),
                mean(shown.arrivalQueue()),
                mean(shown.pool()),
                mean(shown.locks()),
                mean(shown.rest()),
                chief(recording, shown.chief()));
    }

    private static String inWords(ResponseParts.One one) {
        return "the slowest, of " + Figures.duration(one.intendedMs())
                + (one.outcome() == Outcome.OK ? "" : " (" + one.outcome() + ")");
    }

    private static String mean(@Nullable Part part) {
        return part == null ? NONE : Figures.duration(part.meanMs());
    }

    private static String chief(Recording recording, @Nullable LockPart lock) {
        return lock == null
                ? NONE
                : lock.relation() + " behind " + WaitsView.who(recording, lock.behind()) + ": "
                        + Figures.count(lock.requests(), "request", "requests") + ", longest "
                        + Figures.duration(lock.longestMs());
    }

    /** Whether the backends of requests are not known, so that their waits for locks are part of the rest. */
    static boolean backendsUnknown(Recording recording) {
        return recording.responseParts().stream().anyMatch(parts -> parts.all().locks() == null);
    }

    /** Which slow responses are due to a lock more than to anything else, the slowest first; in one sentence. */
    static Optional<String> worst(Recording recording) {
        return recording.responseParts().stream()
                .filter(parts -> !parts.phase().equals(Recording.Phase.BASELINE))
                .filter(parts -> lockMs(parts) > parts.slowest().response().totalMs() / 2)
                .max(Comparator.comparingDouble(PartsView::lockMs))
                .flatMap(parts -> Optional.ofNullable(parts.slowest().chief())
                        .map(lock -> "of the slowest " + parts.operation() + " in " + parts.phase() + " ("
                                + Figures.duration(parts.slowest().response().meanMs()) + " on average) "
                                + Figures.duration(
                                        lockMs(parts) / parts.slowest().requests())
                                + " went by waiting for locks, most of it for " + lock.relation() + " behind "
                                + WaitsView.who(recording, lock.behind())));
    }

    private static double lockMs(ResponseParts parts) {
        Part locks = parts.slowest().locks();
        return locks == null ? 0 : locks.totalMs();
    }
}
