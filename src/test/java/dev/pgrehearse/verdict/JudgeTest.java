package dev.pgrehearse.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.pgrehearse.recording.Edited;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.RecordingJson;
import dev.pgrehearse.recording.SampleRecordings;
import dev.pgrehearse.scenario.AdversarySpec;
import dev.pgrehearse.scenario.Expectation;
import dev.pgrehearse.scenario.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class JudgeTest {
    private static final String READS = "/requests/operations/0";

    @Test
    void whatHeldEveryLimitIsGo() {
        Verdict verdict = judge(SampleRecordings.withTimeout());
        assertThat(verdict.verdict()).isEqualTo(Ruling.GO);
        assertThat(verdict.asExpected()).isTrue();
        assertThat(verdict.reasons()).hasSize(1);
        assertThat(verdict.uncertainties()).isEmpty();
    }

    @Test
    void aGoTellsHowLongEverybodyStoodStillInAll() {
        Edited edited = Edited.of(SampleRecordings.withTimeout())
                .set(READS + "/phases/migration/stalls", stalls(4, 7_900))
                .set(READS + "/phases/recovery/stalls", stalls(1, 200))
                .set("/requests/operations/1/phases/migration/stalls", stalls(3, 6_000));
        assertThat(plain(judge(edited.recording()).reasons().get(0)))
                .contains("2.0 s allowed (read_order stood still 5 times for longer than 100 ms, 8.1 s in all), and");
        // Once is what the longest stall says already; of what was not added up nothing is said.
        edited.set("/requests/operations/1/phases/migration/stalls", "null");
        edited.set(READS + "/phases/recovery/stalls", "null");
        assertThat(plain(judge(edited.recording()).reasons().get(0))).contains("2.0 s allowed, and");
        edited.set(READS + "/phases/recovery/stalls", stalls(0, 0))
                .set(READS + "/phases/migration/stalls", stalls(1, 1_900));
        assertThat(plain(judge(edited.recording()).reasons().get(0))).contains("2.0 s allowed, and");
    }

    @Test
    void whatBrokeOneIsNoGoAndTheCauseComesFirst() {
        Verdict verdict = Judge.judge(SampleRecordings.asWritten(), SampleRecordings.limits(), Expectation.NO_GO);
        assertThat(verdict.verdict()).isEqualTo(Ruling.NO_GO);
        assertThat(verdict.asExpected()).isTrue();
        assertThat(verdict.reasons().get(0)).startsWith("Reads and writes of orders stood still for 30.0");
        assertThat(verdict.findings().get(0).severity()).isEqualTo(Severity.NO_GO);
        assertThat(verdict.findings())
                .isSortedAccordingTo((a, b) -> a.severity().compareTo(b.severity()));
    }

    /** Where; a JSON value that leaves nothing to tell; words of the reason. */
    static Stream<Arguments> unknown() {
        return Stream.of(
                Arguments.of("/complete", "false", "did not run to its end"),
                Arguments.of("/migration", "null", "never started"),
                Arguments.of("/migration/outcome", "\"interrupted\"", "interrupted"),
                Arguments.of("/migration/outcome", "\"fine\"", "not known"),
                Arguments.of("/migration/statements", "[]", "no statement"),
                Arguments.of("/migration/durationMs", "null", "not measured"),
                Arguments.of("/migration/statements/4/locks/0/heldMs", "null", "not measured"),
                Arguments.of("/migration/statements/4/locks/0/mode", "\"VERY EXCLUSIVE\"", "lock mode"),
                Arguments.of("/requests", "null", "No requests"),
                Arguments.of("/requests/offered", "0", "No requests"),
                Arguments.of("/requests/offered", "1", "contradicts itself"),
                Arguments.of(
                        READS + "/outcomesByPhase",
                        "{\"baseline\": {\"ok\": 4800}, \"migration\": {\"ok\": 0}, \"recovery\": {}}",
                        "whether it still works"),
                Arguments.of("/adversaries/0/stood", "false", "did not stand"),
                Arguments.of("/doubts/0/id", "\"driver-late\"", ""),
                Arguments.of(
                        "/doubts/0", "{\"id\": \"driver-too-late\", \"text\": \"The driver was late.\"}", "was late"),
                Arguments.of("/phases/1/name", "\"warmup\"", "no baseline"),
                Arguments.of("/phases/3/name", "\"warmup\"", "recovery was not watched"),
                Arguments.of(READS + "/phases/migration/stallMs", "null", "not measured"),
                Arguments.of(READS + "/phases/migration/p99Ms", "null", "cannot be told"),
                Arguments.of("/pools/0/longestExhaustedMs", "null", "not measured"),
                Arguments.of("/lockWaits/3/durationMs", "null", "not always measured"),
                Arguments.of(READS + "/phases/baseline/stallMs", "2000.001", "baseline itself"),
                Arguments.of(READS + "/phases/baseline/p99Ms", "3000.001", ""),
                Arguments.of(
                        READS + "/outcomesByPhase/baseline",
                        "{\"ok\": 4700, \"lock_timeout\": 100}",
                        "baseline itself"));
    }

    @ParameterizedTest(name = "{0} = {1}")
    @MethodSource
    void unknown(String pointer, String json, String words) {
        Recording recording =
                Edited.of(SampleRecordings.withTimeout()).set(pointer, json).recording();
        Verdict verdict = judge(recording);
        if (words.isEmpty()) {
            // Three times this baseline is the limit: still within.
            assertThat(verdict.verdict()).isEqualTo(Ruling.GO);
            return;
        }
        assertThat(verdict.verdict()).isEqualTo(Ruling.UNKNOWN);
        assertThat(verdict.asExpected()).isFalse();
        assertThat(String.join("\n", verdict.reasons())).contains(words);
    }

    @ParameterizedTest
    @EnumSource(AdversarySpec.Kind.class)
    void anAdversaryOfAnyKindThatDidNotStandIsUnknownInItsOwnWords(AdversarySpec.Kind kind) {
        Edited edited = Edited.of(SampleRecordings.withTimeout())
                .set("/adversaries/0/kind", "\"" + kind.key() + "\"")
                .set("/adversaries/0/proof", "\"3 runs begun, 0 committed, 3 failed\"");
        assertThat(judge(edited.recording()).verdict()).isEqualTo(Ruling.GO);
        edited.set("/adversaries/0/stood", "false");
        Verdict verdict = judge(edited.recording());
        assertThat(verdict.verdict()).isEqualTo(Ruling.UNKNOWN);
        assertThat(verdict.reasons())
                .anySatisfy(reason -> assertThat(reason)
                        .startsWith("The adversary " + kind.key() + " on orders did not stand")
                        .endsWith("3 runs begun, 0 committed, 3 failed"));
    }

    @Test
    void aPoolThatWasExhaustedInTheBaselineTellsNothing() {
        Edited edited = Edited.of(SampleRecordings.withTimeout()).set("/pools/0/baselineExhaustedMs", "2000");
        assertThat(judge(edited.recording()).verdict()).isEqualTo(Ruling.GO);
        edited.set("/pools/0/baselineExhaustedMs", "2000.001");
        assertThat(judge(edited.recording()).verdict()).isEqualTo(Ruling.UNKNOWN);
    }

    @Test
    void whatOnlyTheInterruptionLeftIsUnknown() {
        Edited edited =
                Edited.of(SampleRecordings.withTimeout()).set("/leftovers/invalidIndexes", "[\"orders_email_idx\"]");
        assertThat(judge(edited.recording()).verdict()).isEqualTo(Ruling.NO_GO);
        edited.set("/migration/outcome", "\"interrupted\"");
        assertThat(judge(edited.recording()).verdict()).isEqualTo(Ruling.UNKNOWN);
    }

    @ParameterizedTest(name = "{0} = {1}")
    @MethodSource("unknown")
    void aNoGoIsNeverMasked(String pointer, String json, String words) {
        Edited edited = Edited.of(SampleRecordings.withTimeout())
                .set("/pools/1/longestExhaustedMs", "2000.001")
                .set(pointer, json);
        Verdict verdict = judge(edited.recording());
        assertThat(verdict.verdict()).isEqualTo(Ruling.NO_GO);
        if (!words.isEmpty()) {
            assertThat(String.join("\n", verdict.uncertainties())).contains(words);
        }
    }

    @Test
    void aBaselineThatBreaksALimitDoesNotHideThatTheMigrationAddedMoreThanTheLimit() {
        Edited edited = Edited.of(SampleRecordings.withTimeout())
                .set(READS + "/phases/baseline/stallMs", "3000")
                .set(READS + "/phases/migration/stallMs", "5000");
        assertThat(judge(edited.recording()).verdict()).isEqualTo(Ruling.UNKNOWN);
        edited.set(READS + "/phases/migration/stallMs", "5000.001");
        assertThat(judge(edited.recording()).verdict()).isEqualTo(Ruling.NO_GO);
    }

    @Test
    void clockUncertaintyIsADoubtAndNothingMore() {
        Edited edited = Edited.of(SampleRecordings.withTimeout());
        assertThat(judge(edited.set("/clock/uncertaintyMs", "5").recording()).doubts())
                .hasSize(1);
        Verdict verdict = judge(edited.set("/clock/uncertaintyMs", "5.001").recording());
        assertThat(verdict.doubts()).hasSize(2);
        assertThat(verdict.verdict()).isEqualTo(Ruling.GO);
    }

    /** Where the workload is from; of 10 000 requests so many are of the operation whose p99 is known; what follows. */
    static Stream<Arguments> assessed() {
        return Stream.of(
                Arguments.of("profile", 0.95, 9500, Ruling.GO),
                Arguments.of("profile", 0.95, 9499, Ruling.UNKNOWN),
                Arguments.of("profile", 0.2, 2000, Ruling.GO),
                Arguments.of("profile", 0.2, 1999, Ruling.UNKNOWN),
                Arguments.of("auto", 0, 5000, Ruling.GO),
                Arguments.of("auto", 0, 4999, Ruling.UNKNOWN));
    }

    @ParameterizedTest
    @MethodSource
    void assessed(String source, double asked, int known, Ruling expected) {
        Recording recording = halfKnown(source, asked, known);

        Verdict verdict = judge(recording);

        assertThat(verdict.verdict()).as(verdict.reasons().toString()).isEqualTo(expected);
        if (expected == Ruling.UNKNOWN) {
            assertThat(verdict.reasons()).singleElement().asString().contains("Only ", "p99", "limits.response.p99");
        }
        assertThat(DerivedTraffic.inWords(recording, SampleRecordings.limits()))
                .contains("Of the requests during migration and recovery", "the others are not judged by it");
    }

    @Test
    void whatIsAssessedAsAWholeIsNotMentioned() {
        Recording recording = Edited.of(SampleRecordings.withTimeout())
                .set("/workload", workload("profile", 0.95))
                .recording();

        assertThat(DerivedTraffic.assessedShare(recording, SampleRecordings.limits()))
                .isEqualTo(1);
        assertThat(DerivedTraffic.inWords(recording, SampleRecordings.limits())).doesNotContain("not judged");
        assertThat(judge(recording).verdict()).isEqualTo(Ruling.GO);
    }

    /** Without a limit of p99 there is nothing to hold anything against. */
    @Test
    void withoutALimitOfResponseTimeNothingIsAssessed() {
        Limits given = SampleRecordings.limits();
        Limits none = new Limits(
                given.longestStall(),
                given.errorRate(),
                given.poolExhausted(),
                given.lockHeld(),
                given.lockWait(),
                given.duration(),
                given.standbyLag(),
                new Limits.ResponseLimit(null, null),
                Map.of(),
                given.defaulted());
        Recording recording = halfKnown("profile", 0.95, 1);

        assertThat(Judge.judge(recording, none, Expectation.GO).verdict()).isEqualTo(Ruling.GO);
        assertThat(DerivedTraffic.inWords(recording, none)).doesNotContain("not judged");
    }

    /** Only the p99 of reads is known during the migration, which is the only phase that is judged and had requests. */
    private static Recording halfKnown(String source, double asked, int known) {
        String writes = "/requests/operations/1";
        return Edited.of(SampleRecordings.withTimeout())
                .set("/workload", workload(source, asked))
                .set(
                        READS + "/outcomesByPhase",
                        "{\"baseline\": {\"ok\": 4800}, \"migration\": {\"ok\": " + known + "}}")
                .set(
                        writes + "/outcomesByPhase",
                        "{\"baseline\": {\"ok\": 1200}, \"migration\": {\"ok\": " + (10_000 - known) + "}}")
                .set("/requests/outcomes", "{\"ok\": 16000}")
                .set("/requests/offered", "16000")
                .set(writes + "/phases/migration/p99Ms", "null")
                .recording();
    }

    private static String workload(String source, double asked) {
        return "{\"source\": \"" + source + "\", \"ratePerSecond\": 300, \"askedShare\": " + asked
                + ", \"callsShare\": 1, \"timeShare\": 1, \"notInProfile\": 0, \"statements\": [], \"leftOut\": []}";
    }

    /** Of 1000 requests so many were rejected at once; the slowest answer took 2.9 s, the limit is 3 s. */
    static Stream<Arguments> rejected() {
        return Stream.of(
                // Rank 990 + 10 is the last value that was recorded: still known.
                Arguments.of(10, Ruling.GO), Arguments.of(11, Ruling.UNKNOWN));
    }

    @ParameterizedTest
    @MethodSource
    void rejected(int rejected, Ruling expected) {
        Histogram histogram = new Histogram(3);
        histogram.recordValueWithCount(100, rejected);
        histogram.recordValueWithCount(2_900_000, 1000 - rejected);
        Edited edited = Edited.of(SampleRecordings.withTimeout())
                .set(READS + "/phases/migration/count", "1000")
                .set(READS + "/phases/migration/censoredAboveMs", "0.1")
                .set(READS + "/phases/migration/p99Ms", "2900")
                .set(READS + "/phases/migration/maxMs", "2900")
                .set(READS + "/phases/migration/histogram", '"' + SampleRecordings.encode(histogram) + '"')
                .set(
                        READS + "/outcomesByPhase/migration",
                        "{\"ok\": " + (1000 - rejected) + ", \"queue_rejected\": " + rejected + "}")
                .set("/requests/outcomes", "{\"ok\": 11789}")
                .set("/requests/offered", "11789");
        Verdict verdict = Judge.judge(edited.recording(), lenient(), Expectation.GO);
        assertThat(verdict.verdict()).isEqualTo(expected);
    }

    /** A migration phase of 30 requests has no p99 of its own: it is judged together with the recovery. */
    @Test
    void aShortPhaseIsJudgedTogetherWithTheNext() {
        Histogram few = new Histogram(3);
        few.recordValueWithCount(5_000, 25);
        few.recordValueWithCount(4_000_000, 5);
        Edited edited = Edited.of(SampleRecordings.withTimeout())
                .set(READS + "/phases/migration/count", "30")
                .set(READS + "/phases/migration/p99Ms", "4000")
                .set(READS + "/phases/migration/maxMs", "4000")
                .set(READS + "/phases/migration/histogram", '"' + SampleRecordings.encode(few) + '"')
                .set(READS + "/outcomesByPhase/migration", "{\"ok\": 30}")
                .set("/requests/outcomes", "{\"ok\": 10819}")
                .set("/requests/offered", "10819");
        // 5 slow of 30 + 2400 are fewer than one in a hundred.
        assertThat(judge(edited.recording()).verdict()).isEqualTo(Ruling.GO);
        edited.set(READS + "/phases/recovery/count", "0")
                .set(READS + "/outcomesByPhase/recovery", "{}")
                .set("/requests/outcomes", "{\"ok\": 8419}")
                .set("/requests/offered", "8419");
        Verdict verdict = judge(edited.recording());
        assertThat(verdict.verdict()).isEqualTo(Ruling.UNKNOWN);
        assertThat(verdict.reasons().get(0)).contains("too few");
    }

    @Test
    void aVerdictMatchesItsSchemaAndReadsBack() throws IOException {
        ObjectMapper mapper = RecordingJson.mapper();
        for (Recording recording : new Recording[] {SampleRecordings.asWritten(), SampleRecordings.withTimeout()}) {
            Verdict verdict = judge(recording);
            String json = mapper.writeValueAsString(verdict);
            assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                            .getSchema(Files.readString(Path.of("docs/verdict.schema.json")))
                            .validate(mapper.readTree(json)))
                    .isEmpty();
            assertThat(mapper.readValue(json, Verdict.class)).isEqualTo(verdict);
        }
    }

    private static dev.pgrehearse.scenario.Limits lenient() {
        dev.pgrehearse.scenario.Limits strict = SampleRecordings.limits();
        return new dev.pgrehearse.scenario.Limits(
                strict.longestStall(),
                1,
                strict.poolExhausted(),
                strict.lockHeld(),
                strict.lockWait(),
                strict.duration(),
                strict.standbyLag(),
                strict.response(),
                strict.operations(),
                strict.defaulted());
    }

    private static Verdict judge(Recording recording) {
        return Judge.judge(recording, SampleRecordings.limits(), Expectation.GO);
    }

    private static String stalls(int count, int totalMs) {
        return "{\"aboveMs\": 100, \"count\": " + count + ", \"totalMs\": " + totalMs + ", \"open\": false}";
    }

    /** With ordinary spaces between figures and units. */
    private static String plain(String text) {
        return text.replaceAll("[\\u00a0\\u202f]", " ");
    }
}
