package dev.pgrehearse.rehearsal;

import java.util.List;

/** What PostgreSQL, or the machine, says against a scenario before anything is rehearsed; all at once. */
public final class RehearsalMistakes extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<String> mistakes;

    RehearsalMistakes(List<String> mistakes) {
        super(String.join("\n", mistakes)
                + "\n"
                + (mistakes.size() == 1 ? "1 mistake" : mistakes.size() + " mistakes")
                + "; nothing was rehearsed");
        this.mistakes = List.copyOf(mistakes);
    }

    /** One text each: where, what was found, what is expected. */
    public List<String> mistakes() {
        return mistakes;
    }
}
