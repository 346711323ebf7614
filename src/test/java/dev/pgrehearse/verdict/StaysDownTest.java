package dev.pgrehearse.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.recording.AppEvent;
import dev.pgrehearse.recording.Edited;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.SampleRecordings;
import dev.pgrehearse.scenario.Expectation;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A system that stays down, and what became of its instances, on both sides of each limit. */
class StaysDownTest {
    private static final String NOTHING_WRONG = """
            {"fromMs": 60000, "toMs": 70000, "offered": 1000, "ended": 1000, "ok": 1000, "tries": 1000,
             "forNobodyShare": 0, "readyShare": 1, "killed": 0, "refused": 0, "breakerOpen": 0, "lockWaits": 0}""";

    private static Recording notCalm(String... changes) {
        String seen = NOTHING_WRONG;
        for (String change : changes) {
            String[] parts = change.split("=", 2);
            seen = seen.replaceAll("\"" + parts[0] + "\": [0-9.]+", "\"" + parts[0] + "\": " + parts[1]);
        }
        return Edited.of(SampleRecordings.withTimeout())
                .set("/recovery/calmAtMs", "null")
                .set("/recovery/lastSeen", seen)
                .recording();
    }

    private static List<String> rules(Recording recording) {
        return Judge.judge(recording, SampleRecordings.limits(), Expectation.GO).findings().stream()
                .map(Finding::rule)
                .toList();
    }

    @Test
    void downIsWhenNotEvenHalfSucceeds() {
        assertThat(rules(notCalm("ok=500"))).contains("no-recovery").doesNotContain("metastable");
        assertThat(rules(notCalm("ok=499"))).contains("metastable").doesNotContain("no-recovery");
    }

    @Test
    void whoLooksForTooShortATimeKnowsNothing() {
        assertThat(rules(notCalm("ok=0", "toMs=69998"))).contains("no-recovery").doesNotContain("metastable");
    }

    @Test
    void whoWaitsForALockIsNotDownByItself() {
        assertThat(rules(notCalm("ok=0", "lockWaits=1")))
                .contains("no-recovery")
                .doesNotContain("metastable");
    }

    @Test
    void whatEndsNobodyKnowsOfWhenNothingEnded() {
        assertThat(rules(notCalm("ok=0", "ended=0"))).contains("no-recovery").doesNotContain("metastable");
    }

    @ParameterizedTest
    @CsvSource({
        "tries=1199, tries=1200, Retries",
        "forNobodyShare=0.249, forNobodyShare=0.25, The queue",
        "readyShare=0.901, readyShare=0.9, Probes",
        "killed=0, killed=1, Probes",
        "refused=0, refused=1, Connections",
        "breakerOpen=0, breakerOpen=1, Breakers",
    })
    void whatKeepsItDownIsNamed(String below, String at, String cause) {
        assertThat(causes(notCalm("ok=0", below))).isEmpty();
        assertThat(causes(notCalm("ok=0", at))).startsWith(cause);
    }

    private static String causes(Recording recording) {
        Optional<StaysDown> down = StaysDown.of(recording);
        return down.orElseThrow().causes().stream().collect(Collectors.joining(" "));
    }

    private static Recording with(AppEvent... events) {
        String all = Stream.of(events)
                .map(event -> "{\"atMs\": 40000, \"kind\": \"" + event.kind() + "\", \"text\": \"it happened\"}")
                .collect(Collectors.joining(",", "[", "]"));
        return Edited.of(SampleRecordings.withTimeout()).set("/events", all).recording();
    }

    private static Severity severity(Recording recording, String rule) {
        return Judge.judge(recording, SampleRecordings.limits(), Expectation.GO).findings().stream()
                .filter(finding -> finding.rule().equals(rule))
                .map(Finding::severity)
                .findFirst()
                .orElse(Severity.INFO);
    }

    @Test
    void someInstancesLostAreAWarningAndNoneLeftIsANoGo() {
        assertThat(severity(with(), "instances-lost")).isEqualTo(Severity.INFO);
        assertThat(severity(with(AppEvent.INSTANCE_REMOVED), "instances-lost")).isEqualTo(Severity.WARNING);
        assertThat(severity(with(AppEvent.INSTANCE_KILLED), "instances-lost")).isEqualTo(Severity.WARNING);
        assertThat(severity(with(AppEvent.INSTANCE_REMOVED, AppEvent.NO_INSTANCE_LEFT), "instances-lost"))
                .isEqualTo(Severity.NO_GO);
    }

    @Test
    void aPoolThatTheServerRefusesIsAsBadAsARequest() {
        assertThat(severity(with(AppEvent.CONNECTION_REFUSED), "max-connections-reached"))
                .isEqualTo(Severity.NO_GO);
        // An instance may fail to start for other reasons; a refusal is told apart.
        assertThat(severity(with(AppEvent.INSTANCE_FAILED), "max-connections-reached"))
                .isEqualTo(Severity.INFO);
    }
}
