package dev.pgrehearse.app;

import java.util.function.Consumer;

/** A task of a thread of its own, which ends when the thread is interrupted. */
@FunctionalInterface
public interface Interruptible {
    void run() throws InterruptedException;

    /**
     * Runs it on a new daemon thread.
     *
     * @param broken is told in words when it ends by anything but an interruption: without it the load is another one
     */
    static Thread started(String name, Interruptible task, Consumer<String> broken) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (InterruptedException stopped) {
                        Thread.currentThread().interrupt();
                    }
                },
                name);
        thread.setUncaughtExceptionHandler((ended, failure) ->
                broken.accept("the load could not go on: its thread `" + name + "` ended by " + failure));
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
