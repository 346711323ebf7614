package dev.pgrehearse.dataset;

/** A dataset could not be made. The message says what failed, in which state the database is, and what to do next. */
public final class DatasetException extends Exception {
    private static final long serialVersionUID = 1L;

    public DatasetException(String message, Throwable cause) {
        super(message, cause);
    }

    static DatasetException halfLoaded(String what, Throwable cause) {
        return new DatasetException(
                what + ": " + cause.getMessage()
                        + ". The database is half loaded and of no use; load again once that is mended.",
                cause);
    }
}
