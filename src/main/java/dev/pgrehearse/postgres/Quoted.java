package dev.pgrehearse.postgres;

import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;

/** Names and texts as SQL, quoted always, so that no character of them is taken for anything else. Thread-safe. */
public final class Quoted {
    private static final DSLContext SQL = DSL.using(SQLDialect.POSTGRES);

    private Quoted() {}

    /** One name of one or several parts, each in the case of the catalogue. */
    public static String identifier(String... parts) {
        return SQL.render(DSL.quotedName(parts));
    }

    /** A table as users write it in scenarios: {@code orders} or {@code shop.orders}, in the case of the catalogue. */
    public static String table(String asWritten) {
        return identifier(asWritten.split("\\.", 2));
    }

    /** A text as a literal. */
    public static String literal(String text) {
        return SQL.render(DSL.inline(text));
    }
}
