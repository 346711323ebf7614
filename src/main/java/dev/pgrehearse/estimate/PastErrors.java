package dev.pgrehearse.estimate;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How earlier estimates fared.
 *
 * @param byOperation an operation of which no estimate was checked has no entry
 * @param told what could not be read of them, in whole sentences
 */
public record PastErrors(Map<Operation, ErrorsSeen> byOperation, List<String> told) {
    /** No estimate was ever checked. */
    public static final PastErrors NONE = new PastErrors(Map.of(), List.of());

    public PastErrors {
        byOperation = Map.copyOf(byOperation);
        told = List.copyOf(told);
    }

    /** Of one operation; null when none of its estimates was checked. */
    public @Nullable ErrorsSeen of(Operation operation) {
        return byOperation.get(operation);
    }
}
