package dev.pgrehearse.dataset;

import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;

/** Names and texts as SQL, quoted always. Thread-safe. */
final class Identifiers {
    private static final DSLContext SQL = DSL.using(SQLDialect.POSTGRES);

    private Identifiers() {}

    /** One name of one or several parts. */
    static String quoted(String... parts) {
        return SQL.render(DSL.quotedName(parts));
    }

    /** A text as a literal. */
    static String literal(String text) {
        return SQL.render(DSL.inline(text));
    }
}
