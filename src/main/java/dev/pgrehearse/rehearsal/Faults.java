package dev.pgrehearse.rehearsal;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;

/** What went wrong, in words. */
public final class Faults {
    private Faults() {}

    /** The messages of an exception and its causes, in one line, without repeating what was said already. */
    static String inWords(Throwable failure) {
        return String.join("; because: ", causes(failure));
    }

    /** The messages of an exception and its causes, from the outermost, without repeating what was said already. */
    public static List<String> causes(Throwable failure) {
        List<String> said = new ArrayList<>();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String text = message(cause);
            if (said.stream().noneMatch(earlier -> earlier.contains(text))) {
                said.add(text);
            }
        }
        return said;
    }

    /** Java tells some failures by the exception's type alone, and gives nothing but the path as the message. */
    private static String message(Throwable cause) {
        String message = cause.getMessage();
        if (message == null) {
            return cause.getClass().getSimpleName();
        }
        if (cause instanceof NoSuchFileException) {
            return "there is no " + message;
        }
        if (cause instanceof AccessDeniedException) {
            return "access to " + message + " is denied";
        }
        if (cause instanceof FileAlreadyExistsException) {
            return message + " exists already";
        }
        return message.strip();
    }
}
