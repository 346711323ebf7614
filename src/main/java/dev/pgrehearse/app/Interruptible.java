package dev.pgrehearse.app;

/** A task of a thread of its own, which ends when the thread is interrupted. */
@FunctionalInterface
public interface Interruptible {
    void run() throws InterruptedException;

    /** Runs it on a new daemon thread. */
    static Thread started(String name, Interruptible task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (InterruptedException stopped) {
                        Thread.currentThread().interrupt();
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
