package dev.pgrehearse.recording;

/** Where facts go. Thread-safe; returns without waiting for the disk. */
@FunctionalInterface
public interface FactSink {
    void add(Fact fact);
}
