package dev.pgrehearse.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pgrehearse.recording.Edited;
import dev.pgrehearse.recording.Recording;
import dev.pgrehearse.recording.RecordingJson;
import dev.pgrehearse.recording.SampleRecordings;
import dev.pgrehearse.scenario.Expectation;
import dev.pgrehearse.verdict.Figures;
import dev.pgrehearse.verdict.Stops;
import dev.pgrehearse.verdict.Verdict;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

class ReportWriterTest {
    /** What somebody may write into a scenario, an SQL file or an error, and what it must never become. */
    private static final String NASTY =
            "</script><script>alert(1)</script><img src=x onerror=alert(2)> | `x` * _y_ @team {{ 7*7 }} \\u0000\\u001b[31m & \\\"";

    private static final Set<String> VOID = Set.of("meta", "br", "img", "link", "input", "hr");

    @Test
    void writesEveryFile() throws IOException {
        Path directory = Path.of("target/sample-report");
        ReportWriter.write(directory, SampleRun.run());
        for (String file : new String[] {
            "report.html", "report.md", "junit.xml", "run.json", "as-written/verdict.json", "with-timeout/verdict.json"
        }) {
            assertThat(directory.resolve(file)).isNotEmptyFile();
        }
        Verdict verdict = RecordingJson.mapper()
                .readValue(Files.readString(directory.resolve("as-written/verdict.json")), Verdict.class);
        assertThat(verdict).isEqualTo(SampleRun.run().rehearsals().get(0).verdict());
        JsonNode run = RecordingJson.mapper().readTree(Files.readString(directory.resolve("run.json")));
        assertThat(run.at("/format").asText()).isEqualTo("pgrehearse-run/1");
        assertThat(run.at("/rehearsals/0/verdict").asText()).isEqualTo("NO-GO");
        assertThat(run.at("/rehearsals/1/asExpected").asBoolean()).isTrue();
    }

    /** Stopped 8 s after its start, 3 s of cleaning, calm 12 s after the stop: BASELINE_MS is 30 s in the samples. */
    @Test
    void aStopItsCleaningNoticesAndBatchesAreShown() {
        Recording recording = Edited.of(SampleRecordings.withTimeout())
                .set("/migration/outcome", "\"stopped\"")
                .set("/migration/statements/0/startMs", "30000")
                .set("/migration/statements/0/notices", """
                        [{"sqlState": "42P07", "message": "relation \\"i\\" already exists, skipping"}]""")
                .set("/migration/statements/0/moreNotices", "5")
                .set("/migration/statements/1/batches", """
                        {"count": 4, "rows": 900, "medianMs": 20, "longestMs": 45, "retried": 2}""")
                .set("/migration/statements/4/index", "2")
                .set("/migration/stop", """
                        {"atMs": 38000, "askedBy": "scenario", "endedMs": 12, "cleaningFrom": 2, "cleaningMs": 3000,
                         "leftovers": {"invalidIndexes": ["orders_note"], "notValidConstraints": [], "other": []}}""")
                .set("/recovery/calmAtMs", "50000")
                .recording();
        Run run = SampleRun.of(SampleRun.rehearsed("stopped", recording, Expectation.GO));
        String html = HtmlReport.render(run);
        assertThat(unclosed(withoutScripts(html))).isEmpty();
        assertThat(html).contains("Stopped half-way", "· cleaning", "5 more notices");
        for (String text : List.of(html, MarkdownReport.render(run), String.join("\n", ConsoleSummary.lines(run)))) {
            assertThat(text.replace('\u00a0', ' '))
                    .contains(
                            "8.0 s after its start",
                            "INVALID indexes orders",
                            "Cleaning took 3.0 s",
                            "within 12 s after the stop");
        }
        for (String text : List.of(html, MarkdownReport.render(run))) {
            assertThat(text.replace('\u00a0', ' '))
                    .contains("already exists, skipping", "4 batches, 900 rows", "2 tried again");
        }
    }

