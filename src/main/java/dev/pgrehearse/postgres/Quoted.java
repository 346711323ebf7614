package dev.pgrehearse.postgres;

import java.util.Arrays;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;

/** Names and texts as SQL, so that no character of them is taken for anything else. Thread-safe. */
public final class Quoted {
    private static final DSLContext SQL = DSL.using(SQLDialect.POSTGRES);

    private static final Pattern NEEDS_NO_QUOTES = Pattern.compile("[a-z_][a-z0-9_]*");

    /**
     * Keywords that {@code quote_ident} quotes: those of {@code pg_get_keywords()} whose {@code catcode} is not {@code U},
     * of PostgreSQL 15 and 18 together.
     */
    private static final Set<String> KEYWORDS = Set.of(
            ("all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case"
                            + " cast char character check coalesce collate collation column concurrently constraint create"
                            + " cross current_catalog current_date current_role current_schema current_time"
                            + " current_timestamp current_user dec decimal default deferrable desc distinct do else end"
                            + " except exists extract false fetch float for foreign freeze from full grant greatest group"
                            + " grouping having ilike in initially inner inout int integer intersect interval into is"
                            + " isnull join json json_array json_arrayagg json_exists json_object json_objectagg json_query"
                            + " json_scalar json_serialize json_table json_value lateral leading least left like limit"
                            + " localtime localtimestamp merge_action national natural nchar none normalize not notnull"
                            + " null nullif numeric offset on only or order out outer overlaps overlay placing position"
                            + " precision primary real references returning right row select session_user setof similar"
                            + " smallint some substring symmetric system_user table tablesample then time timestamp to"
                            + " trailing treat trim true union unique user using values varchar variadic verbose when"
                            + " where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces"
                            + " xmlparse xmlpi xmlroot xmlserialize xmltable")
                    .split(" "));

    private Quoted() {}

    /** One name of one or several parts, each in the case of the catalogue, quoted always. */
    public static String identifier(String... parts) {
        return SQL.render(DSL.quotedName(parts));
    }

    /** A table as users write it in scenarios: {@code orders} or {@code shop.orders}, in the case of the catalogue. */
    public static String table(String asWritten) {
        return identifier(asWritten.split("\\.", 2));
    }

    /** As {@link #identifier}, but each part quoted only where it must be, as {@code quote_ident} does: for people to read. */
    public static String readable(String... parts) {
        return Arrays.stream(parts)
                .map(part ->
                        NEEDS_NO_QUOTES.matcher(part).matches() && !KEYWORDS.contains(part) ? part : identifier(part))
                .collect(Collectors.joining("."));
    }

    /** A text as a literal. */
    public static String literal(String text) {
        return SQL.render(DSL.inline(text));
    }
}
