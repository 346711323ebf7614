package dev.pgrehearse.verdict;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How much a finding weighs. */
public enum Severity {
    /** Makes the verdict NO-GO. */
    @JsonProperty("NO-GO")
    NO_GO("NO-GO"),
    /** Worth a change before the night, but breaks no limit. */
    @JsonProperty("warning")
    WARNING("warning"),
    /** Within the limits, told so that nobody is surprised. */
    @JsonProperty("info")
    INFO("info");

    private final String text;

    Severity(String text) {
        this.text = text;
    }

    /** As it stands in files and reports. */
    @Override
    public String toString() {
        return text;
    }
}
