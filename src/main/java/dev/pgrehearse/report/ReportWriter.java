package dev.pgrehearse.report;

import dev.pgrehearse.recording.RecordingJson;
import dev.pgrehearse.recording.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes a run's report: {@code report.html}, {@code report.md}, {@code junit.xml}, {@code run.json}, and for each
 * rehearsal {@code <id>/verdict.json}. Stateless; writing again replaces what is there.
 */
public final class ReportWriter {
    private ReportWriter() {}

    /**
     * Writes all files.
     *
     * @param directory the run's folder; made when it is missing
     * @throws IOException when a file cannot be written; each file is whole or untouched
     * @throws IllegalArgumentException when a rehearsal's id is not a plain name of a folder
     */
    public static void write(Path directory, Run run) throws IOException {
        for (Run.Rehearsed rehearsed : run.rehearsals()) {
            Path folder = directory.resolve(rehearsed.id()).normalize();
            if (!directory.normalize().equals(folder.getParent())) {
                throw new IllegalArgumentException("\"" + rehearsed.id() + "\" is not a plain name of a folder, so its"
                        + " verdict.json was not written");
            }
            Files.createDirectories(folder);
            WholeFile.write(
                    folder.resolve("verdict.json"),
                    RecordingJson.mapper().writeValueAsString(rehearsed.verdict()) + "\n");
        }
        WholeFile.write(directory.resolve("run.json"), RunJson.render(run));
        WholeFile.write(directory.resolve("junit.xml"), JunitReport.render(run));
        WholeFile.write(directory.resolve("report.md"), MarkdownReport.render(run));
        WholeFile.write(directory.resolve("report.html"), HtmlReport.render(run));
    }
}
