package dev.pgrehearse.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The pages of the benchmarks: printed, and put into {@code target/benchmarks.md}; with {@code -Dpgrehearse.write.docs=true}
 * into {@code docs/benchmarks.md}. Each benchmark replaces its own part, so that one can be run without the others.
 */
public final class BenchmarkPage {
    private BenchmarkPage() {}

    /**
     * Writes one benchmark's part.
     *
     * @param title its heading
     * @param text the rest, without headings of the first level
     * @param whole whether it was run as it should be, and not just tried out: only then it becomes a document
     */
    public static void write(String title, String text, boolean whole) throws IOException {
        String part = "# " + title + "\n\n" + text.strip() + "\n";
        System.out.println(part);
        replace(Path.of("target", "benchmarks.md"), title, part);
        if (Boolean.getBoolean("pgrehearse.write.docs") && whole) {
            replace(Path.of("docs", "benchmarks.md"), title, part);
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
