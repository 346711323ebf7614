package dev.pgrehearse.migration;

import dev.pgrehearse.postgres.Place;
import dev.pgrehearse.scenario.SqlLexer;
import dev.pgrehearse.scenario.SqlToken;
import dev.pgrehearse.scenario.SqlToken.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One pass over one script. Used once, by one thread. */
final class ScriptScan {
    private static final String SERVER_SQL = "SQL for the server: psql's own commands are not run here";
    private static final Pattern END_OF_COPY_DATA = Pattern.compile("^\\\\\\.\r?$", Pattern.MULTILINE);
    /** Meta-commands that send or drop what was typed before them, so that a new statement begins behind them. */
    private static final Pattern ENDS_STATEMENT =
            Pattern.compile("\\\\(g|gx|gset|gexec|gdesc|watch|crosstabview|r|reset)\\b.*");

    private final String name;
    private final String text;
    private final SqlLexer lexer;
    private final BeginBlocks blocks = new BeginBlocks();
    private final List<SqlStatement> statements = new ArrayList<>();
    private final List<ScriptMistake> mistakes = new ArrayList<>();

    /** Where the current statement's text begins, as psql sends it; negative before its first token. */
    private int start = -1;
    /** Where its first token that is no comment begins; negative before it. */
    private int keyword = -1;

    private final List<Integer> openParentheses = new ArrayList<>();
    private int brackets;
    private boolean spoiled;

    // Places are asked for in the script's order mostly, so the last one is where counting goes on.
    private int placedOffset;
    private Place placed = new Place(1, 1);

    ScriptScan(String name, String text) {
        this.name = name;
        this.text = text;
        this.lexer = new SqlLexer(text);
    }

    List<SqlStatement> statements() throws ScriptMistakes {
        noteNullCharacter();
        for (SqlToken token = lexer.next(); token != null; token = lexer.next()) {
            take(token);
        }
        endScript();
        if (!mistakes.isEmpty()) {
            mistakes.sort(Comparator.comparingInt(ScriptMistake::line).thenComparingInt(ScriptMistake::column));
            throw new ScriptMistakes(mistakes);
        }
        return statements;
    }

    private void take(SqlToken token) {
        if (token.kind() == Kind.WHITESPACE || token.kind() == Kind.LINE_COMMENT) {
            // psql drops these before a statement, and keeps them in it
            return;
        }
        if (start < 0) {
            start = token.start();
        }
        if (keyword < 0 && !token.isBlank()) {
            keyword = token.start();
        }
        if (!token.terminated()) {
            noteUnterminated(token);
        }
        switch (token.kind()) {
            case OPEN_PARENTHESIS -> openParentheses.add(token.start());
            case CLOSE_PARENTHESIS -> {
                if (!openParentheses.isEmpty()) {
                    openParentheses.remove(openParentheses.size() - 1);
                }
            }
            case OPEN_BRACKET -> brackets++;
            case CLOSE_BRACKET -> brackets--;
            case WORD -> blocks.word(token.of(text), token.start(), openParentheses.isEmpty());
            case COLON_NAME -> noteVariable(token, brackets <= 0);
            case QUOTED_VARIABLE -> noteVariable(token, true);
            case BACKSLASH -> skipMetaCommand(token);
            case SEMICOLON -> {
                if (openParentheses.isEmpty() && blocks.depth() == 0) {
                    endStatement(token.end());
                }
            }
            default -> {}
        }
    }

    private void endStatement(int end) {
        if (keyword >= 0 && text.charAt(keyword) != ';') {
            String sql = text.substring(start, end);
            Place place = place(keyword);
            StatementWords words = StatementWords.of(sql);
            noteServerCannot(words, place, end);
            if (!spoiled) {
                statements.add(new SqlStatement(statements.size() + 1, name, place.line(), place.column(), sql));
            }
        }
        reset();
    }

    private void endScript() {
        if (!openParentheses.isEmpty()) {
            note(openParentheses.get(0), "a parenthesis that is never closed", "a closing ) before the script's end");
            spoiled = true;
        }
        if (blocks.depth() > 0) {
            note(blocks.firstOpen(), "a BEGIN ATOMIC block that is never closed", "END before the script's end");
            spoiled = true;
        }
        if (keyword >= 0) {
            int end = text.length();
            while (Character.isWhitespace(text.charAt(end - 1))) {
                end--;
            }
            endStatement(end);
        }
    }

    private void reset() {
        start = -1;
        keyword = -1;
        openParentheses.clear();
        blocks.reset();
        brackets = 0;
        spoiled = false;
    }

    private void noteUnterminated(SqlToken token) {
        spoiled = true;
        String opening = text.substring(token.start(), Math.min(token.start() + 2, text.length()));
        switch (token.kind()) {
            case BLOCK_COMMENT -> note(token.start(), "a comment /* that is never closed", "a closing */");
            case QUOTED_IDENTIFIER -> note(token.start(), "a quoted identifier that is never closed", "a closing \"");
            case DOLLAR_STRING -> {
                String delimiter = text.substring(token.start(), text.indexOf('$', token.start() + 1) + 1);
                note(token.start(), "a dollar quote " + delimiter + " that is never closed", "a closing " + delimiter);
            }
            default ->
                note(
                        token.start(),
                        "a string " + (opening.startsWith("'") ? "'" : opening) + " that is never closed",
                        "a closing '");
        }
        // What it swallowed is no parenthesis of the user's.
        openParentheses.clear();
        blocks.reset();
    }

