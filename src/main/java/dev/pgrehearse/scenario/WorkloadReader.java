package dev.pgrehearse.scenario;

import dev.pgrehearse.scenario.WorkloadSpec.Arrivals;
import dev.pgrehearse.scenario.WorkloadSpec.Derived;
import dev.pgrehearse.scenario.WorkloadSpec.FromProfile;
import dev.pgrehearse.scenario.WorkloadSpec.Operation;
import dev.pgrehearse.scenario.WorkloadSpec.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what the application is asked to do. */
final class WorkloadReader {
    private static final Pattern POSITIONAL = Pattern.compile("\\$[0-9]+");
    private static final String RATE = "a rate with its unit, such as 300/s or 18k/min";
    private static final List<String> SOURCES = List.of("operations", "fromProfile", "auto");
    private static final List<String> OF_PROFILES = List.of("coverage", "transactions");

    private final Cursor workload;
    private final ValueReader values;
    private final boolean hasStandby;

    /**
     * A reader.
     *
     * @param hasStandby whether the server has a standby that operations may run on
     */
    WorkloadReader(Cursor workload, ValueReader values, boolean hasStandby) {
        this.workload = workload;
        this.values = values;
        this.hasStandby = hasStandby;
    }

    WorkloadSpec read() {
        Derived derived = derived();
        TrafficSpec traffic = traffic(derived);
        List<Operation> operations = new ArrayList<>();
        workload.at("operations").entries().forEach((name, at) -> operations.add(operation(name, at)));
        Arrivals arrivals =
                workload.at("arrivals").text("poisson").equals("uniform") ? Arrivals.UNIFORM : Arrivals.POISSON;
        return new WorkloadSpec(traffic, arrivals, List.copyOf(operations), derived);
    }

    private @Nullable Derived derived() {
        List<String> sources = SOURCES.stream()
                .filter(source -> workload.at(source).isPresent())
                .toList();
        if (sources.size() > 1) {
            workload.at(sources.get(1))
                    .mistakeOfKey(
                            "`" + sources.get(1) + "` beside `" + sources.get(0) + "`",
                            "one of `operations`, `fromProfile` and `auto`",
                            null);
        }
        if (workload.at("fromProfile").isPresent()) {
            return new ProductionReader(workload).read();
        }
        for (String key : OF_PROFILES) {
            if (workload.at(key).isPresent()) {
                workload.at(key).mistakeOfKey("`" + key + "` without `fromProfile`", "both, or neither", null);
            }
        }
        return workload.at("auto").isPresent() ? new WorkloadSpec.Auto() : null;
    }

    private TrafficSpec traffic(@Nullable Derived derived) {
        Cursor rate = workload.at("rate");
        if (!rate.isPresent() && derived instanceof FromProfile production) {
            OptionalDouble known = ProductionReader.ratePerSecond(production.profile());
            if (known.isEmpty()) {
                rate.mistake(
                        "no `rate`, and a profile that tells none (it was taken without `--window`, and does not say"
                                + " since when calls were counted)",
                        RATE,
                        null);
            }
            return TrafficSpec.constant(known.orElse(1));
        }
        if (!rate.isPresent() && derived instanceof WorkloadSpec.Auto) {
            rate.mistake("no `rate`", RATE, null);
        }
        return TrafficReader.read(rate);
    }

    private Operation operation(String name, Cursor at) {
        double weight = at.at("weight").number("1").doubleValue();
        if (weight <= 0) {
            at.at("weight").mistake("a weight above 0", null);
        }
        Map<String, ValueSpec> parameters = new LinkedHashMap<>();
        Map<String, Cursor> defined = at.at("params").entries();
        defined.forEach((parameter, source) -> {
            ValueSpec value = values.read(source);
            if (value != null) {
                parameters.put(parameter, value);
            }
        });
        List<Statement> statements = new ArrayList<>();
        Set<String> used = new LinkedHashSet<>();
        Set<String> rows = new LinkedHashSet<>();
        for (Cursor item : at.at("sql").items()) {
            Cursor sql = item.isMapping() ? item.at("sql") : item;
            used.addAll(checkStatement(sql, defined.keySet(), rows));
            String as = item.at("as").isPresent() ? item.at("as").text() : null;
            if (as != null && !rows.add(as)) {
                item.at("as").mistake("a second statement called " + Mistakes.quoted(as), "a name of its own", null);
            }
            statements.add(new Statement(sql.text(), as));
        }
        defined.forEach((parameter, source) -> {
            if (!used.contains(parameter)) {
                source.mistakeOfKey(
                        Mistakes.quoted(parameter) + ", which the SQL does not use",
                        used.isEmpty() ? "no parameter, since the SQL has none" : Words.oneOf(used),
                        NearestName.of(parameter, used));
            }
        });
        return new Operation(
                name, weight, List.copyOf(statements), Collections.unmodifiableMap(parameters), onStandby(at.at("on")));
    }

    private boolean onStandby(Cursor on) {
        boolean standby = on.text("primary").equals("standby");
        if (standby && !hasStandby) {
            on.mistake(
                    "`on: standby`, and no standby", "`server: { standby: true }` beside it, or `on: primary`", null);
        }
        return standby;
    }

    /**
     * Notes what is wrong with one statement; gives the names of its parameters.
     *
     * @param rows what earlier statements are called
     */
    private static Set<String> checkStatement(Cursor sql, Set<String> defined, Set<String> rows) {
        SqlText text = SqlText.of(sql.text());
        Set<String> used = new LinkedHashSet<>(NamedSql.parse(sql.text()).parameters());
        Matcher positional = POSITIONAL.matcher(text.code());
        List<String> unknown = used.stream()
                .filter(name -> name.indexOf('.') < 0 && !defined.contains(name))
                .toList();
        List<String> ofNoRow = used.stream()
                .filter(name -> name.indexOf('.') > 0 && !rows.contains(name.substring(0, name.indexOf('.'))))
                .toList();
        if (text.isEmpty()) {
            sql.mistake("no statement", "one SQL statement", null);
        } else if (!text.unclosed().isEmpty()) {
            sql.mistake(text.unclosed() + " that is never closed", "one complete SQL statement", null);
        } else if (text.hasSeveralStatements()) {
            sql.mistake("several statements in one text", "a list of statements, which runs in one transaction", null);
        } else if (positional.find()) {
            sql.mistake(Mistakes.quoted(positional.group()), "a named parameter, such as :id", null);
        } else if (!unknown.isEmpty()) {
            String names = String.join(
                    ", ", unknown.stream().map(name -> "`:" + name + "`").toList());
            sql.mistake(
                    names + " without a source of values",
                    "each parameter under `params` (a colon that begins none has a space after it, as in [1 : n])",
                    NearestName.of(unknown.get(0), defined));
        } else if (!ofNoRow.isEmpty()) {
            String name = ofNoRow.get(0);
            String row = name.substring(0, name.indexOf('.'));
            sql.mistake(
                    "`:" + name + "`, and no statement before it that is called " + Mistakes.quoted(row),
                    rows.isEmpty() ? "an earlier statement with `as: " + row + "`" : Words.oneOf(rows),
                    NearestName.of(row, rows));
        }
        return used;
    }
}
