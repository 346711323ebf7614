package dev.pgrehearse.scenario;

import dev.pgrehearse.scenario.AdversarySpec.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what is planted beside the load. */
final class AdversariesReader {
    private final Set<String> tables;
    private final SchemaNames names;

    /**
     * Against a dataset.
     *
     * @param tables those that sizes count
     */
    AdversariesReader(Set<String> tables, SchemaNames names) {
        this.tables = tables;
        this.names = names;
    }

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

    private AdversarySpec adversary(Kind kind, Cursor at) {
        Cursor table = at.at("table");
        if (table.isPresent() && !tables.contains(table.text())) {
            names.check(table, false, table.text(), "table");
        }
        Duration startsBefore = at.at("startsBefore").duration("5s");
        Duration lasts = at.at("lasts").duration("365d");
        if (startsBefore.isZero()) {
            at.at("startsBefore").mistake("more than 0s: it must stand before the migration starts", null);
        }
        if (lasts.compareTo(startsBefore) <= 0) {
            at.at("lasts")
                    .mistake(
                            "more than `startsBefore`, which is " + Quantities.print(startsBefore)
                                    + ": it must stand when the migration starts",
                            null);
        }
        return new AdversarySpec(kind, table.text(), sql(at.at("sql")), startsBefore, lasts);
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
