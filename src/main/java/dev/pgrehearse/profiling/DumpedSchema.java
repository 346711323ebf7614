package dev.pgrehearse.profiling;

import dev.pgrehearse.profile.Profile.Literal;
import dev.pgrehearse.profiling.SqlTokens.Kind;
import dev.pgrehearse.profiling.SqlTokens.Token;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What {@code pg_dump --schema-only} wrote, made fit for a profile: plain SQL without psql commands and comments, without
 * what holds secrets or addresses or needs roles, and with settings that every supported server knows.
 *
 * @param sql the statements that stay
 * @param literals their parts with values that somebody wrote
 * @param leftOut kinds of objects that were left out, with how many
 */
record DumpedSchema(String sql, List<Literal> literals, Map<String, Integer> leftOut) {
    /**
     * As pg_dump does it: names are whole, and functions may speak of what is made after them. Set back at the end, since
     * whoever runs the schema goes on in the same session.
     */
    private static final String HEAD = """
            SET check_function_bodies = false;
            SET xmloption = content;
            SET search_path = '';
            """;

    private static final String TAIL = """
            RESET search_path;
            RESET xmloption;
            RESET check_function_bodies;
            """;

    /** By their first words after CREATE or ALTER; what comes with them, such as an option, has the same words. */
    private static final List<String> LEFT_OUT = List.of(
            "USER MAPPING",
            "FOREIGN TABLE",
            "FOREIGN DATA WRAPPER",
            "SERVER",
            "SUBSCRIPTION",
            "PUBLICATION",
            "EVENT TRIGGER",
            "DEFAULT PRIVILEGES",
            "ROLE",
            "USER",
            "GROUP",
            "DATABASE",
            "TABLESPACE",
            "LARGE OBJECT");

    private static final Set<String> OF_SESSIONS = Set.of("SET", "RESET");
    private static final Set<String> OF_ROLES = Set.of("GRANT", "REVOKE", "REASSIGN");

    static DumpedSchema of(String dump) {
        StringBuilder sql = new StringBuilder(HEAD);
        List<Literal> literals = new ArrayList<>();
        Map<String, Integer> leftOut = new LinkedHashMap<>();
        for (List<Token> statement : statements(dump)) {
            List<Token> words =
                    statement.stream().filter(token -> !token.isBlank()).toList();
            String first = words.get(0).word();
            if (OF_SESSIONS.contains(first) || first.equals("COMMENT") || isSearchPath(words)) {
                continue;
            }
            String kind = leftOutKind(words);
            if (!kind.isEmpty()) {
                leftOut.merge(kind, 1, Integer::sum);
                continue;
            }
            sql.append('\n').append(SchemaLiterals.text(statement)).append(";\n");
            literals.addAll(SchemaLiterals.of(statement));
        }
        return new DumpedSchema(sql.append('\n').append(TAIL).toString(), List.copyOf(literals), Map.copyOf(leftOut));
    }

    private static boolean isSearchPath(List<Token> words) {
        return words.get(0).is("SELECT") && words.stream().anyMatch(token -> token.is("set_config"));
    }

    /** The kind of object, when the statement is about one that is left out; empty otherwise. */
    private static String leftOutKind(List<Token> words) {
        String start = words.stream()
                .limit(6)
                .map(Token::word)
                .filter(word -> !word.isEmpty())
                .collect(Collectors.joining(" ", "", " "));
        if (start.startsWith("SECURITY LABEL ")
                || OF_ROLES.contains(words.get(0).word())) {
            return words.get(0).is("SECURITY") ? "SECURITY LABEL" : "GRANT";
        }
        // A policy for certain roles: there are no roles where the schema is built.
        if (start.startsWith("CREATE POLICY ") && isForRoles(words)) {
            return "POLICY for roles";
        }
        for (String kind : LEFT_OUT) {
            if (start.startsWith("CREATE " + kind + " ") || start.startsWith("ALTER " + kind + " ")) {
                return kind;
            }
        }
        return "";
    }

    private static boolean isForRoles(List<Token> words) {
        int depth = 0;
        for (int index = 0; index < words.size() - 1; index++) {
            depth += words.get(index).is("(") ? 1 : words.get(index).is(")") ? -1 : 0;
            if (depth == 0 && words.get(index).is("TO") && !words.get(index + 1).is("PUBLIC")) {
                return true;
            }
        }
        return false;
    }

    /**
     * The statements, without their semicolons. A body in SQL's own words (BEGIN ATOMIC … END) has semicolons in it, which
     * end nothing: psql counts BEGIN, CASE and END in CREATE FUNCTION and CREATE PROCEDURE, and so do we.
     */
    private static List<List<Token>> statements(String dump) {
        List<Token> tokens = SqlTokens.of(withoutPsqlCommands(dump))
                .orElseThrow(
                        () -> new ProfilingProblem("pg_dump wrote SQL in which a string, a name or a comment does not"
                                + " end. No profile was taken and nothing was written. Give the schema by hand instead, and run"
                                + " with PATH set so that no pg_dump is found."));
        List<List<Token>> statements = new ArrayList<>();
        List<Token> statement = new ArrayList<>();
        int depth = 0;
        for (Token token : tokens) {
            if (token.is(";") && depth == 0) {
                add(statements, statement);
                statement = new ArrayList<>();
                continue;
            }
            if (token.kind() == Kind.WORD && isRoutine(statement)) {
                if (token.is("BEGIN") || (depth > 0 && token.is("CASE"))) {
                    depth++;
                } else if (depth > 0 && token.is("END")) {
                    depth--;
                }
            }
            statement.add(token);
        }
        add(statements, statement);
        return statements;
    }

    private static void add(List<List<Token>> statements, List<Token> statement) {
        if (statement.stream().anyMatch(token -> !token.isBlank())) {
            statements.add(statement);
        }
    }

    private static boolean isRoutine(List<Token> statement) {
        return statement.stream()
                .filter(token -> !token.isBlank())
                .limit(4)
                .anyMatch(token -> token.is("FUNCTION") || token.is("PROCEDURE"));
    }

    /** Since 2025 a dump begins with psql's command restrict and ends with unrestrict. */
    private static String withoutPsqlCommands(String dump) {
        return dump.lines()
                .filter(line -> !line.startsWith("\\restrict ")
                        && !line.startsWith("\\unrestrict ")
                        && !line.startsWith("\\connect "))
                .collect(Collectors.joining("\n"));
    }
}
