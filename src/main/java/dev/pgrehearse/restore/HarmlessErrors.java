package dev.pgrehearse.restore;

import dev.pgrehearse.recording.Recording.RestoreError;
import java.util.List;
import java.util.regex.Pattern;

/** Errors of a restore that change nothing of what a rehearsal measures. Data, as rules are. */
final class HarmlessErrors {
    private record Harmless(Pattern error, Pattern statement) {}

    private static final String ANYTHING = "";

    private static final List<Harmless> ALL = List.of(
            // Who may do what, for roles that nobody here logs in as.
            harmless(
                    "^role \".*\" does not exist$",
                    "^(GRANT|REVOKE|ALTER DEFAULT PRIVILEGES|ALTER .* OWNER TO|SET SESSION)"),
            harmless("^schema \"public\" already exists$", "^CREATE SCHEMA public"),
            harmless("^language \"plpgsql\" already exists$", ANYTHING),
            harmless("^must be owner of (extension|schema|language) ", "^COMMENT ON "),
            harmless("^extension \".*\" does not exist$", "^COMMENT ON EXTENSION "),
            // Settings of the restoring session that this server's version does not have, or has no more.
            harmless(
                    "^unrecognized configuration parameter \"(transaction_timeout|idle_in_transaction_session_timeout"
                            + "|lock_timeout|xmloption|default_with_oids)\"$",
                    "^SET "),
            // The data lie in the cluster's own directory then.
            harmless(
                    "^(invalid value for parameter \"default_tablespace\"|tablespace \".*\" does not exist)",
                    "^SET default_tablespace"),
            harmless("^tablespace \".*\" does not exist$", "^ALTER .* SET TABLESPACE"));

    private HarmlessErrors() {}

    private static Harmless harmless(String error, String statement) {
        return new Harmless(Pattern.compile(error), Pattern.compile(statement));
    }

    static boolean contain(RestoreError error) {
        return ALL.stream()
                .anyMatch(harmless -> harmless.error().matcher(error.error()).find()
                        && harmless.statement().matcher(error.statement()).find());
    }
}
