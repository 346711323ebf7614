package dev.pgrehearse.recording;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;

/** First facts of journals, for tests that fold them. */
public final class Beginnings {
    private Beginnings() {}

    /** Of a rehearsal of whatever variant. */
    public static Fact.Began of(String scenario) {
        return at(scenario, "2026-01-01T00:00:00Z");
    }

    /** The same, which began then. */
    public static Fact.Began at(String scenario, String startedAt) {
        return new Fact.Began(
                new Recording.Tool("test"),
                startedAt,
                new Recording.Host(1, 1, "test"),
                new Recording.ScenarioFacts(
                        scenario,
                        "",
                        "given",
                        "small",
                        1,
                        1,
                        "digest",
                        "GO",
                        JsonNodeFactory.instance.objectNode(),
                        JsonNodeFactory.instance.objectNode()));
    }
}
