package dev.pgrehearse.traffic;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.FieldOrRow;
import org.jooq.QueryPart;
import org.jooq.Row;
import org.jooq.SQLDialect;
import org.jooq.conf.ParseNameCase;
import org.jooq.conf.ParseUnknownFunctions;
import org.jooq.conf.Settings;
import org.jooq.impl.DSL;
import org.jooq.impl.ParserException;
import org.jooq.impl.QOM;

/**
 * Which parameters a statement gives to which columns, read by jOOQ's parser: plans do not show the rows of an INSERT nor
 * what ON CONFLICT sets.
 *
 * @param inserted for each row of VALUES, the parameter of each column that has one alone; a column of the table by its
 *     place, such as {@code #1}, when the statement names none
 * @param columns all columns that are inserted, or set by an UPDATE
 * @param set parameters that are set by an UPDATE or by ON CONFLICT, alone
 * @param amounts parameters that are a part of what is set, as in {@code stock - $1}, by the column
 * @param onConflict whether an INSERT says what to do with keys that exist
 * @param rows how many rows VALUES has
 */
record Changes(
        List<Map<Integer, String>> inserted,
        Set<String> columns,
        Map<Integer, String> set,
        Map<Integer, String> amounts,
        boolean onConflict,
        int rows) {
    static final Changes NONE = new Changes(List.of(), Set.of(), Map.of(), Map.of(), false, 0);

    private static final Pattern PARAMETER = Pattern.compile(":p(\\d+)");
    private static final Pattern ALONE =
            Pattern.compile("(?is)(?:cast\\s*\\(\\s*)*:p\\d+(?:\\s+as\\s+[^()]+(?:\\([\\d, ]+\\))?\\s*\\))*");

    private static final DSLContext SQL = DSL.using(
            SQLDialect.POSTGRES,
            new Settings()
                    .withParseUnknownFunctions(ParseUnknownFunctions.IGNORE)
                    .withParseNameCase(ParseNameCase.LOWER_IF_UNQUOTED));

    /**
     * Reads a statement.
     *
     * @throws ParserException when jOOQ cannot read it
     */
    static Changes of(String sql) {
        QueryPart query = SQL.parser().parseQuery(sql.replaceAll("\\$(\\d+)", ":p$1"));
        if (query == null) {
            return NONE;
        }
        if (query instanceof QOM.InsertReturning<?> returning) {
            query = returning.$insert();
        }
        if (query instanceof QOM.UpdateReturning<?> returning) {
            query = returning.$update();
        }
        if (query instanceof QOM.Insert<?> insert) {
            return inserting(insert);
        }
        return query instanceof QOM.Update<?> update ? updating(update) : NONE;
    }

    private static Changes inserting(QOM.Insert<?> insert) {
        List<String> columns =
                insert.$columns().stream().map(field -> field.getName()).toList();
        if (insert.$select() != null) {
            return new Changes(
                    List.of(), new LinkedHashSet<>(columns), Map.of(), Map.of(), insert.$onDuplicateKeyIgnore(), 0);
        }
        List<Map<Integer, String>> rows = new ArrayList<>();
        for (Row row : insert.$values()) {
            Map<Integer, String> parameters = new LinkedHashMap<>();
            Field<?>[] fields = row.fields();
            for (int i = 0; i < fields.length; i++) {
                List<Integer> inside = parameters(fields[i]);
                if (inside.size() == 1) {
                    parameters.put(inside.get(0), isNamed(columns) ? columns.get(i) : "#" + (i + 1));
                }
            }
            rows.add(parameters);
        }
        Map<Integer, String> set = new LinkedHashMap<>();
        Map<Integer, String> amounts = new LinkedHashMap<>();
        insert.$updateSet().forEach((column, value) -> assign(column, value, set, amounts));
        return new Changes(
                rows,
                isNamed(columns) ? new LinkedHashSet<>(columns) : Set.of(),
                set,
                amounts,
                insert.$onDuplicateKeyIgnore() || !insert.$updateSet().isEmpty(),
                rows.size());
    }

    /** jOOQ gives names of its own to columns that it does not know. */
    private static boolean isNamed(List<String> columns) {
        return !columns.isEmpty() && columns.stream().noneMatch(column -> column.startsWith("unknown field"));
    }

    private static Changes updating(QOM.Update<?> update) {
        Map<Integer, String> set = new LinkedHashMap<>();
        Map<Integer, String> amounts = new LinkedHashMap<>();
        Set<String> columns = new LinkedHashSet<>();
        update.$set().forEach((column, value) -> {
            assign(column, value, set, amounts);
            if (column instanceof Field<?> field) {
                columns.add(field.getName());
            } else if (column instanceof Row row) {
                for (Field<?> field : row.fields()) {
                    columns.add(field.getName());
                }
            }
        });
        return new Changes(List.of(), columns, set, amounts, false, 0);
    }

    private static void assign(
            FieldOrRow column, QueryPart value, Map<Integer, String> set, Map<Integer, String> amounts) {
        if (column instanceof Row columns && value instanceof Row values) {
            for (int i = 0; i < columns.size(); i++) {
                assign(columns.field(i), values.field(i), set, amounts);
            }
        } else if (column instanceof Field<?> field) {
            List<Integer> inside = parameters(value);
            boolean alone = ALONE.matcher(SQL.renderNamedParams(value)).matches();
            inside.forEach(parameter -> (alone ? set : amounts).put(parameter, field.getName()));
        }
    }

    private static List<Integer> parameters(QueryPart part) {
        return PARAMETER
                .matcher(SQL.renderNamedParams(part))
                .results()
                .map(found -> Integer.valueOf(found.group(1)))
                .toList();
    }
}
