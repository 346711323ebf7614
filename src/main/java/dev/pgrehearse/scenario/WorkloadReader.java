package dev.pgrehearse.scenario;

import dev.pgrehearse.scenario.WorkloadSpec.Arrivals;
import dev.pgrehearse.scenario.WorkloadSpec.Operation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what the application is asked to do. */
final class WorkloadReader {
    private static final Pattern POSITIONAL = Pattern.compile("\\$[0-9]+");

    private final Cursor workload;
    private final ValueReader values;

    WorkloadReader(Cursor workload, ValueReader values) {
        this.workload = workload;
        this.values = values;
    }

    WorkloadSpec read() {
        TrafficSpec traffic = TrafficReader.read(workload.at("rate"));
        List<Operation> operations = new ArrayList<>();
        workload.at("operations").entries().forEach((name, at) -> operations.add(operation(name, at)));
        Arrivals arrivals =
                workload.at("arrivals").text("poisson").equals("uniform") ? Arrivals.UNIFORM : Arrivals.POISSON;
        return new WorkloadSpec(traffic, arrivals, List.copyOf(operations));
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
        List<String> statements = new ArrayList<>();
        Set<String> used = new LinkedHashSet<>();
        for (Cursor sql : at.at("sql").items()) {
            statements.add(sql.text());
            used.addAll(checkStatement(sql, defined.keySet()));
        }
        defined.forEach((parameter, source) -> {
            if (!used.contains(parameter)) {
                source.mistakeOfKey(
                        Mistakes.quoted(parameter) + ", which the SQL does not use",
                        used.isEmpty() ? "no parameter, since the SQL has none" : Words.oneOf(used),
                        NearestName.of(parameter, used));
            }
        });
        return new Operation(name, weight, List.copyOf(statements), Collections.unmodifiableMap(parameters));
    }

    /** Notes what is wrong with one statement; gives the names of its parameters. */
    private static Set<String> checkStatement(Cursor sql, Set<String> defined) {
        SqlText text = SqlText.of(sql.text());
        Set<String> used = new LinkedHashSet<>(NamedSql.parse(sql.text()).parameters());
        Matcher positional = POSITIONAL.matcher(text.code());
        List<String> unknown =
                used.stream().filter(name -> !defined.contains(name)).toList();
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
        }
        return used;
    }
}
