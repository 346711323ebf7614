package dev.pgrehearse.traffic;

/** A statement of production's cannot be run here; the message says why. */
final class NotRunnable extends Exception {
    private static final long serialVersionUID = 1;

    NotRunnable(String reason) {
        super(reason);
    }
}
