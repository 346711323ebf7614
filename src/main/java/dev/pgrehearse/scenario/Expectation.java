package dev.pgrehearse.scenario;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The verdict that a variant is expected to end with. */
public enum Expectation {
    @JsonProperty("GO")
    GO("GO"),
    @JsonProperty("NO-GO")
    NO_GO("NO-GO"),
    @JsonProperty("UNKNOWN")
    UNKNOWN("UNKNOWN");

    private final String text;

    Expectation(String text) {
        this.text = text;
    }

    /** As it stands in files and reports: {@code NO-GO}. */
    @Override
    public String toString() {
        return text;
    }
}
