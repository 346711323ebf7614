package dev.pgrehearse.traffic;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.recording.Recording.WorkloadFacts;
import java.sql.SQLException;
import java.util.List;

/** What an ordinary web application would run on a schema. */
public final class Automatic {
    private Automatic() {}

    /** Derives the operations. */
    public static DerivedWorkload derive(double ratePerSecond, ConnectionDetails app, long seed, Progress progress)
            throws SQLException {
        return new DerivedWorkload(
                List.of(), new WorkloadFacts("auto", ratePerSecond, 0, 1, 1, 0, List.of(), List.of()), List.of());
    }
}
