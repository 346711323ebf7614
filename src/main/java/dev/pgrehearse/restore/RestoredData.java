package dev.pgrehearse.restore;

import dev.pgrehearse.recording.Recording.DatasetFacts;
import dev.pgrehearse.recording.Recording.Doubt;
import dev.pgrehearse.server.DataDirectory;
import java.util.List;

/**
 * What was restored.
 *
 * @param directory cleanly stopped
 * @param serverVersion such as 18.6
 * @param doubts what nobody can know of it, or what is not as in production
 */
public record RestoredData(DataDirectory directory, String serverVersion, DatasetFacts facts, List<Doubt> doubts) {
    public RestoredData {
        doubts = List.copyOf(doubts);
    }
}
