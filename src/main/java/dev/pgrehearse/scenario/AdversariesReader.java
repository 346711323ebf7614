package dev.pgrehearse.scenario;

import dev.pgrehearse.scenario.AdversarySpec.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what is planted beside the load. */
final class AdversariesReader {
    private static final String TO_THE_END = "365d";

    /** What PostgreSQL reads as false: the words and their unambiguous beginnings. */
    private static final Pattern OFF = Pattern.compile("off?|f(a(l(s(e)?)?)?)?|no?|0", Pattern.CASE_INSENSITIVE);

    private final Set<String> tables;
    private final SchemaNames names;
    private final Cursor settings;

    /**
     * Against a dataset.
     *
     * @param tables those that sizes count
     * @param settings the server's
     */
    AdversariesReader(Set<String> tables, SchemaNames names, Cursor settings) {
        this.tables = tables;
        this.names = names;
        this.settings = settings;
    }

    /** Those that are listed; none for the standard set. */
    List<AdversarySpec> read(Cursor adversaries) {
        List<AdversarySpec> read = new ArrayList<>();
        if (adversaries.isList()) {
            for (Cursor item : adversaries.items()) {
                for (Kind kind : Kind.values()) {
                    Cursor at = item.at(kind.key());
                    if (at.isPresent()) {
                        read.add(adversary(kind, at));
                    }
                }
            }
        }
        return List.copyOf(read);
    }

    /** The standard set; null when the scenario does not name it. */
    @Nullable
    StandardAdversaries standard(Cursor adversaries) {
        if (adversaries.isList() || !adversaries.isPresent()) {
            return null;
        }
        Cursor at = adversaries.at("standard");
        Cursor table = at.at("table");
        checkTable(table);
        Duration lasts = at.at("lasts").duration(Quantities.print(StandardAdversaries.DEFAULT.lasts()));
        requireLonger(at.at("lasts"), lasts, StandardAdversaries.STARTS_BEFORE, "5s, before which each is planted");
        return new StandardAdversaries(table.isPresent() ? table.text() : null, lasts);
    }

    private AdversarySpec adversary(Kind kind, Cursor at) {
        checkTable(at.at("table"));
        Duration startsBefore = at.at("startsBefore").duration(kind == Kind.AUTOVACUUM ? "15s" : "5s");
        Duration lasts = at.at("lasts").duration(TO_THE_END);
        if (startsBefore.isZero()) {
            at.at("startsBefore").mistake("more than 0s: it must stand before the migration starts", null);
        }
        requireLonger(
                at.at("lasts"), lasts, startsBefore, "`startsBefore`, which is " + Quantities.print(startsBefore));
        Cursor every = at.at("every");
        Duration period = every.optionalDuration();
        if (period != null && period.isZero()) {
            every.mistake("more than 0s", null);
        }
        if (kind == Kind.AUTOVACUUM) {
            requireAutovacuum();
        }
        return new AdversarySpec(
                kind,
                kind == Kind.DUMP ? AdversarySpec.ALL_TABLES : at.at("table").text(),
                sql(at.at("sql")),
                startsBefore,
                lasts,
                period,
                at.at("toPreventWraparound").text("false").equals("true"),
                kind == Kind.DUMP && !at.at("lasts").isPresent());
    }

    private void checkTable(Cursor table) {
        if (table.isPresent() && !tables.contains(table.text())) {
            names.check(table, false, table.text(), "table");
        }
    }

    private static void requireLonger(Cursor at, Duration lasts, Duration startsBefore, String what) {
        if (lasts.compareTo(startsBefore) <= 0) {
            at.mistake("more than " + what + ": it must stand when the migration starts", null);
        }
    }

    /** Without its launcher a server starts no worker; to prevent wraparound only when the whole server is close to it. */
    private void requireAutovacuum() {
        for (String name : List.of("autovacuum", "track_counts")) {
            Cursor at = settings.at(name);
            if (at.isPresent() && OFF.matcher(at.text()).matches()) {
                at.mistake("`on`, since an adversary `autovacuum` is asked for and needs it", null);
            }
        }
    }

    private static @Nullable String sql(Cursor at) {
        if (!at.isPresent()) {
            return null;
        }
        SqlText text = SqlText.of(at.text());
        if (text.isEmpty() || !text.unclosed().isEmpty() || text.hasSeveralStatements()) {
            at.mistake("one complete SQL statement", null);
        }
        return at.text();
    }
}
