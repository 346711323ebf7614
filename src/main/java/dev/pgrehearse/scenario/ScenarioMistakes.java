package dev.pgrehearse.scenario;

import java.util.List;
import java.util.stream.Collectors;

/** A scenario cannot be used: everything that is wrong with it, at once. Nothing has been started. */
public final class ScenarioMistakes extends Exception {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // never serialized; an exception only happens to be Serializable
    private final List<Mistake> mistakes;

    ScenarioMistakes(List<Mistake> mistakes) {
        super(mistakes.stream().map(Mistake::render).collect(Collectors.joining("\n\n")));
        this.mistakes = List.copyOf(mistakes);
    }

    /** At least one, by file, line and column. */
    public List<Mistake> mistakes() {
        return mistakes;
    }
}
