package dev.pgrehearse.migration;

import dev.pgrehearse.postgres.Place;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits SQL scripts into statements where psql splits them.
 *
 * <p>What psql itself would do, and a server cannot, is a mistake: meta-commands, psql's variables, {@code COPY} from or
 * to psql. Statements that are only a semicolon or comments are skipped. Stateless, so thread-safe.
 *
 * <p>Source: PostgreSQL's {@code psqlscan.l} and {@code mainloop.c}; checked statement by statement against psql 15.
 */
public final class ScriptSplitter {
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private ScriptSplitter() {}

    /**
     * The statements of one script in UTF-8, numbered from 1.
     *
     * @throws ScriptMistakes with every mistake in it
     * @throws IOException when the file cannot be read
     */
    public static List<SqlStatement> split(Path file) throws ScriptMistakes, IOException {
        return split(List.of(file));
    }

    /**
     * The statements of several scripts in UTF-8, one after the other, numbered through from 1.
     *
     * @throws ScriptMistakes with every mistake of every script
     * @throws IOException when a file cannot be read
     */
    public static List<SqlStatement> split(List<Path> files) throws ScriptMistakes, IOException {
        List<SqlStatement> statements = new ArrayList<>();
        List<ScriptMistake> mistakes = new ArrayList<>();
        for (Path file : files) {
            String name = String.valueOf(file.getFileName());
            byte[] bytes = Files.readAllBytes(file);
            try {
                String text = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes))
                        .toString();
                for (SqlStatement statement : split(name, text)) {
                    statements.add(statement.withIndex(statements.size() + 1));
                }
            } catch (CharacterCodingException notUtf8) {
                Place place = firstReplacement(bytes);
                mistakes.add(new ScriptMistake(
                        name, place.line(), place.column(), "a byte that is not UTF-8", "a script in UTF-8"));
            } catch (ScriptMistakes found) {
                mistakes.addAll(found.mistakes());
            }
        }
        if (!mistakes.isEmpty()) {
            throw new ScriptMistakes(mistakes);
        }
        return List.copyOf(statements);
    }

    /**
     * The statements of a script that has been read already, numbered from 1. A byte order mark at its start is skipped.
     *
     * @param name the script's name, for statements and mistakes
     * @throws ScriptMistakes with every mistake in it
     */
    public static List<SqlStatement> split(String name, String text) throws ScriptMistakes {
        String script = text.startsWith(BYTE_ORDER_MARK) ? text.substring(BYTE_ORDER_MARK.length()) : text;
        return new ScriptScan(name, script).statements();
    }

    private static Place firstReplacement(byte[] bytes) {
        String lenient = new String(bytes, StandardCharsets.UTF_8);
        int offset = Math.max(lenient.indexOf('\uFFFD'), 0);
        return Place.of(lenient, offset);
    }
}
