package dev.pgrehearse.dataset;

import java.util.List;
import java.util.stream.Collectors;

/** Everything that is wrong with a dataset, at once. Nothing has been loaded; the scenario is to be corrected. */
public final class DatasetMistakes extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<DatasetMistake> mistakes;

    public DatasetMistakes(List<DatasetMistake> mistakes) {
        super(mistakes.stream().map(DatasetMistake::toString).collect(Collectors.joining("\n")));
        this.mistakes = List.copyOf(mistakes);
    }

    /** In the order in which they were found; never empty. */
    public List<DatasetMistake> mistakes() {
        return mistakes;
    }
}
