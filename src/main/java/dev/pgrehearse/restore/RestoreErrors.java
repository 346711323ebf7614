package dev.pgrehearse.restore;

import dev.pgrehearse.recording.Recording.RestoreError;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What {@code pg_restore} and {@code psql} wrote to their standard error, in English ({@code LC_ALL=C}). Rows that a
 * server's CONTEXT quotes are left out.
 */
final class RestoreErrors {
    /** {@code pg_restore: error: could not execute query: ERROR: …}, or {@code … COPY failed for table "t": ERROR: …}. */
    private static final Pattern OF_SERVER = Pattern.compile("^(?:pg_restore: error: .*?|psql:.*?: )ERROR:  (.*)$");

    private static final Pattern OF_PROGRAM =
            Pattern.compile("^(?:pg_restore|psql|env|setpriv)(?:: |:.*?: )(?:error|fatal): (.*)$");
    private static final Pattern LOST = Pattern.compile("^(?:psql:.*?: )?(?:FATAL|PANIC):  (.*)$");
    private static final Pattern STATEMENT = Pattern.compile("^(?:Command was: |(?:psql:.*?: )?STATEMENT:  )(.*)$");
    private static final Pattern INVALID_COMMAND = Pattern.compile("^psql:.*?: (invalid command .*)$");
    private static final int LONGEST_STATEMENT = 300;

    private RestoreErrors() {}

    /** All of them, in order; those of the programs themselves have no statement. */
    static List<RestoreError> in(String output) {
        List<RestoreError> errors = new ArrayList<>();
        String error = null;
        for (String line : output.split("\n", -1)) {
            String found = errorIn(line);
            Matcher statement = STATEMENT.matcher(line);
            if (found != null) {
                add(errors, error, "");
                error = found;
            } else if (statement.matches() && error != null) {
                add(errors, error, statement.group(1));
                error = null;
            }
        }
        add(errors, error, "");
        return List.copyOf(errors);
    }

    private static @Nullable String errorIn(String line) {
        for (Pattern pattern : List.of(OF_SERVER, OF_PROGRAM, LOST, INVALID_COMMAND)) {
            Matcher matcher = pattern.matcher(line);
            if (matcher.matches()) {
                return matcher.group(1);
            }
        }
        return null;
    }

    private static void add(List<RestoreError> errors, @Nullable String error, String statement) {
        if (error != null) {
            String shortened = statement.length() > LONGEST_STATEMENT
                    ? statement.substring(0, LONGEST_STATEMENT) + " …"
                    : statement;
            errors.add(new RestoreError(error, shortened));
        }
    }
}
