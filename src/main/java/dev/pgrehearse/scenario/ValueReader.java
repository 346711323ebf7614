package dev.pgrehearse.scenario;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads where the values of a column or a parameter come from. */
final class ValueReader {
    private static final long MOST_DISTINCT = 10_000_000;

    /** A gigabyte is PostgreSQL's own bound for one value. */
    private static final long LONGEST_TEXT = 1_000_000_000;

    private static final Set<String> BESIDE = Set.of("distinct", "skew", "nulls");

    private final String reference;
    private final List<String> kinds;
    private final Set<String> tables;
    private final SchemaNames schema;
    private final FakerExpressions expressions;

    /**
     * For columns or for parameters.
     *
     * @param reference the key that names another row, which is not the same for columns and parameters
     * @param tables the tables that sizes count
     */
    ValueReader(String reference, Set<String> tables, SchemaNames schema, FakerExpressions expressions) {
        this.reference = reference;
        this.kinds = List.of("faker", "sequence", "range", "oneOf", "text", "timestamp", reference, "value", "uuid");
        this.tables = tables;
        this.schema = schema;
        this.expressions = expressions;
    }

    /** The source at the cursor; null when it is none, which is then noted. */
    @Nullable
    ValueSpec read(Cursor at) {
        List<String> given =
                at.entries().keySet().stream().filter(kinds::contains).toList();
        if (!at.isMapping()) {
            at.mistake("a source of values: " + Words.oneOf(kinds), null);
            return null;
        }
        if (given.size() != 1) {
            if (given.size() > 1) {
                at.at(given.get(1))
                        .mistakeOfKey(
                                Mistakes.quoted(given.get(1)) + " beside " + Mistakes.quoted(given.get(0)),
                                "one source of values",
                                null);
            } else if (BESIDE.containsAll(at.entries().keySet())) {
                at.mistake("no source of values", Words.oneOf(kinds), null);
            }
            return null;
        }
        String kind = given.get(0);
        checkBeside(at, "distinct", kind.equals("faker"), "faker");
        checkBeside(at, "skew", kind.equals(reference), reference);
        double nulls = at.at("nulls").share("0%");
        ValueSpec.Source source = source(at, kind, at.at(kind));
        return source == null ? null : new ValueSpec(source, nulls);
    }

    private static void checkBeside(Cursor at, String key, boolean allowed, String owner) {
        if (!allowed && at.at(key).isPresent()) {
            at.at(key).mistakeOfKey(Mistakes.quoted(key), "it beside `" + owner + "` only", null);
        }
    }

    private ValueSpec.@Nullable Source source(Cursor at, String kind, Cursor value) {
        return switch (kind) {
            case "faker" -> faker(value, at.at("distinct"));
            case "sequence" -> sequence(value);
            case "range" -> range(value);
            case "oneOf" -> oneOf(value);
            case "text" -> text(value);
            case "timestamp" -> timestamp(value);
            case "value" -> new ValueSpec.Constant(value.text());
            case "uuid" -> new ValueSpec.RandomUuid();
            default -> reference(value, at.at("skew"));
        };
    }

    private ValueSpec.Source faker(Cursor value, Cursor distinct) {
        long count = distinct.count("10k");
        if (count < 1 || count > MOST_DISTINCT) {
            distinct.mistake("a count from 1 to " + MOST_DISTINCT, null);
            count = 1;
        }
        expressions.check(value);
        return new ValueSpec.Faker(value.text(), (int) count);
    }

    private static ValueSpec.Source sequence(Cursor value) {
        if (!value.isMapping()) {
            return new ValueSpec.Sequence(value.whole("1"), 1);
        }
        long step = value.at("step").whole("1");
        if (step == 0) {
            value.at("step").mistake("a step other than 0; the same value always is `{ value: … }`", null);
        }
        return new ValueSpec.Sequence(value.at("start").whole("1"), step);
    }

