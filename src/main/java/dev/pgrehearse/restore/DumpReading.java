package dev.pgrehearse.restore;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the SQL of a dump needs from the server that it is restored on: line for line, as {@code pg_dump} writes them. Not
 * thread-safe.
 */
final class DumpReading {
    private static final String NAME = "(?:\"(?:[^\"]|\"\")+\"|[\\p{L}_][\\p{L}\\p{N}_$]*)";
    private static final String NAMES = NAME + "(?:, " + NAME + ")*";
    private static final Pattern OWNER = Pattern.compile(" OWNER TO (" + NAME + ");$");
    private static final Pattern FOR_ROLE = Pattern.compile("^ALTER DEFAULT PRIVILEGES FOR ROLE (" + NAMES + ") ");
    private static final Pattern GRANT =
            Pattern.compile("^(?:ALTER DEFAULT PRIVILEGES .*)?(?:GRANT|REVOKE) .* (?:TO|FROM) (" + NAMES
                    + ")(?: WITH [A-Z ]+)?(?: GRANTED BY (" + NAME + "))?;$");
    private static final Pattern POLICY = Pattern.compile("^CREATE POLICY .*? TO (" + NAMES + ")(?: USING| WITH|;)");
    private static final Pattern SESSION = Pattern.compile("^SET (?:SESSION AUTHORIZATION|ROLE) '?(" + NAME + ")'?;$");
    private static final Pattern EACH = Pattern.compile(NAME);
    private static final Pattern EXTENSION =
            Pattern.compile("^CREATE EXTENSION (?:IF NOT EXISTS )?(" + NAME + ")(?: |;|$)");
    private static final Pattern LOCALE =
            Pattern.compile("^CREATE DATABASE .*? LOCALE_PROVIDER = (\\w+) .*?LOCALE = '([^']*)'");
    private static final Pattern HARMLESS_COMMAND =
            Pattern.compile("\\\\(?:restrict|unrestrict|connect|c|\\.|encoding)(?:\\s|$)");
    /** Behind SQL in the same line; a text with such a word in it is taken for one, which errs to the safe side. */
    private static final Pattern COMMAND_WITHIN = Pattern.compile(
            "(?:;|\\s)\\\\(?:!|copy\\s|o\\s|out\\s|g[\\s|]|i\\s|ir\\s|include|w\\s|write\\s|gexec|setenv)");

    private static final Pattern FROM = Pattern.compile("^-- Dumped from database version (.+)$");
    private static final Pattern BY = Pattern.compile("^-- Dumped by pg_dump version (.+)$");
    private static final Set<String> NO_ROLES =
            Set.of("PUBLIC", "CURRENT_USER", "CURRENT_ROLE", "SESSION_USER", "DEFAULT");

    private final Set<String> owners = new TreeSet<>();
    private final Set<String> roles = new TreeSet<>();
    private final Set<String> extensions = new TreeSet<>();
    private final List<String> connects = new ArrayList<>();
    /** Commands of psql's own that pg_dump never writes: they run programs, and read and write files. */
    private final List<String> commands = new ArrayList<>();

    private @Nullable String locale;
    private String serverVersion = "";
    private String dumpVersion = "";
    private boolean restricted;
    private boolean begun;
    private boolean complete;

    /** The next line of SQL. */
    void read(String line) {
        if (line.startsWith("--")) {
            readComment(line);
        } else if (line.startsWith("\\")) {
            restricted |= line.startsWith("\\restrict ");
            if (!HARMLESS_COMMAND.matcher(line).lookingAt()) {
                commands.add(line);
            }
            if (line.matches("\\\\(c|connect) .*")) {
                connects.add(line);
            }
        } else if (COMMAND_WITHIN.matcher(line).find()) {
            commands.add(line);
        } else if (!line.isEmpty() && Character.isUpperCase(line.charAt(0))) {
            readStatement(line);
        }
    }

    private void readComment(String line) {
        begun |= line.startsWith("-- PostgreSQL database dump") && !line.contains("complete");
        complete |= line.startsWith("-- PostgreSQL database dump complete");
        begun |= line.equals("-- PostgreSQL database cluster dump");
        Matcher from = FROM.matcher(line);
        Matcher by = BY.matcher(line);
        if (from.find()) {
            serverVersion = from.group(1);
        } else if (by.find()) {
            dumpVersion = by.group(1);
        }
    }

    private void readStatement(String line) {
        Matcher owner = OWNER.matcher(line);
        if (owner.find()) {
            add(owner.group(1), owners);
        }
        for (Pattern pattern : List.of(FOR_ROLE, GRANT, POLICY, SESSION)) {
            Matcher matcher = pattern.matcher(line);
            if (matcher.find()) {
                for (int group = 1; group <= matcher.groupCount(); group++) {
                    if (matcher.group(group) != null) {
                        add(matcher.group(group), roles);
                    }
                }
            }
        }
        Matcher extension = EXTENSION.matcher(line);
        if (extension.find()) {
            extensions.add(unquoted(extension.group(1)));
        }
        Matcher collation = LOCALE.matcher(line);
        if (collation.find()) {
            locale = collation.group(1) + " " + collation.group(2);
        }
    }

    private static void add(String names, Set<String> to) {
        Matcher each = EACH.matcher(names);
        while (each.find()) {
            String name = unquoted(each.group());
            if (!NO_ROLES.contains(each.group()) && !name.startsWith("pg_")) {
                to.add(name);
            }
        }
    }

    private static String unquoted(String name) {
        return name.startsWith("\"") ? name.substring(1, name.length() - 1).replace("\"\"", "\"") : name;
    }

    /** Who owns something in it. */
    Set<String> owners() {
        return Set.copyOf(owners);
    }

    /** All roles that it names, owners included; without those of PostgreSQL's own. */
    Set<String> roles() {
        Set<String> all = new TreeSet<>(owners);
        all.addAll(roles);
        return all;
    }

    /** Lines with commands of psql's own that pg_dump never writes. */
    List<String> commands() {
        return List.copyOf(commands);
    }

    Set<String> extensions() {
        return Set.copyOf(extensions);
    }

    /** Provider and name of the dumped database's locale; null when it does not say. */
    @Nullable
    String locale() {
        return locale;
    }

    /** Of the server that it was dumped from; empty when it does not say. */
    String serverVersion() {
        return serverVersion;
    }

    /** Of {@code pg_dump}; empty when it does not say. */
    String dumpVersion() {
        return dumpVersion;
    }

    /** Whether a {@code psql} is needed that knows {@code \restrict}. */
    boolean restricted() {
        return restricted;
    }

    /** Lines that leave the database for another one. */
    List<String> connects() {
        return List.copyOf(connects);
    }

    /** Whether it says that it begins, and never that it is complete. */
    boolean truncated() {
        return begun && !complete;
    }
}
