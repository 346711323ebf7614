package dev.pgrehearse.report;

import io.pebbletemplates.pebble.PebbleEngine;
import io.pebbletemplates.pebble.loader.ClasspathLoader;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * {@code report.html}: one file that loads nothing, from the template {@code report.html.peb}. Whatever a user wrote is
 * escaped by the template engine; only our own script, style and {@link ChartData} are put in as they are. Stateless.
 */
final class HtmlReport {
    private HtmlReport() {}

    static String render(Run run) {
        PebbleEngine engine = engine();
        List<RehearsalView> views = new ArrayList<>();
        for (Run.Rehearsed rehearsed : run.rehearsals()) {
            views.add(RehearsalView.of(rehearsed, views.size() + 1));
        }
        StringWriter html = new StringWriter();
        try {
            engine.getTemplate("report.html.peb")
                    .evaluate(
                            html,
                            Map.of(
                                    "run",
                                    run,
                                    "headline",
                                    Headline.of(run),
                                    "rehearsals",
                                    views,
                                    "doubts",
                                    DoubtView.of(run),
                                    "comparison",
                                    Comparison.of(run),
                                    "under",
                                    UnderAdversaries.of(run),
                                    "style",
                                    ChartJs.text("/dev/pgrehearse/report/report.css"),
                                    "script",
                                    ChartJs.text("/dev/pgrehearse/report/report.js"),
                                    "chartJs",
                                    ChartJs.source()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return html.toString();
    }

    /** For the templates beside this class. */
    static PebbleEngine engine() {
        ClasspathLoader loader = new ClasspathLoader(HtmlReport.class.getClassLoader());
        loader.setPrefix("dev/pgrehearse/report");
        return new PebbleEngine.Builder()
                .loader(loader)
                .strictVariables(true)
                .autoEscaping(true)
                .defaultLocale(Locale.ROOT)
                .extension(new FigureFilters())
                .build();
    }
}
