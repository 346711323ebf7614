package dev.pgrehearse.postgres;

import org.jspecify.annotations.Nullable;
import org.postgresql.util.ServerErrorMessage;

/** A server's error in one line. */
public final class ErrorText {
    private ErrorText() {}

    /** Its message, detail and hint: {@code … does not exist; hint: …}. */
    public static String of(ServerErrorMessage error) {
        return error.getMessage() + part("detail", error.getDetail()) + part("hint", error.getHint());
    }

    /** A further part of the line; empty when the error has none. */
    public static String part(String what, @Nullable String value) {
        return value == null ? "" : "; " + what + ": " + value;
    }
}
