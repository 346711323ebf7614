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

    /**
     * The one that a text stands for.
     *
     * @throws IllegalArgumentException when there is none
     */
    public static Expectation of(String text) {
        for (Expectation expectation : values()) {
            if (expectation.text.equals(text)) {
                return expectation;
            }
        }
        throw new IllegalArgumentException("neither GO nor NO-GO nor UNKNOWN: " + text);
    }

    /** As it stands in files and reports: {@code NO-GO}. */
    @Override
    public String toString() {
        return text;
    }
}
