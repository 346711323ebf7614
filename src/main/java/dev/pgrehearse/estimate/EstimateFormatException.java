package dev.pgrehearse.estimate;

import java.io.IOException;

/** A file holds no estimates, or none that this version can read; the message says which and why. */
public final class EstimateFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    EstimateFormatException(String message) {
        super(message);
    }

    EstimateFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
