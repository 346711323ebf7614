package dev.pgrehearse.process;

/** No container engine answers. */
public final class EngineMissing extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public EngineMissing(String message, Throwable cause) {
        super(message, cause);
    }
}
