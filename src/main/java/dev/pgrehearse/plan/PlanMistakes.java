package dev.pgrehearse.plan;

import java.util.List;

/** The command line asks for what the scenario does not have; all such mistakes at once. */
public final class PlanMistakes extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<String> mistakes;

    PlanMistakes(List<String> mistakes) {
        super(String.join("\n", mistakes));
        this.mistakes = List.copyOf(mistakes);
    }

    /** One sentence each. */
    public List<String> mistakes() {
        return mistakes;
    }
}
