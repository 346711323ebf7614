package dev.pgrehearse.profiling;

/** The server wants a password, and none was given: whoever has a terminal may ask for it and try again. */
public final class PasswordMissing extends Exception {
    private static final long serialVersionUID = 1L;

    private final ProfilingProblem problem;

    PasswordMissing(ProfilingProblem problem) {
        super(problem.getMessage(), problem);
        this.problem = problem;
    }

    /** What to say when nobody can be asked. */
    public ProfilingProblem problem() {
        return problem;
    }
}
