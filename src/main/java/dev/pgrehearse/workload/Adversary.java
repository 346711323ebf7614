package dev.pgrehearse.workload;

import dev.pgrehearse.scenario.AdversarySpec;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Something planted beside the load. Whether it stands is for the observer to prove.
 *
 * <p>It leaves by itself after its time, or when it is closed. Thread-safe.
 */
public interface Adversary extends AutoCloseable {
    /** Plants one; returns as soon as it is on its way. */
    static Adversary plant(AdversarySpec spec, AdversaryGround ground, AdversaryEvents events)
            throws SQLException, InterruptedException {
        return switch (spec.kind()) {
            case LONG_READ, IDLE_IN_TRANSACTION, OLD_SNAPSHOT -> StandingSession.plant(spec, ground, events);
            case DUMP -> {
                AdversaryGround.DumpProgram program = ground.pgDump();
                yield spec.program() && program != null
                        ? DumpProcess.plant(spec, program, ground, events)
                        : StandingSession.plant(spec, ground, events);
            }
            case BATCH_JOB -> BatchJob.plant(spec, ground, events);
            case AUTOVACUUM -> AutovacuumWorker.plant(spec, ground, events);
        };
    }

    AdversarySpec spec();

    /** The backend that it is now; null when there is none yet, or no more. */
    @Nullable
    Integer pid();

    /** When it was planted, on the rehearsal's clock; null when that failed, or has not happened yet. */
    @Nullable
    Long plantedNanos();

    /** What it is, or why it is not, where its kind does not say it already; else empty. */
    String remark();

    /**
     * Whether it does what it is there for, as far as only it itself knows; the observer proves the rest. {@link #remark}
     * says why not.
     */
    default boolean atWork() {
        return true;
    }

    /** Makes it leave now, and puts back what was changed for it. */
    @Override
    void close();
}
