package dev.pgrehearse.verdict;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.pgrehearse.scenario.Expectation;

/** What the judge says of a rehearsal. */
public enum Ruling {
    /** Every limit was measured and held. */
    @JsonProperty("GO")
    GO("GO"),
    /** A limit was broken, or the migration failed. */
    @JsonProperty("NO-GO")
    NO_GO("NO-GO"),
    /** No limit was seen broken, but not all could be measured well enough. Never shown as GO. */
    @JsonProperty("UNKNOWN")
    UNKNOWN("UNKNOWN");

    private final String text;

    Ruling(String text) {
        this.text = text;
    }

    /** Whether this is what was expected. */
    public boolean is(Expectation expectation) {
        return text.equals(expectation.toString());
    }

    /** As it stands in files and reports: {@code NO-GO}. */
    @Override
    public String toString() {
        return text;
    }
}
