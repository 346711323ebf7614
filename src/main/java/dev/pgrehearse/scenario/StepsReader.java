package dev.pgrehearse.scenario;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what a variant runs: its steps, when it or one of them is stopped, and what cleans up after that. */
final class StepsReader {
    private static final List<String> KINDS = List.of("sql", "pause", "backfill");

    private final SqlFiles files;
    /** All variants, in the scenario's order. */
    private final Map<String, Cursor> variants;

    StepsReader(SqlFiles files, Map<String, Cursor> variants) {
        this.files = files;
        this.variants = variants;
    }

    /** The steps of a variant; a plain {@code sql:} is one. */
    List<StepSpec> steps(String variant, Cursor at) {
        Cursor sql = at.at("sql");
        Cursor steps = at.at("steps");
        if (!sql.isPresent() && !steps.isPresent()) {
            sql.mistake("no `sql`, and no `steps`", "the path of an SQL file, a list of them, or `steps`", null);
        }
        if (sql.isPresent() && steps.isPresent()) {
            steps.mistakeOfKey("`steps` beside `sql`", "either `sql` or `steps`", null);
        }
        if (!steps.isPresent()) {
            return List.of(new StepSpec.Scripts(scripts(sql), null));
        }
        List<StepSpec> read = new ArrayList<>();
        for (Cursor item : steps.items()) {
            StepSpec step = step(variant, item);
            if (step != null) {
                read.add(step);
            }
        }
        return read;
    }

    private @Nullable StepSpec step(String variant, Cursor at) {
        List<String> kinds =
                KINDS.stream().filter(kind -> at.at(kind).isPresent()).toList();
        if (kinds.size() != 1) {
            if (at.isMapping()) {
                at.mistake(
                        kinds.isEmpty() ? "none of them" : "`" + String.join("` and `", kinds) + "`",
                        "exactly one of " + String.join(", ", KINDS),
                        null);
            }
            return null;
        }
        StopSpec stop = stop(variant, at.at("stop"));
        return switch (kinds.get(0)) {
            case "sql" -> new StepSpec.Scripts(scripts(at.at("sql")), stop);
            case "pause" -> {
                if (at.at("stop").isPresent()) {
                    at.at("stop").mistakeOfKey("`stop` beside `pause`", "`stop` beside `sql` or `backfill` only", null);
                }
                yield new StepSpec.Pause(positive(at.at("pause")));
            }
            default -> backfill(at.at("backfill"), stop);
        };
    }

    private static StepSpec backfill(Cursor at, @Nullable StopSpec stop) {
        Cursor where = at.at("where");
        long batch = at.at("batch").count("1000");
        if (batch < 1 || batch > Integer.MAX_VALUE) {
            at.at("batch").mistake("a count from 1 to " + Integer.MAX_VALUE, null);
        }
        Source.Place place = at.keyPlace();
        return new StepSpec.Backfill(
                at.at("table").text(),
                piece(at.at("set")),
                where.isPresent() ? piece(where) : null,
                batch,
                at.at("pause").duration("0s"),
                fileOf(place),
                Math.max(1, place.line()),
                Math.max(1, place.column()),
                stop);
    }

    /** As other statements name their script: without its folder. */
    private static String fileOf(Source.Place place) {
        String name = place.source().name();
        return place.line() < 1 ? name : name.substring(name.lastIndexOf('/') + 1);
    }

    /** A piece of SQL, which must not end the statement that it is put into. */
    private static String piece(Cursor at) {
        if (!at.isPresent()) {
            return "";
        }
        SqlText text = SqlText.of(at.text());
        if (text.isEmpty()) {
            at.mistake("a piece of an SQL statement", null);
        } else if (!text.unclosed().isEmpty()) {
            at.mistake(
                    Mistakes.quoted(at.text()) + ", in which " + text.unclosed() + " is never closed",
                    "a complete piece of an SQL statement",
                    null);
        } else if (text.code().indexOf(';') >= 0) {
            at.mistake(
                    Mistakes.quoted(at.text()) + " with a semicolon",
                    "a piece of one SQL statement, without any",
                    null);
        }
        return at.text();
    }

    /** When it is stopped; null when there is no stop, or none that can be understood. */
    @Nullable
    StopSpec stop(String variant, Cursor at) {
        if (!at.isMapping()) {
            return null;
        }
        Cursor after = at.at("after");
        Cursor share = at.at("at");
        Cursor of = at.at("of");
        Cursor expected = at.at("expected");
        boolean byTime = after.isPresent() && !share.isPresent() && !of.isPresent() && !expected.isPresent();
        boolean byShare = !after.isPresent() && share.isPresent() && of.isPresent() != expected.isPresent();
        if (!byTime && !byShare) {
            at.mistake("`{ after: 10s }`, `{ at: 50%, of: a variant }` or `{ at: 50%, expected: 60s }`", null);
            return null;
        }
        if (byTime) {
            return new StopSpec.After(positive(after));
        }
        double part = share.share("50%");
        if (part <= 0) {
            share.mistake("a share above 0%, such as 50%", null);
        }
        if (expected.isPresent()) {
            return new StopSpec.OfExpected(part, positive(expected));
        }
        checkMeant(variant, of);
        return new StopSpec.OfVariant(part, of.text());
    }

    /** The duration that is meant must have been measured, of a whole migration, when it is needed. */
    private void checkMeant(String variant, Cursor of) {
        List<String> names = List.copyOf(variants.keySet());
        List<String> before = names.subList(0, Math.max(0, names.indexOf(variant)));
        String name = of.text();
        String expected = "a variant that stands before this one" + (before.isEmpty() ? ", or `expected`" : "");
        Cursor meant = variants.get(name);
        if (meant == null) {
            of.mistake(Mistakes.quoted(name) + ", which is no variant", expected, NearestName.of(name, before));
        } else if (name.equals(variant)) {
            of.mistake(Mistakes.quoted(name) + ", which is this variant itself", expected, null);
        } else if (!before.contains(name)) {
            of.mistake(Mistakes.quoted(name) + ", which is rehearsed after this one", expected, null);
        } else if (meant.at("stop").isPresent()) {
            of.mistake(Mistakes.quoted(name) + ", which is stopped itself", "a variant that runs to its end", null);
        }
    }

    /** What cleans up after a stop. */
    List<Path> clean(Cursor at) {
        Cursor clean = at.at("clean");
        if (clean.isPresent() && !at.at("stop").isPresent()) {
            clean.mistakeOfKey("`clean` without a stop", "`stop` beside it", null);
        }
        return clean.isPresent() ? scripts(clean) : List.of();
    }

    private List<Path> scripts(Cursor sql) {
        List<Path> scripts = new ArrayList<>();
        for (Cursor item : sql.items()) {
            SqlFiles.SqlFile file = files.read(item);
            if (file != null) {
                scripts.add(file.path());
            }
        }
        return List.copyOf(scripts);
    }

    private static Duration positive(Cursor at) {
        Duration duration = at.duration("1s");
        if (duration.isZero()) {
            at.mistake("more than 0s", null);
        }
        return duration;
    }
}
