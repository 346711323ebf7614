package dev.pgrehearse.rehearsal;

import dev.pgrehearse.recording.Recording;
import java.util.List;
import java.util.Optional;

/** What there is to doubt about tables whose state besides their rows nobody declared. Pure. */
final class UndeclaredState {
    private static final int MOST_NAMED = 5;

    private UndeclaredState() {}

    /**
     * In one sentence; empty when there is nothing to doubt.
     *
     * @param tables display names of those that got rows and no state of a profile; a physical copy of production declares
     *     all of them
     */
    static Optional<Recording.Doubt> doubt(List<String> tables) {
        if (tables.isEmpty()) {
            return Optional.empty();
        }
        int more = tables.size() - MOST_NAMED;
        String named = String.join(", ", tables.subList(0, Math.min(MOST_NAMED, tables.size())))
                + (more > 0 ? " and " + more + " more" : "");
        return Optional.of(new Recording.Doubt(
                "table-state-undeclared",
                "Nobody declared the state of " + named
                        + ": they were freshly loaded and vacuumed, without dead rows and"
                        + " free space on their pages, every page all-visible. Production's tables are larger for the same"
                        + " rows, and statements that read them all take longer there. Generate the data from a profile"
                        + " (`pgrehearse profile`), which has their pages, dead rows and visibility."));
    }
}
