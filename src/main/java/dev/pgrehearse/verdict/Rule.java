package dev.pgrehearse.verdict;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.scenario.Limits;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A rule: data for whoever reads about it, and one pure function.
 *
 * @param id its name in code, scenarios, documentation and reports
 * @param title what it looks for
 * @param guards what it protects
 * @param limit the key of the limit it holds a recording against; null when it has none of its own
 * @param safer the safer way in general; a finding names the steps for the statement at hand
 * @param check the function
 */
public record Rule(
        String id, String title, String guards, @Nullable String limit, String safer, Check check) {
    /** Finds what the rule looks for. Pure: the same recording and limits always give the same findings. */
    @FunctionalInterface
    public interface Check {
        List<Finding> apply(Recording recording, Limits limits);
    }

    /** What the rule finds in a recording. */
    public List<Finding> findings(Recording recording, Limits limits) {
        return check.apply(recording, limits);
    }
}
