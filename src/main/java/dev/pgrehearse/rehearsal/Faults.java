package dev.pgrehearse.rehearsal;

import java.util.ArrayList;
import java.util.List;

/** What ended a rehearsal early, in words. */
final class Faults {
    private Faults() {}

    /** The messages of an exception and its causes, without repeating what was said already. */
    static String inWords(Throwable failure) {
        List<String> said = new ArrayList<>();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = cause.getMessage();
            String text = message == null ? cause.getClass().getSimpleName() : message.strip();
            if (said.stream().noneMatch(earlier -> earlier.contains(text))) {
                said.add(text);
            }
        }
        return String.join("; because: ", said);
    }
}
