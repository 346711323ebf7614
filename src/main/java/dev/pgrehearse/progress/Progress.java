package dev.pgrehearse.progress;

/** Where progress events go. Implementations are thread-safe and return at once. */
@FunctionalInterface
public interface Progress {
    /** Listens to nothing. */
    Progress SILENT = event -> {};

    void report(ProgressEvent event);
}