    private static ValueSpec.@Nullable Source range(Cursor value) {
        if (!value.at("from").isPresent() || !value.at("to").isPresent()) {
            return null;
        }
        BigDecimal from = value.at("from").number("0");
        BigDecimal to = value.at("to").number("0");
        if (from.compareTo(to) > 0) {
            value.at("from").mistake("at most `to`, which is " + to.toPlainString(), null);
            return null;
        }
        int scale = Math.max(0, Math.max(from.scale(), to.scale()));
        BigDecimal largest = BigDecimal.valueOf(Long.MAX_VALUE);
        for (BigDecimal end : List.of(from, to, to.subtract(from))) {
            if (end.abs().movePointRight(scale).compareTo(largest) >= 0) {
                value.mistake(
                        "the range " + from.toPlainString() + " to " + to.toPlainString(),
                        "at most 18 digits, those of the fraction included",
                        null);
                return null;
            }
        }
        return scale == 0
                ? new ValueSpec.IntegerRange(from.longValueExact(), to.longValueExact())
                : new ValueSpec.DecimalRange(
                        from.setScale(scale, RoundingMode.UNNECESSARY),
                        to.setScale(scale, RoundingMode.UNNECESSARY),
                        scale);
    }

    private static ValueSpec.Source oneOf(Cursor value) {
        Map<String, Double> weights = new LinkedHashMap<>();
        if (value.isList()) {
            for (Cursor item : value.items()) {
                if (weights.put(item.text(), 1.0) != null) {
                    item.mistake(
                            "a second " + Mistakes.quoted(item.text()),
                            "each value once; weights are written `{ " + item.text() + ": 2, … }`",
                            null);
                }
            }
        } else {
            value.entries().forEach((name, weight) -> {
                double number = weight.number("1").doubleValue();
                if (number > 0) {
                    weights.put(name, number);
                } else {
                    weight.mistake("a weight above 0", null);
                }
            });
        }
        return new ValueSpec.OneOf(Collections.unmodifiableMap(weights));
    }

    private static ValueSpec.@Nullable Source text(Cursor value) {
        long least = value.at("min").count("0");
        long most = value.at("max").count(String.valueOf(least));
        if (least > most) {
            value.at("min").mistake("at most `max`, which is " + most, null);
            return null;
        }
        if (most > LONGEST_TEXT) {
            value.at("max").mistake("at most " + LONGEST_TEXT + " characters", null);
            return null;
        }
        ValueSpec.LengthDistribution lengths = switch (value.at("lengths").text("uniform")) {
            case "normal" -> ValueSpec.LengthDistribution.NORMAL;
            case "short" -> ValueSpec.LengthDistribution.SHORT;
            default -> ValueSpec.LengthDistribution.UNIFORM;
        };
        return new ValueSpec.Text((int) least, (int) most, lengths);
    }

    private static ValueSpec.@Nullable Source timestamp(Cursor value) {
        if (!value.at("from").isPresent() || !value.at("to").isPresent()) {
            return null;
        }
        String expected = "a date such as 2025-01-01, or a time with its zone such as 2025-01-01T12:00:00Z";
        Instant from = value.at("from").value("1970-01-01", ValueReader::instant, expected);
        Instant to = value.at("to").value("9999-12-31", ValueReader::instant, expected);
        if (!from.isBefore(to)) {
            value.at("from")
                    .mistake("a time before `to`, which is " + value.at("to").text(), null);
            return null;
        }
        return new ValueSpec.Timestamp(
                from, to, value.at("order").text("random").equals("ascending"));
    }

    /** Dates are midnight in UTC; null when the text is no time, or none that exists. */
    private static @Nullable Instant instant(String text) {
        try {
            return text.length() <= "2025-01-01".length()
                    ? LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC)
                    : OffsetDateTime.parse(text.replace(' ', 'T')).toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }

    private ValueSpec.@Nullable Source reference(Cursor value, Cursor skew) {
        String name = value.text();
        int dot = name.lastIndexOf('.');
        if (dot < 1 || dot == name.length() - 1) {
            value.mistake("a table's column, such as users.id", null);
            return null;
        }
        String table = name.substring(0, dot);
        String column = name.substring(dot + 1);
        if (tables.contains(table) || schema.anyTable()) {
            schema.check(value, false, column, "column");
        } else {
            String nearest = NearestName.of(table, tables);
            value.mistake(
                    Mistakes.quoted(name) + " of a table that no size counts",
                    "a column of " + Words.oneOf(tables),
                    nearest == null ? null : nearest + "." + column);
        }
        return new ValueSpec.Reference(table, column, skew.number("0").doubleValue());
    }
}
