package dev.pgrehearse.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Properties;

/** The chart library's own minified file, from its WebJar on the class path. Stateless. */
final class ChartJs {
    private static final String VERSION = "/META-INF/maven/org.webjars.npm/chart.js/pom.properties";

    private ChartJs() {}

    /** The script, without the comment that would make a browser's tools look for a map beside the report. */
    static String source() {
        Properties properties = new Properties();
        try (InputStream in = open(VERSION)) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String version = properties.getProperty("version");
        String script = text("/META-INF/resources/webjars/chart.js/" + version + "/dist/chart.umd.min.js");
        return script.replaceAll("(?m)^//# sourceMappingURL=.*$", "").strip();
    }

    /** A text on the class path. */
    static String text(String resource) {
        try (InputStream in = open(resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream open(String resource) {
        InputStream in = ChartJs.class.getResourceAsStream(resource);
        if (in == null) {
            throw new IllegalStateException(resource + " is missing in this build of pgrehearse: build it again");
        }
        return in;
    }
}
