package dev.pgrehearse.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgrehearse.recording.Recording.ScenarioFacts;
import dev.pgrehearse.recording.RecordingJson;

/** {@code run.json}: the plan, and each rehearsal's verdict in short. Stateless. */
final class RunJson {
    static final String FORMAT = "pgrehearse-run/1";

    private RunJson() {}

    static String render(Run run) throws JsonProcessingException {
        ObjectMapper mapper = RecordingJson.mapper();
        ObjectNode node = mapper.createObjectNode();
        node.put("format", FORMAT);
        node.put("scenario", run.scenario());
        node.put("description", run.description());
        node.put("startedAt", run.startedAt());
        node.put("command", run.command());
        ArrayNode rehearsals = node.putArray("rehearsals");
        for (Run.Rehearsed rehearsed : run.rehearsals()) {
            ScenarioFacts scenario = rehearsed.recording().scenario();
            ObjectNode each = rehearsals.addObject();
            each.put("id", rehearsed.id());
            each.put("variant", scenario.variant());
            each.put("size", scenario.size());
            each.put("scale", scenario.scale());
            each.put("seed", scenario.seed());
            each.put("complete", rehearsed.recording().complete());
            each.put("verdict", rehearsed.verdict().verdict().toString());
            each.put("expected", rehearsed.verdict().expected().toString());
            each.put("asExpected", rehearsed.verdict().asExpected());
            each.put("reason", rehearsed.verdict().reasons().get(0));
            each.put("recordingFile", rehearsed.id() + "/recording.json");
            each.put("verdictFile", rehearsed.id() + "/verdict.json");
        }
        return mapper.writeValueAsString(node) + "\n";
    }
}
