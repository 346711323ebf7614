package dev.pgrehearse.server;

import dev.pgrehearse.postgres.Password;
import org.postgresql.util.PasswordUtil;

/** The statements that make another cluster's data directory answer to us, for a server in single-user mode. */
final class TakenOver {
    private TakenOver() {}

    /**
     * One statement a line, as single-user mode reads them. Passwords are in it as SCRAM verifiers only.
     *
     * <p>The roles may be there already: production may well have one that is called {@value DataDirectory#APP}.
     */
    static String statements(Password superuser, Password app) {
        String roles = "";
        for (String role : new String[] {DataDirectory.SUPERUSER, DataDirectory.APP}) {
            roles += "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '" + role
                    + "') THEN CREATE ROLE " + role + "; END IF; END $$\n";
        }
        return roles
                // A password or a login that has expired, or is limited, is none for us.
                + "ALTER ROLE " + DataDirectory.SUPERUSER
                + " SUPERUSER LOGIN REPLICATION BYPASSRLS CONNECTION LIMIT -1 VALID UNTIL 'infinity' PASSWORD '"
                + verifier(superuser) + "'\n"
                + "ALTER ROLE " + DataDirectory.APP
                + " NOSUPERUSER LOGIN CONNECTION LIMIT -1 VALID UNTIL 'infinity' PASSWORD '" + verifier(app) + "'\n"
                // Before a server with workers starts: none must ever reach production.
                + "UPDATE pg_catalog.pg_subscription SET subenabled = false\n";
    }

    private static String verifier(Password password) {
        return PasswordUtil.encodeScramSha256(password.reveal().toCharArray());
    }

    /** What a single-user server complained of; empty when it did all of it. */
    static String complaint(String output) {
        StringBuilder complaint = new StringBuilder();
        output.lines()
                .filter(line -> line.matches(".*(ERROR|FATAL|PANIC):  .*"))
                .map(line -> line.replaceFirst("^.*?(ERROR|FATAL|PANIC):  ", ""))
                .forEach(line ->
                        complaint.append(complaint.length() == 0 ? "" : "; ").append(line));
        return complaint.toString();
    }
}
