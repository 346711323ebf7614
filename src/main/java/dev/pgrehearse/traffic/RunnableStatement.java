package dev.pgrehearse.traffic;

import dev.pgrehearse.workload.Operation;
import java.util.List;

/**
 * A statement that was made runnable.
 *
 * @param name what it does, in words; others may have the same
 * @param statement with its parameters
 * @param rowsPerCall as tried, with the weights that it is drawn by
 * @param buffersPerCall likewise; 0 where it was not measured
 * @param parameterSets how many different sets of values it is run with
 * @param guessed what had to be guessed, in whole sentences
 */
record RunnableStatement(
        String name,
        Operation.Statement statement,
        double rowsPerCall,
        double buffersPerCall,
        long parameterSets,
        List<String> guessed) {
    RunnableStatement {
        guessed = List.copyOf(guessed);
    }
}
