package dev.pgrehearse.migration;

import org.jspecify.annotations.Nullable;

/**
 * How a step ended.
 *
 * @param halted whether the brake ended it before its end
 * @param fault why it failed; null when it did not
 */
record StepEnd(boolean halted, @Nullable String fault) {
    static final StepEnd DONE = new StepEnd(false, null);
    static final StepEnd HALTED = new StepEnd(true, null);

    static StepEnd failed(String fault) {
        return new StepEnd(false, fault);
    }

    boolean isDone() {
        return !halted && fault == null;
    }
}
