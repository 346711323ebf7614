package dev.pgrehearse.dataset;

import dev.pgrehearse.recording.Recording.Doubt;
import dev.pgrehearse.recording.Recording.TableFacts;
import dev.pgrehearse.values.Keys;
import java.util.List;

/**
 * A dataset that has been generated and loaded.
 *
 * @param tables the tables of the size; rows as COPY counted them, sizes as they were right after the load
 * @param keys what references point at
 * @param doubts about what came of it
 * @param seconds how long the load took, from the first statement to the last
 */
public record LoadedDataset(List<TableFacts> tables, Keys keys, List<Doubt> doubts, double seconds) {
    public LoadedDataset {
        tables = List.copyOf(tables);
        doubts = List.copyOf(doubts);
    }
}
