package dev.pgrehearse.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ReportWriterTest {
    @Test
    void writesEveryFile() throws IOException {
        Path directory = Path.of("target/sample-report");
        ReportWriter.write(directory, SampleRun.run());
        for (String file : new String[] {
            "report.html", "report.md", "junit.xml", "run.json", "as-written/verdict.json", "with-timeout/verdict.json"
        }) {
            assertThat(directory.resolve(file)).isNotEmptyFile();
        }
        ConsoleSummary.lines(SampleRun.run()).forEach(System.out::println);
    }
}
