package dev.pgrehearse.rehearsal;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.Recording.DatasetFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What there is to doubt about a kept dataset whose rows hold the time at which they were loaded. Pure. */
final class AgedDataset {
    /** "Younger than a day" means another thing from here on. */
    private static final Duration AGED = Duration.ofHours(12);

    private AgedDataset() {}

    /**
     * In one sentence; empty when there is nothing to doubt.
     *
     * @param timed columns that the server filled with the time of day
     */
    static Optional<Recording.Doubt> doubt(DatasetFacts facts, List<String> timed, Instant now) {
        if (!facts.fromGolden()
                || timed.isEmpty()
                || Duration.between(Instant.parse(facts.madeAt()), now).compareTo(AGED) < 0) {
            return Optional.empty();
        }
        return Optional.of(new Recording.Doubt(
                "dataset-aged",
                "The kept dataset was made at " + facts.madeAt() + ", and in all its rows " + String.join(", ", timed)
                        + " hold that time: conditions on recent rows find others than they would today. Give those columns"
                        + " a source, or remove the dataset (`pgrehearse dataset list`)."));
    }
}
