package dev.pgrehearse.verdict;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.ResponseParts;
import dev.pgrehearse.recording.ResponseParts.LockPart;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;

/**
 * How many requests waited behind a statement. That is not how many waits there were: a request that its client tries again waits
 * again, and who wants a row may wait for the row and for its transaction. Response times tell them apart, where the
 * backends of requests are known.
 */
final class WaitedRequests {
    private WaitedRequests() {}

    /**
     * As far as response times tell; empty when they tell of none, or may leave some out, or one request may be among those of two
     * relations.
     *
     * @param behind as waits name a statement, of all its runs together
     * @param relations as waits name what they are for
     * @param waits that were seen, which are no fewer
     */
    static OptionalLong of(
            Recording recording,
            Collection<String> operations,
            String behind,
            Collection<String> relations,
            long waits) {
        if (waits == 1) {
            return OptionalLong.of(1);
        }
        List<List<LockPart>> told = recording.responseParts().stream()
                .filter(parts -> operations.contains(parts.operation()))
                .map(parts -> parts.all().lockWaits())
                .toList();
        List<LockPart> its = told.stream()
                .flatMap(List::stream)
                .filter(part -> part.behind().equals(behind) && relations.contains(part.relation()))
                .toList();
        boolean severalRelations =
                its.stream().map(LockPart::relation).distinct().count() > 1;
        boolean leavesOut = told.stream().anyMatch(parts -> parts.size() >= ResponseParts.Parts.LISTED);
        long requests = its.stream().mapToLong(LockPart::requests).sum();
        return severalRelations || leavesOut || requests == 0 || requests > waits
                ? OptionalLong.empty()
                : OptionalLong.of(requests);
    }

    /**
     * In words, such as {@code 12 requests of read_order waited (30 times)}; {@code requests of read_order waited 30 times} where it
     * is not known how many they were.
     *
     * @param atLeast whether there may have been more
     */
    static String inWords(OptionalLong requests, long waits, String operations, boolean atLeast) {
        String least = atLeast ? "at least " : "";
        String times = Statements.times(waits);
        return requests.isEmpty()
                ? "requests of " + operations + " waited " + least + times
                : least + Figures.count(requests.getAsLong(), "request", "requests") + " of " + operations + " waited"
                        + (requests.getAsLong() == waits ? "" : " (" + times + ")");
    }
}
