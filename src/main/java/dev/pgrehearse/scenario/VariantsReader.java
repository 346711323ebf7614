package dev.pgrehearse.scenario;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the ways to write or run the migration, each with its own conditions. */
final class VariantsReader {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final SqlFiles files;
    private final ScenarioSchema schema;
    private final ConditionsReader conditionsReader;

    VariantsReader(SqlFiles files, ScenarioSchema schema, ConditionsReader conditionsReader) {
        this.files = files;
        this.schema = schema;
        this.conditionsReader = conditionsReader;
    }

    List<Variant> read(Scope scope, Conditions conditions) {
        List<Variant> variants = new ArrayList<>();
        Map<String, Cursor> all = scope.root().at("migration").at("variants").entries();
        StepsReader steps = new StepsReader(files, all);
        all.forEach((name, at) -> {
            Conditions own = conditions;
            if (scope.document().at(at.at("with").path()) instanceof Part.Mapping changes) {
                Scope changed = scope.with(name, changes);
                schema.check(changed);
                own = conditionsReader.read(changed.root());
            }
            variants.add(variant(name, at, own, steps));
        });
        return List.copyOf(variants);
    }

    private Variant variant(String name, Cursor at, Conditions conditions, StepsReader steps) {
        Map<String, Expectation> bySize = new LinkedHashMap<>();
        Cursor expect = at.at("expect");
        Set<String> sizes = conditions.dataset().sizes().keySet();
        expect.entries().forEach((size, verdict) -> {
            if (!sizes.contains(size)) {
                verdict.mistakeOfKey(
                        Mistakes.quoted(size) + ", which is no size", Words.oneOf(sizes), NearestName.of(size, sizes));
            }
            bySize.put(size, expectation(verdict.text()));
        });
        MigrationSpec migration = new MigrationSpec(
                steps.steps(name, at),
                steps.stop(name, at.at("stop")),
                steps.clean(at),
                timeout(at.at("lockTimeout")),
                timeout(at.at("statementTimeout")),
                retries(at.at("retries")));
        Map<String, Expectation> under = new LinkedHashMap<>();
        at.at("expectUnder")
                .entries()
                .forEach((adversary, verdict) -> under.put(adversary, expectation(verdict.text())));
        return new Variant(
                name,
                migration,
                expectation(expect.text("GO")),
                Collections.unmodifiableMap(bySize),
                Collections.unmodifiableMap(under),
                new NamedTables(conditions.dataset(), files).of(migration),
                conditions);
    }

    private static Expectation expectation(String text) {
        return switch (text) {
            case "NO-GO" -> Expectation.NO_GO;
            case "UNKNOWN" -> Expectation.UNKNOWN;
            default -> Expectation.GO;
        };
    }

    /** PostgreSQL's timeouts are whole milliseconds in an integer: half of one would switch it off. */
    private static @Nullable Duration timeout(Cursor at) {
        Duration timeout = at.optionalDuration();
        if (timeout != null && (timeout.toNanos() % NANOS_PER_MILLI != 0 || timeout.toMillis() > Integer.MAX_VALUE)) {
            at.mistake("whole milliseconds, at most " + Integer.MAX_VALUE + "ms", null);
        }
        return timeout;
    }

    private static MigrationSpec.Retries retries(Cursor at) {
        return at.isPresent()
                ? new MigrationSpec.Retries(
                        at.at("max").whole("0", 0, 1_000_000), at.at("backoff").duration("1s"))
                : MigrationSpec.Retries.NONE;
    }
}
