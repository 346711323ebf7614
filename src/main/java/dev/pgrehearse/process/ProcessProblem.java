package dev.pgrehearse.process;

/** A child process could not be started, or the supervisor is gone. The message says the state now and the next step. */
public final class ProcessProblem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ProcessProblem(String message) {
        super(message);
    }

    public ProcessProblem(String message, Throwable cause) {
        super(message, cause);
    }
}
