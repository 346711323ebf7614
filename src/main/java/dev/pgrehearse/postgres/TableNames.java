package dev.pgrehearse.postgres;

import org.jooq.SQLDialect;
import org.jooq.impl.DSL;

/** Names of tables as users write them in scenarios: {@code orders} or {@code shop.orders}, in the case of the catalogue. */
public final class TableNames {
    private TableNames() {}

    /** The name quoted for SQL, so that no character of it is taken for anything else. */
    public static String quoted(String table) {
        return DSL.using(SQLDialect.POSTGRES).render(DSL.table(DSL.name(table.split("\\.", 2))));
    }
}