    /** The sample's queue: a long read, the ALTER, 32 readers and 8 writers; its slowest reads waited for it alone. */
    @Test
    void queueDeadlockPartsAndOwnWaitsAreShown() {
        Recording recording = SampleRecordings.asWritten();
        Run run = SampleRun.of(SampleRun.rehearsed("one", recording, Expectation.NO_GO));
        String html = HtmlReport.render(run);
        assertThat(unclosed(withoutScripts(html))).isEmpty();
        for (String report : List.of(html, MarkdownReport.render(run))) {
            assertThat(report.replace('\u00a0', ' ').replace("\\_", "_").replace("\\", ""))
                    .contains("41 sessions waited")
                    .contains("a long read holds ACCESS SHARE on orders")
                    .contains(
                            "statement 1 of the migration (as-written.sql:3, ALTER TABLE orders ADD COLUMN notes text)"
                                    + " wants ACCESS EXCLUSIVE on orders, waiting for 30.0 s (pid 4001)")
                    .contains("32 × read_order wants ACCESS SHARE on orders, waiting for up to 29.9 s")
                    .contains("create_order (pid 5041) wanted SHARE on (transaction) behind another session, running"
                            + " UPDATE orders SET status = $1 WHERE id = $2")
                    .contains("orders behind statement 1 (as-written.sql:3): 400 requests, longest 4.7 s")
                    .contains("the slowest, of 31.0 s (request_timeout)")
                    .contains("12 waits, 60 ms in all, longest 11 ms");
        }
        assertThat(html).contains("data-film=\"film-data-1\"", "statement 1 (as-written.sql:3)");
        assertThat(String.join("\n", ConsoleSummary.lines(run)).replace('\u00a0', ' '))
                .contains("waited: of the slowest read_order in migration (4.7 s on average) 4.7 s went by waiting for"
                        + " locks, most of it for orders behind statement 1 (as-written.sql:3)");
        QueueTreeView tree = QueueTreeView.of(recording);
        assertThat(tree.worst()).extracting(QueueTreeView.Line::depth).containsExactly(0, 1, 2, 2);
        assertThat(tree.moments()).isEqualTo(4);
    }

