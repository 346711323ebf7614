package dev.pgrehearse.server;

import org.jspecify.annotations.Nullable;

/** A server could not be had, started, stopped or copied. Says what failed, the state now, and the next step. */
public class ServerProblem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String whatFailed;
    private final String stateNow;
    private final String nextStep;

    /**
     * A problem in three sentences.
     *
     * @param whatFailed with the server's or the system's own message
     * @param stateNow what is left, running or not
     * @param nextStep what the user can do
     */
    public ServerProblem(String whatFailed, String stateNow, String nextStep) {
        this(whatFailed, stateNow, nextStep, null);
    }

    public ServerProblem(String whatFailed, String stateNow, String nextStep, @Nullable Throwable cause) {
        super(whatFailed + "\n" + stateNow + "\n" + nextStep, cause);
        this.whatFailed = whatFailed;
        this.stateNow = stateNow;
        this.nextStep = nextStep;
    }

    /** For a thread that was interrupted while it waited; sets its interrupt flag again. */
    static ServerProblem interrupted(String whatFailed, InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new ServerProblem(
                whatFailed + ": interrupted.", "What was started is being ended.", "Run again when you like.", cause);
    }

    public String whatFailed() {
        return whatFailed;
    }

    public String stateNow() {
        return stateNow;
    }

    public String nextStep() {
        return nextStep;
    }
}
