package dev.pgrehearse.profiling;

/** A profile could not be taken. The message says what failed, that nothing was written, and the next step. */
public final class ProfilingProblem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ProfilingProblem(String message) {
        super(message);
    }

    ProfilingProblem(String message, Throwable cause) {
        super(message, cause);
    }
}
