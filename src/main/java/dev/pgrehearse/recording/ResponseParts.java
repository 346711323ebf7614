package dev.pgrehearse.recording;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the response time of an operation's requests went in one phase, counted from their intended arrival. Requests belong
 * to the phase in which they were to arrive.
 *
 * @param all over all requests that were offered
 * @param slowest over the slowest hundredth of them, at least one
 * @param examples the slowest of them, each by itself, the slowest first; at most {@value #EXAMPLES}
 */
public record ResponseParts(String operation, String phase, Parts all, Parts slowest, List<One> examples) {
    /** Requests that are told one by one. */
    static final int EXAMPLES = 3;

    public ResponseParts {
        examples = List.copyOf(examples);
    }

    /**
     * One request.
     *
     * @param intendedMs when it was to arrive
     * @param outcome how it ended for its client
     * @param attempts how often that tried
     * @param parts of it alone
     */
    public record One(double intendedMs, Outcome outcome, int attempts, Parts parts) {}

    /**
     * Response time in parts, which add up to it.
     *
     * @param requests how many
     * @param response the whole
     * @param betweenTries pauses of clients before they tried again, and tries that were refused at once; of a request log of before format 3, which tells no earlier
     *     tries, all until the last one
     * @param arrivalQueue from a try's begin until a worker took it
     * @param pool until it had a connection
     * @param locks waits for locks on that connection's backend, as long as the client waited for that try; null when no backend is known, as behind a pooler: they
     *     are part of {@code rest} then
     * @param rest of the time with the connection, and after it
     * @param lockWaits {@code locks} by what was waited for and behind whom, the longest in total first, at most {@value
     *     #LISTED}; empty when {@code locks} is null
     * @param withoutBackend requests that had a connection whose backend is not known
     */
    public record Parts(
            long requests,
            Part response,
            Part betweenTries,
            Part arrivalQueue,
            Part pool,
            @Nullable Part locks,
            Part rest,
            List<LockPart> lockWaits,
            long withoutBackend) {
        /** Culprits that are told by name. */
        public static final int LISTED = 10;

        public Parts {
            lockWaits = List.copyOf(lockWaits);
        }

        /** Which one of the waits took most; null when there is none. */
        @JsonIgnore
        public @Nullable LockPart chief() {
            return lockWaits.isEmpty() ? null : lockWaits.get(0);
        }
    }

    /** A part of the response time: of all requests together, and on average of one. */
    public record Part(double totalMs, double meanMs) {}

    /**
     * Time in which requests waited for a lock.
     *
     * @param relation as {@link Recording.LockWait#relation()}
     * @param behind as {@link Recording.LockWait#behind()}
     * @param requests how many had to wait for it
     * @param longestMs of one wait, as far as it lies within its request
     */
    public record LockPart(String relation, String behind, long requests, double totalMs, double longestMs) {}
}
