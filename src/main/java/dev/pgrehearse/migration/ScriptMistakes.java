package dev.pgrehearse.migration;

import java.util.List;
import java.util.stream.Collectors;

/** Scripts that cannot be run, with every mistake in them. Nothing was sent to a server. */
public final class ScriptMistakes extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<ScriptMistake> mistakes;

    ScriptMistakes(List<ScriptMistake> mistakes) {
        super(mistakes.stream().map(ScriptMistake::toString).collect(Collectors.joining(System.lineSeparator())));
        this.mistakes = List.copyOf(mistakes);
    }

    /** All of them, file by file, from the top. Never empty. */
    public List<ScriptMistake> mistakes() {
        return mistakes;
    }
}
