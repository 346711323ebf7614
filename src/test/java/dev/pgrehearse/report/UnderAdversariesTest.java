package dev.pgrehearse.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.recording.SampleRecordings;
import dev.pgrehearse.scenario.Expectation;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnderAdversariesTest {
    private static final Run EACH = SampleRun.of(
            SampleRun.rehearsed("first@quiet", SampleRecordings.withTimeout(), Expectation.GO),
            SampleRun.rehearsed("first@long-read", SampleRecordings.asWritten(), Expectation.GO),
            SampleRun.rehearsed("second@quiet", SampleRecordings.withTimeout(), Expectation.GO));

    @Test
    void oneRowForEachAdversaryOneColumnForEachVariant() {
        UnderAdversaries under = UnderAdversaries.of(EACH);

        assertThat(under.variants()).containsExactly("first", "second");
        assertThat(under.rows()).extracting(UnderAdversaries.Row::adversary).containsExactly("quiet", "long-read");
        assertThat(under.rows().get(0).cells())
                .allSatisfy(cell -> assertThat(cell).startsWith("GO; took "));
        List<String> longRead = under.rows().get(1).cells();
        assertThat(longRead.get(0))
                .startsWith("NO-GO (expected GO); took 30.0")
                .contains("stall 30.0", "lock wait 30.0");
        assertThat(longRead.get(1)).as("not rehearsed").isEqualTo("–");
    }

    @Test
    void itIsInAllThreeReportsAndOnlyWhenThereIsOne() {
        assertThat(String.join("\n", ConsoleSummary.lines(EACH))).contains("under", "long-read  NO-GO (expected GO);");
        assertThat(MarkdownReport.render(EACH)).contains("| under | `first` | `second` |");
        assertThat(HtmlReport.render(EACH)).contains("Under each adversary", "<th scope=\"row\">long-read</th>");
        assertThat(UnderAdversaries.of(SampleRun.run()).rows()).isEmpty();
        assertThat(HtmlReport.render(SampleRun.run())).doesNotContain("Under each adversary");
    }
}