    @Test
    void aWarningThatNobodySetALimitForNamesNone() {
        Recording recording = Edited.of(SampleRecordings.withTimeout())
                .set("/migration/lockTimeoutMs", "null")
                .recording();
        Run run = SampleRun.of(SampleRun.rehearsed("one", recording, Expectation.GO));
        String html = HtmlReport.render(run);
        assertThat(unclosed(withoutScripts(html))).isEmpty();
        int card = html.indexOf("<code>no-lock-timeout</code>");
        assertThat(card).isPositive();
        assertThat(html.substring(card, html.indexOf("</div>", card)))
                .contains("measured <b>")
                .doesNotContain("limit <b>");
        assertThat(MarkdownReport.render(run).lines())
                .filteredOn(line -> line.contains("ran without a lock"))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).contains("(measured ").doesNotContain("limit "));
    }

    @Test
    void whatStoodStillSeveralTimesIsAddedUp() {
        Recording recording = Edited.of(SampleRecordings.withTimeout())
                .set(
                        "/requests/operations/0/phases/migration/stalls",
                        "{\"aboveMs\": 100, \"count\": 5, \"totalMs\": 58100, \"open\": false}")
                .recording();
        Run run = SampleRun.of(SampleRun.rehearsed("one", recording, Expectation.GO));
        for (String report : List.of(HtmlReport.render(run), MarkdownReport.render(run))) {
            assertThat(report.replace('\u00a0', ' '))
                    .contains(
                            "stood still 5 times for longer than 100 ms, 58.1 s in all",
                            "s (5 times for longer than 100 ms, 58.1 s in all)");
        }
    }

    @Test
    void calmIsToldToTheSecondAndAtOnceAsZero() {
        assertThat(Stops.calmAgain(0)).isEqualTo(Figures.duration(0));
        assertThat(Stops.calmAgain(0.1).replace('\u00a0', ' ')).isEqualTo("within 1 s");
        assertThat(Stops.calmAgain(1_000).replace('\u00a0', ' ')).isEqualTo("within 1 s");
        assertThat(Stops.calmAgain(1_001).replace('\u00a0', ' ')).isEqualTo("within 2 s");
    }

    @Test
    void bothReportsTellWhatBecameOfIndexes() {
        String index = """
                {"name": "%s", "table": "orders", "definition": "CREATE INDEX x", "existedBefore": %s,
                 "existsAfter": true, "valid": %s, "ready": true, "validBefore": %s, "enforces": false,
                 "sizeBytes": 8388608, "scans": {"baseline": null, "migration": 0, "recovery": 1234},
                 "coveredBy": %s, "coverage": %s}""";
        Recording recording = Edited.of(SampleRecordings.withTimeout())
                .set(
                        "/indexes",
                        "["
                                + String.join(
                                        ",",
                                        index.formatted(
                                                "made_idx", "false", "true", "null", "\"old_idx\"", "\"it leads\""),
                                        index.formatted("skipped_idx", "true", "false", "false", "null", "null"),
                                        index.formatted("same_idx", "true", "true", "true", "null", "null"))
                                + "]")
                .set("/indexesLeftOut", "7")
                .set("/migration/statements/4/sql", "\"CREATE INDEX CONCURRENTLY made_idx ON orders (a)\"")
                .recording();
        Run run = SampleRun.of(SampleRun.rehearsed("one", recording, Expectation.GO));
        for (String report : List.of(HtmlReport.render(run), MarkdownReport.render(run))) {
            String text = report.replaceAll("[\\u00a0\\u202f]", " ").replace("\\_", "_");
            assertThat(text)
                    .contains("made_idx")
                    .contains("old_idx: it leads")
                    .contains("still INVALID")
                    .contains("each write maintains it, no query uses it")
                    .contains("1 234")
                    .contains("waited 1.8 s for locks; requests waited for it 40 times")
                    .doesNotContain("same_idx");
        }
        assertThat(HtmlReport.render(run).replace('\u00a0', ' ')).contains("8 other indexes are as before.");
        assertThat(MarkdownReport.render(SampleRun.run())).doesNotContain("covered by");
    }

    @Test
    void bothReportsTellWhatTheMigrationChanged() {
        Recording recording = Edited.of(SampleRecordings.withTimeout())
                .set("/indexes/0/existedBefore", "false")
                .set("/changes/operations/0/statements/0/plansBefore/0/shape", "\"Seq Scan on orders\"")
                .set("/changes/operations/1/statements/0/plansAfter", "[]")
                .set(
                        "/changes/operations/1/statements/0/failureAfter",
                        "{\"sqlState\": \"42703\", \"message\": \"column <b>x</b> does not exist\"}")
                .set("/changes/tables/0/statisticsLost", "[\"country\"]")
                .set("/changes/errors/0/byPhase", "{\"baseline\": 1, \"recovery\": 1233}")
                .set("/changes/errors/0/count", "1234")
                .recording();
        Run run = SampleRun.of(SampleRun.rehearsed("one", recording, Expectation.GO));
        for (String report : List.of(HtmlReport.render(run), MarkdownReport.render(run))) {
            String text = report.replaceAll("[\\u00a0\\u202f]", " ").replace("\\_", "_");
            assertThat(text)
                    .contains("used by read_order: plan Seq Scan on orders → Index Scan using orders_pkey on orders")
                    .contains("does not exist")
                    .contains("lost: country (back at the end); none yet: notes")
                    .contains("1 234 (1 in the baseline)")
                    .doesNotContain("<b>x</b>");
        }
        // Nothing is told of errors that came before the migration alone.
        assertThat(MarkdownReport.render(SampleRun.run())).doesNotContain("orders_customer_fkey");
    }

    @Test
    void percentilesOfFailuresAreMarked() {
        String html = HtmlReport.render(SampleRun.run()).replace('\u00a0', ' ');
        // Of 9000 requests four fifths were reads; 560 of all succeeded: 448 reads.
        assertThat(html).contains("of 7 200, 6 752 failed");
        assertThat(MarkdownReport.render(SampleRun.run()).replace('\u00a0', ' '))
                .contains("of 7 200, 6 752 failed");
        Run calm = SampleRun.of(SampleRun.rehearsed("calm", SampleRecordings.withTimeout(), Expectation.GO));
        assertThat(HtmlReport.render(calm)).doesNotContainPattern("of [0-9\\u00a0]+, [0-9\\u00a0]+ failed");
    }

    @Test
    void anIdThatLeavesTheFolderIsRefused() {
        for (String id : new String[] {"../elsewhere", "a/b", "", "."}) {
            Run run = SampleRun.of(SampleRun.rehearsed(id, SampleRecordings.withTimeout(), Expectation.GO));
            assertThatThrownBy(() -> ReportWriter.write(Path.of("target/never"), run))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void thePageIsWellFormedAndLoadsNothing() {
        for (Run run : List.of(SampleRun.run(), nasty(), empty())) {
            String html = HtmlReport.render(run);
            String page = withoutScripts(html);
            assertThat(unclosed(page)).isEmpty();
            assertThat(page)
                    .doesNotContain("http://")
                    .doesNotContain("https://")
                    .doesNotContain("javascript:");
            assertThat(page).doesNotContainPattern("<(?:link|img|iframe|object|embed|base)\\b");
            assertThat(html).doesNotContain("sourceMappingURL").doesNotContain("@import");
            assertThat(html).doesNotContainPattern("<script[^>]+src=");
            assertThat(html).contains("default-src 'none'");
            assertThat(html.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(2_000_000);
        }
    }

    @Test
    void whatUsersWroteIsTextEverywhere() throws IOException {
        String html = HtmlReport.render(nasty());
        assertThat(html)
                .doesNotContain("<script>alert")
                .doesNotContain("<img src=x")
                .doesNotContain("49 ");
        // Ours are four: the data of timeline and queue, the chart library, the page's own.
        assertThat(count(html, "</script>")).isEqualTo(4);
        Matcher json = Pattern.compile("(?s)<script type=\"application/json\"[^>]*>(.*?)</script>")
                .matcher(html);
        assertThat(json.find()).isTrue();
        assertThat(RecordingJson.mapper()
                        .readTree(json.group(1))
                        .at("/events/0/text")
                        .asText())
                .startsWith("</script><script>alert(1)");

        String markdown = MarkdownReport.render(nasty());
        assertThat(withoutCode(markdown))
                .doesNotContain("<script")
                .doesNotContain("<img")
                .doesNotContain("@team");
    }

    @Test
    void theMarkdownFitsAPullRequest() {
        String small = MarkdownReport.render(SampleRun.run());
        assertThat(small).startsWith("## 1\u00a0× NO-GO, 1\u00a0× GO, all as expected\n");
        assertThat(small).contains("Reads and writes of orders stood still for 30.0");
        assertThat(small).contains("ACCESS EXCLUSIVE on orders, never had").doesNotContain("held 0");
        assertThat(count(small, "<details>")).isEqualTo(count(small, "</details>"));

        List<Run.Rehearsed> many = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            many.add(SampleRun.rehearsed("as-written-" + i, SampleRecordings.asWritten(), Expectation.NO_GO));
        }
        String large = MarkdownReport.render(SampleRun.of(many.toArray(new Run.Rehearsed[0])));
        assertThat(large.length()).isLessThan(65_536);
        assertThat(large).contains("report.html has");
        assertThat(count(large, "<details>")).isEqualTo(count(large, "</details>"));
    }

    @Test
    void aLargeRunStaysSmallEnoughToOpen() {
        Edited edited = Edited.of(SampleRecordings.withTimeout());
        StringBuilder waits = new StringBuilder("[");
        for (int i = 0; i < 20_000; i++) {
            waits.append(i == 0 ? "" : ",")
                    .append("{\"startMs\":")
                    .append(i)
                    .append(
                            ",\"durationMs\":1,\"pid\":1,\"relation\":\"orders\",\"mode\":\"ACCESS SHARE\",\"operation\":\"read_order\",")
                    .append("\"behind\":\"other\",\"ended\":\"granted\",\"source\":\"log\"}");
        }
        Recording recording = edited.set("/lockWaits", waits.append(']').toString())
                .set("/timeline/series/ok", "[" + "30,".repeat(49_999) + "30]")
                .recording();
        List<Run.Rehearsed> many = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            many.add(SampleRun.rehearsed("variant-" + i, recording, Expectation.GO));
        }
        String html = HtmlReport.render(SampleRun.of(many.toArray(new Run.Rehearsed[0])));
        assertThat(html.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(2_000_000);
        assertThat(html).contains("19\u00a0980 shorter ones are in recording.json");
    }

    @Test
    void junitTellsWhatWasNotExpected() throws Exception {
        Run run = SampleRun.of(
                SampleRun.rehearsed("expected-no-go", SampleRecordings.asWritten(), Expectation.NO_GO),
                SampleRun.rehearsed("unexpected-no-go", SampleRecordings.asWritten(), Expectation.GO),
                SampleRun.rehearsed("unexpected-go", SampleRecordings.withTimeout(), Expectation.NO_GO),
                SampleRun.rehearsed("go", SampleRecordings.withTimeout(), Expectation.GO),
                SampleRun.rehearsed("unknown", unknown(), Expectation.GO));
        Element suite = (Element)
                xml(JunitReport.render(run)).getElementsByTagName("testsuite").item(0);
        assertThat(suite.getAttribute("tests")).isEqualTo("5");
        assertThat(suite.getAttribute("failures")).isEqualTo("2");
        assertThat(suite.getAttribute("errors")).isEqualTo("1");
        assertThat(suite.getElementsByTagName("failure").getLength()).isEqualTo(2);
        assertThat(suite.getElementsByTagName("error").getLength()).isEqualTo(1);
        Element failure = (Element) suite.getElementsByTagName("failure").item(0);
        assertThat(failure.getAttribute("message"))
                .startsWith("NO-GO, expected GO: Reads and writes of orders stood still");
    }

    @Test
    void junitIsXmlWhateverItHolds() throws Exception {
        Document document = xml(JunitReport.render(nasty()));
        assertThat(document.getElementsByTagName("testcase").getLength()).isEqualTo(1);
        assertThat(document.getDocumentElement().getTextContent())
                .contains("\ufffd")
                .contains("</script>");
    }

    @Test
    void theConsoleShowsATableAndNothingATerminalObeys() {
        List<String> lines = ConsoleSummary.lines(SampleRun.run());
        assertThat(lines.get(0)).startsWith("variant       verdict  expected");
        assertThat(lines.get(1)).startsWith("as-written    NO-GO    NO-GO     30.0 s  30.0 s         67.0 %");
        assertThat(lines.get(2)).startsWith("with-timeout  GO       GO        29.8 s  2.0 s          0 %");
        assertThat(ConsoleSummary.lines(nasty()))
                .allSatisfy(line -> assertThat(line.chars()).allMatch(c -> c >= ' '));
    }

    @Test
    void unknownIsNeverShownAsGo() {
        Run run = SampleRun.of(SampleRun.rehearsed("doubtful", unknown(), Expectation.GO));
        assertThat(ConsoleSummary.lines(run).get(1)).contains("UNKNOWN").contains("GO (!)");
        assertThat(MarkdownReport.render(run)).startsWith("## UNKNOWN, which was not expected");
        assertThat(HtmlReport.render(run))
                .contains("tone-unknown")
                .contains("expected was GO")
                .doesNotContain("verdict tone-go");
    }

    private static Recording unknown() {
        return Edited.of(SampleRecordings.withTimeout())
                .set("/adversaries/0/stood", "false")
                .recording();
    }

    private static Run nasty() {
        String json = '"' + NASTY + '"';
        Recording recording = Edited.of(SampleRecordings.asWritten())
                .set("/migration/statements/0/sql", json)
                .set("/migration/statements/0/error", json)
                .set("/migration/statements/0/file", json)
                .set("/migration/statements/0/locks/0/relation", json)
                .set("/migration/state", json)
                .set("/events/0/text", json)
                .set("/doubts/0/text", json)
                .set("/fault", json)
                .set("/complete", "false")
                .set("/adversaries/0/table", json)
                .set("/adversaries/0/proof", json)
                .set("/scenario/document", "{\"name\": " + json + "}")
                .set("/scenario/variant", json)
                .set("/queue/relation", json)
                .set("/queue/holders/0/who", json)
                .set("/server/build", json)
                .set("/lockWaits/0/relation", json)
                .set("/pools/0/instance", json)
                .set("/requests/operations/0/name", json)
                .recording();
        String nasty =
                recording.migration() == null ? "" : recording.migration().state();
        Run.Rehearsed rehearsed = SampleRun.rehearsed(nasty, recording, Expectation.GO);
        return new Run(nasty, nasty, nasty, nasty, List.of(rehearsed));
    }

    /** What there is when the server never started. */
    private static Run empty() {
        Recording recording = Edited.of(SampleRecordings.asWritten())
                .set("/complete", "false")
                .set("/fault", "\"the server did not start\"")
                .set("/server", "null")
                .set("/dataset", "null")
                .set("/phases", "[]")
                .set("/migration", "null")
                .set("/requests", "null")
                .set("/timeline", "null")
                .set("/pools", "[]")
                .set("/lockWaits", "[]")
                .set("/queue", "null")
                .set("/events", "[]")
                .set("/adversaries", "[]")
                .set("/recovery/calmAtMs", "null")
                .set("/clock", "null")
                .set(
                        "/costs",
                        RecordingJson.mapper().valueToTree(Recording.Costs.NONE).toString())
                .set("/doubts", "[]")
                .recording();
        Run run = SampleRun.of(SampleRun.rehearsed("never-started", recording, Expectation.GO));
        assertThat(MarkdownReport.render(run)).startsWith("## UNKNOWN");
        assertThat(JunitReport.render(run)).contains("<error");
        assertThat(ConsoleSummary.lines(run)).isNotEmpty();
        return run;
    }

    private static Document xml(String text) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(text)));
    }

    private static String withoutScripts(String html) {
        return html.replaceAll("(?s)(<script[^>]*>).*?(</script>)", "$1$2")
                .replaceAll("(?s)(<style[^>]*>).*?(</style>)", "$1$2");
    }

    private static String withoutCode(String markdown) {
        return markdown.replaceAll("(?s)(`+)(?!`).*?(?<!`)\\1(?!`)", "");
    }

    private static int count(String text, String part) {
        return text.split(Pattern.quote(part), -1).length - 1;
    }

    /** The elements that are not closed where they should be. */
    private static List<String> unclosed(String page) {
        Deque<String> open = new ArrayDeque<>();
        List<String> wrong = new ArrayList<>();
        Matcher tag = Pattern.compile("<(/?)([a-z][a-z0-9]*)(?:\\s+[a-z-]+(?:=\"[^\"<]*\")?)*\\s*>")
                .matcher(page);
        int tags = 0;
        while (tag.find()) {
            tags++;
            String name = tag.group(2);
            if (VOID.contains(name)) {
                continue;
            }
            if (tag.group(1).isEmpty()) {
                open.push(name);
            } else if (open.isEmpty() || !open.pop().equals(name)) {
                wrong.add(name + " at " + tag.start());
            }
        }
        // Every "<" but the one of the document type begins a tag that was understood.
        if (count(page, "<") != tags + 1) {
            wrong.add("a tag that is none");
        }
        wrong.addAll(open);
        return wrong;
    }
}
