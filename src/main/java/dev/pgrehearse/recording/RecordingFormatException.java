package dev.pgrehearse.recording;

import java.io.IOException;

/** A file is not a recording, or not one that this version can read; the message says which and what to do. */
public final class RecordingFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    public RecordingFormatException(String message) {
        super(message);
    }

    public RecordingFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
