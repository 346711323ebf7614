package dev.pgrehearse.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C and SIGTERM. The first interrupts the main thread, which saves what was recorded, stops what it started and
 * returns; the process ends when it has, with {@link ExitCode#INTERRUPTED}. When that takes too long the process ends all
 * the same, and the supervisor cleans up. Thread-safe.
 */
final class Interruption {
    /** Stopping a server that writes a last checkpoint takes seconds. */
    private static final long PATIENCE_SECONDS = 60;

    private final Thread main;
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile boolean requested;
    private volatile boolean exiting;

    private Interruption(Thread main) {
        this.main = main;
    }

    /** Watches for signals on behalf of a thread, from now on. */
    static Interruption watching(Thread main) {
        Interruption interruption = new Interruption(main);
        Runtime.getRuntime().addShutdownHook(new Thread(interruption::signalled, "interruption"));
        return interruption;
    }

    /** Whether the user, or the system, asked to stop. */
    boolean requested() {
        return requested;
    }

    private void signalled() {
        if (exiting) {
            return;
        }
        requested = true;
        main.interrupt();
        try {
            boolean cleaned = done.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (!cleaned) {
                System.err.println("pgrehearse: still not stopped after " + PATIENCE_SECONDS
                        + " s; ending now, the supervisor removes what is left");
            }
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(ExitCode.INTERRUPTED.number());
    }

    /** Ends the process. */
    void exit(int exitCode) {
        if (requested) {
            done.countDown();
            return;
        }
        exiting = true;
        System.exit(exitCode);
    }
}
