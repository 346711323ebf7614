package dev.pgrehearse.workload;

/** Is told what becomes of an adversary, on any thread. */
public interface AdversaryEvents {
    /** The kind of an event of a batch job's run. */
    String BATCH_RUN = "batch-run";

    /** The kind of an event of a batch job's run that failed. */
    String BATCH_RUN_FAILED = "batch-run-failed";

    /** The kind of an event of an adversary that came or left as it was not meant to. */
    String FAILED = "adversary-failed";

    /** The kind of an event of an autovacuum worker that came or left. */
    String AUTOVACUUM = "autovacuum";

    /** It has left, at a time on the rehearsal's clock; more than once when it came back meanwhile. */
    void gone(long atNanos);

    /** Something happened, now. */
    void told(String kind, String text);
}
