package dev.pgrehearse.report;

import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.verdict.Verdict;
import java.util.List;

/**
 * What a command rehearsed, and what the judge said of each.
 *
 * @param scenario the scenario's name
 * @param description the scenario's description; may be empty
 * @param startedAt when the command started, ISO 8601 in UTC
 * @param command the command line, as somebody would type it again; never holds a password
 * @param rehearsals in the plan's order
 */
public record Run(String scenario, String description, String startedAt, String command, List<Rehearsed> rehearsals) {
    /**
     * One rehearsal.
     *
     * @param id its name within the run, which is also the name of its folder
     */
    public record Rehearsed(String id, Recording recording, Verdict verdict) {}
}
