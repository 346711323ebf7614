package dev.pgrehearse.report;

import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.verdict.Figures;
import dev.pgrehearse.verdict.Statements;
import io.pebbletemplates.pebble.extension.AbstractExtension;
import io.pebbletemplates.pebble.extension.Filter;
import io.pebbletemplates.pebble.template.EvaluationContext;
import io.pebbletemplates.pebble.template.PebbleTemplate;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** {@link Figures} as filters of the template: {@code {{ wait.durationMs | duration }}}. An absent value is a dash. */
final class FigureFilters extends AbstractExtension {
    private static final String ABSENT = "–";

    @Override
    public Map<String, Filter> getFilters() {
        return Map.of(
                "duration", filter(value -> Figures.duration(number(value))),
                "moment", filter(value -> Figures.moment(number(value))),
                "count", filter(value -> Figures.count((long) number(value))),
                "bytes", filter(value -> Figures.bytes(number(value))),
                "share", filter(value -> Figures.share(number(value))),
                "plain", filter(value -> Figures.plain(number(value))),
                "who", filter(value -> Statements.inWords(value.toString())),
                "words", filter(value -> Comparison.words((Outcome) value)));
    }

    private static double number(Object value) {
        return ((Number) value).doubleValue();
    }

    private static Filter filter(Function<Object, String> format) {
        return new Filter() {
            @Override
            public Object apply(
                    @Nullable Object input,
                    Map<String, Object> arguments,
                    PebbleTemplate self,
                    EvaluationContext context,
                    int lineNumber) {
                return input == null ? ABSENT : format.apply(input);
            }

            @Override
            public List<String> getArgumentNames() {
                return List.of();
            }
        };
    }
}
