package dev.pgrehearse.rehearsal;

import dev.pgrehearse.dataset.CacheState;
import dev.pgrehearse.recording.Recording;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What there is to doubt about the caches that a rehearsal starts with. Pure. */
final class CacheDoubt {
    /** A table with less of it in the buffers is not warm. */
    private static final double WARM_SHARE = 0.95;

    /** Buffers that hold more than this have taken all they can: data larger than them are never all in there. */
    private static final double FULL_BUFFERS = 0.9;

    private CacheDoubt() {}

    /** In one sentence or two; empty when the caches are as the scenario declares them. */
    static Optional<Recording.Doubt> of(CacheState caches) {
        return switch (caches.method()) {
            case LEFT_COLD ->
                Optional.of(doubt("Only PostgreSQL's own buffers were cold: its files had just been copied, so the"
                        + " operating system's cache may hold them."));
            case SCANNED ->
                Optional.of(doubt("The server has no pg_prewarm: tables were read to warm the caches, their indexes"
                        + " were not."));
            case PREWARMED -> caches.buffersUsed() >= FULL_BUFFERS ? Optional.empty() : notWhole(caches.shareByTable());
        };
    }

    private static Optional<Recording.Doubt> notWhole(Map<String, Double> shares) {
        List<String> partly = shares.entrySet().stream()
                .filter(entry -> entry.getValue() < WARM_SHARE)
                .map(entry -> String.format(Locale.ROOT, "%s %.0f %%", entry.getKey(), entry.getValue() * 100))
                .toList();
        return partly.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        doubt("shared_buffers had room, but did not take all that was read to warm the caches. In them"
                                + " are, of table and indexes: " + String.join(", ", partly)
                                + ". The rest may be in the operating system's cache."));
    }

    private static Recording.Doubt doubt(String text) {
        return new Recording.Doubt(Recording.Doubt.CACHES, text);
    }
}
