package dev.pgrehearse.profile;

import java.io.IOException;

/** A file that is no profile, not a whole one, or one of a newer format. The message says where, and what was expected. */
public final class ProfileFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    ProfileFormatException(String message) {
        super(message);
    }

    ProfileFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
