package dev.pgrehearse.traffic;

import dev.pgrehearse.recording.Recording.Doubt;
import dev.pgrehearse.recording.Recording.WorkloadFacts;
import dev.pgrehearse.workload.Operation;
import java.util.List;

/**
 * Operations that nobody declared. Immutable: the same for every rehearsal on the same data.
 *
 * @param operations ready to run; none when nothing could be made runnable
 * @param facts for the recording
 * @param doubts about them
 */
public record DerivedWorkload(List<Operation> operations, WorkloadFacts facts, List<Doubt> doubts) {
    public DerivedWorkload {
        operations = List.copyOf(operations);
        doubts = List.copyOf(doubts);
    }
}
