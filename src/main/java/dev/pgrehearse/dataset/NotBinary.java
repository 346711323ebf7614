package dev.pgrehearse.dataset;

/** A value whose binary form only the server knows; its message names column and row. */
final class NotBinary extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotBinary(String message) {
        super(message);
    }
}