    private void noteVariable(SqlToken token, boolean certain) {
        if (certain) {
            note(
                    token.start(),
                    "the psql variable " + token.of(text),
                    "its value: psql's variables are not known here");
            spoiled = true;
        }
    }

    private void noteServerCannot(StatementWords words, Place place, int end) {
        if (words.startsWith("COPY") && words.containOutsideParentheses("FROM", "STDIN")) {
            mistakes.add(mistake(
                    place,
                    "COPY FROM STDIN, whose rows psql reads from the script",
                    "INSERT … VALUES, or COPY FROM a file of the server"));
            spoiled = true;
            skipCopyData(end);
        } else if (words.startsWith("COPY") && words.containOutsideParentheses("TO", "STDOUT")) {
            mistakes.add(mistake(place, "COPY TO STDOUT, whose rows psql prints", "a statement without output"));
            spoiled = true;
        } else if (turnsStandardStringsOff(words)) {
            mistakes.add(mistake(
                    place,
                    "standard_conforming_strings switched off, which changes where strings end",
                    "E'…' for strings with backslash escapes"));
            spoiled = true;
        }
    }

    private static boolean turnsStandardStringsOff(StatementWords words) {
        int index = words.isOneOf(1, "SESSION", "LOCAL") ? 2 : 1;
        if (!words.startsWith("SET") || !words.at(index).equals("STANDARD_CONFORMING_STRINGS")) {
            return false;
        }
        String value = words.at(index + 2).replace("'", "").toUpperCase(Locale.ROOT);
        return List.of("OFF", "FALSE", "NO", "0", "F", "N").contains(value);
    }

    /** Behind a COPY FROM STDIN that ends at {@code end}: on with the line after its data, if there are data. */
    private void skipCopyData(int end) {
        Matcher matcher = END_OF_COPY_DATA.matcher(text);
        if (matcher.find(end)) {
            lexer.moveTo(matcher.end());
        }
    }

    private void skipMetaCommand(SqlToken backslash) {
        int lineEnd = text.indexOf('\n', backslash.start());
        int end = lineEnd < 0 ? text.length() : lineEnd;
        String command = text.substring(backslash.start(), end).strip();
        note(backslash.start(), "the psql command " + firstWord(command), SERVER_SQL);
        lexer.moveTo(end);
        if (keyword == backslash.start() || ENDS_STATEMENT.matcher(command).matches()) {
            reset();
        } else {
            spoiled = true;
        }
    }

    private static String firstWord(String command) {
        int blank = 0;
        while (blank < command.length() && !Character.isWhitespace(command.charAt(blank))) {
            blank++;
        }
        return command.substring(0, blank);
    }

    private void noteNullCharacter() {
        int offset = text.indexOf('\0');
        if (offset >= 0) {
            Place at = Place.of(text, offset);
            mistakes.add(mistake(at, "a NUL character", "text: PostgreSQL's SQL cannot hold NUL"));
        }
    }

    private void note(int offset, String what, String expected) {
        mistakes.add(mistake(Place.of(text, offset), what, expected));
    }

    private ScriptMistake mistake(Place place, String what, String expected) {
        return new ScriptMistake(name, place.line(), place.column(), what, expected);
    }

    private Place place(int offset) {
        placed = placed.after(text, placedOffset, offset);
        placedOffset = offset;
        return placed;
    }

    /**
     * The depth of {@code BEGIN … END} in a statement that begins with {@code CREATE [OR REPLACE] FUNCTION} or
     * {@code PROCEDURE}, counted as psql counts it: it looks at the first words only, and CASE counts inside a block.
     */
    private static final class BeginBlocks {
        private static final int WORDS_LOOKED_AT = 4;

        private final List<String> firstWords = new ArrayList<>();
        private final List<Integer> open = new ArrayList<>();

        void word(String word, int offset, boolean outsideParentheses) {
            String upper = word.toUpperCase(Locale.ROOT);
            if (firstWords.size() < WORDS_LOOKED_AT) {
                firstWords.add(upper);
            }
            if (!outsideParentheses || !isRoutine()) {
                return;
            }
            if (upper.equals("BEGIN") || (upper.equals("CASE") && !open.isEmpty())) {
                open.add(offset);
            } else if (upper.equals("END") && !open.isEmpty()) {
                open.remove(open.size() - 1);
            }
        }

        private boolean isRoutine() {
            return isRoutine(List.of("CREATE"), 1) || isRoutine(List.of("CREATE", "OR", "REPLACE"), 3);
        }

        private boolean isRoutine(List<String> before, int index) {
            return firstWords.size() > index
                    && firstWords.subList(0, index).equals(before)
                    && (firstWords.get(index).equals("FUNCTION")
                            || firstWords.get(index).equals("PROCEDURE"));
        }

        int depth() {
            return open.size();
        }

        int firstOpen() {
            return open.get(0);
        }

        void reset() {
            firstWords.clear();
            open.clear();
        }
    }
}
