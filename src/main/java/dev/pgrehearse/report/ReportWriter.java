package dev.pgrehearse.report;

import dev.pgrehearse.recording.RecordingJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

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
            put(folder.resolve("verdict.json"), RecordingJson.mapper().writeValueAsString(rehearsed.verdict()) + "\n");
        }
        put(directory.resolve("run.json"), RunJson.render(run));
        put(directory.resolve("junit.xml"), JunitReport.render(run));
        put(directory.resolve("report.md"), MarkdownReport.render(run));
        put(directory.resolve("report.html"), HtmlReport.render(run));
    }

    /** Beside and then moved, so that nobody ever reads half a file. */
    private static void put(Path file, String text) throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".part");
        Files.writeString(beside, text);
        Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING);
    }
}
