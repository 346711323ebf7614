package dev.pgrehearse.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Pages of figures that tests write: printed, and put into {@code target}; with {@code -Dpgrehearse.write.docs=true} into
 * {@code docs}. Each test replaces its own part, so that one can be run without the others.
 */
public enum BenchmarkPage {
    /** How fast the tool is. */
    BENCHMARKS("benchmarks.md"),
    /** How true its figures are. */
    ACCURACY("accuracy.md");

    private final String file;

    BenchmarkPage(String file) {
        this.file = file;
    }

    /** Writes one benchmark's part of {@link #BENCHMARKS}; see {@link #put}. */
    public static void write(String title, String text, boolean whole) throws IOException {
        BENCHMARKS.put(title, text, whole);
    }

    /**
     * Writes one test's part.
     *
     * @param title its heading
     * @param text the rest, without headings of the first level
     * @param whole whether it was run as it should be, and not just tried out: only then it becomes a document
     */
    public void put(String title, String text, boolean whole) throws IOException {
        String part = "# " + title + "\n\n" + text.strip() + "\n";
        System.out.println(part);
        replace(Files.createDirectories(Path.of("target")).resolve(file), title, part);
        if (Boolean.getBoolean("pgrehearse.write.docs") && whole) {
            replace(Path.of("docs").resolve(file), title, part);
        }
    }

    private static void replace(Path file, String title, String part) throws IOException {
        String page = Files.exists(file) ? Files.readString(file) : "";
        int start = ("\n" + page).indexOf("\n# " + title + "\n");
        if (start < 0) {
            Files.writeString(file, page.isEmpty() ? part : page.stripTrailing() + "\n\n" + part);
            return;
        }
        int next = page.indexOf("\n# ", start + 1);
        Files.writeString(file, page.substring(0, start) + part + (next < 0 ? "" : page.substring(next)));
    }
}
