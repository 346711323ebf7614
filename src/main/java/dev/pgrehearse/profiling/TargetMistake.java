package dev.pgrehearse.profiling;

/** An address that is none. The message never repeats it, since there may be a password in it. */
public final class TargetMistake extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TargetMistake(String message) {
        super(message);
    }
}
