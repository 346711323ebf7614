package dev.pgrehearse.traffic;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.profile.Profile.TrafficStatement;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import dev.pgrehearse.recording.Recording.DerivedStatement;
import dev.pgrehearse.recording.Recording.Doubt;
import dev.pgrehearse.recording.Recording.LeftOutStatement;
import dev.pgrehearse.recording.Recording.WorkloadFacts;
import dev.pgrehearse.traffic.SchemaTables.SchemaTable;
import dev.pgrehearse.traffic.TargetTable.Column;
import dev.pgrehearse.workload.Operation;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What an ordinary web application would run on a schema: {@code scenario.schema.json} gives the weights and their reason.
 * Used once, by one thread.
 */
public final class Automatic {
    private static final int TRIES = 120;

    private final List<Planned> planned = new ArrayList<>();
    private final List<LeftOutStatement> leftOut = new ArrayList<>();
    private final List<DerivedStatement> facts = new ArrayList<>();
    private final List<Operation> operations = new ArrayList<>();
    private final Map<String, Integer> names = new HashMap<>();

    /** The kinds of requests, with their shares of 100. */
    private enum Kind {
        POINT(45),
        JOIN(15),
        RANGE(15),
        INSERT(10),
        UPDATE(12),
        DELETE(3);

        private final double share;

        Kind(double share) {
            this.share = share;
        }
    }

    /**
     * A statement to be made runnable.
     *
     * @param size the square root of the table's rows
     * @param key what a row that a delete inserts is deleted by; null for any other kind
     */
    private record Planned(
            Kind kind, double size, String sql, @Nullable List<String> key, TargetTable table) {}

    private record Made(Planned planned, RunnableStatement statement) {}

    private Automatic() {}

    /**
     * Derives the operations.
     *
     * @param app the application's role, in a copy of the data that is thrown away
     */
    public static DerivedWorkload derive(double ratePerSecond, ConnectionDetails app, long seed, Progress progress)
            throws SQLException {
        Automatic automatic = new Automatic();
        automatic.make(app, seed, progress);
        return new DerivedWorkload(
                automatic.operations,
                new WorkloadFacts("auto", ratePerSecond, 0, 1, 1, 0, automatic.facts, automatic.leftOut),
                List.of(new Doubt(
                        "workload-invented",
                        "Nobody declared the workload: it was made of the schema. Which statements production runs, and how"
                                + " often, is not known. Declare operations, or take a profile of production.")));
    }

    private void make(ConnectionDetails app, long seed, Progress progress) throws SQLException {
        String task = "making a workload of the schema";
        try (Connection plans = Production.open(app);
                Connection trials = Production.open(app)) {
            SchemaTables.read(plans).forEach(this::plan);
            GenericPlan.ready(plans);
            StatementDerivation derivation = new StatementDerivation(plans, trials, new Sampler(plans, seed), seed);
            progress.report(ProgressEvent.started(task, planned.size(), "statements"));
            List<Made> made = new ArrayList<>();
            for (Planned each : planned) {
                try {
                    TrafficStatement wanted = new TrafficStatement(each.sql(), 1, 0, -1, -1, null);
                    made.add(new Made(each, derivation.derive(wanted, TRIES)));
                } catch (NotRunnable reason) {
                    leftOut.add(new LeftOutStatement(each.sql(), 0, 0, 0, String.valueOf(reason.getMessage())));
                } catch (SQLException refused) {
                    leftOut.add(new LeftOutStatement(each.sql(), 0, 0, 0, StatementDerivation.inWords(refused)));
                }
            }
            weigh(made);
            progress.report(ProgressEvent.finished(task));
        }
    }

    private void plan(SchemaTable schema) {
        TargetTable table = schema.table();
        double size = Math.sqrt(schema.rows());
        String name = table.relation().quoted();
        for (List<String> key : table.unique()) {
            add(Kind.POINT, size, "SELECT * FROM " + name + " WHERE " + equal(key, 1, ""), table);
        }
        List<String> primary =
                table.unique().isEmpty() ? List.of() : table.unique().get(0);
        if (!primary.isEmpty()) {
            for (SchemaTables.Reference reference : schema.references()) {
                add(
                        Kind.JOIN,
                        size,
                        "SELECT * FROM " + name + " t JOIN "
                                + reference.parent().quoted() + " p ON " + reference.condition() + " WHERE "
                                + equal(primary, 1, "t."),
                        table);
            }
        }
        for (SchemaTables.Indexed index : schema.indexes()) {
            String column = Quoted.identifier(index.column());
            add(
                    Kind.RANGE,
                    size,
                    "SELECT * FROM " + name + " WHERE " + column
                            + (index.ordered() ? " >= $1 ORDER BY " + column : " = $1") + " LIMIT 50",
                    table);
        }
        changes(table, size, name, primary);
    }

    private void changes(TargetTable table, double size, String name, List<String> primary) {
        List<String> given = table.columns().values().stream()
                .filter(column -> !Set.of("s", "a").contains(column.made()))
                .filter(column -> column.made().isEmpty()
                        || table.unique().stream().noneMatch(key -> key.contains(column.name())))
                .map(Column::name)
                .toList();
        if (!given.isEmpty()) {
            boolean renewable = table.renewed(Set.copyOf(given)) != null;
            String insert = "INSERT INTO " + name + " (" + quoted(given) + ") VALUES ("
                    + IntStream.rangeClosed(1, given.size())
                            .mapToObj(number -> "$" + number)
                            .collect(Collectors.joining(", "))
                    + ")" + (renewable ? "" : " ON CONFLICT DO NOTHING");
            add(Kind.INSERT, size, insert, table);
            if (renewable && !primary.isEmpty()) {
                planned.add(new Planned(Kind.DELETE, size, insert + " RETURNING " + quoted(primary), primary, table));
            }
        }
        List<String> changing = table.columns().values().stream()
                .filter(column -> !Set.of("s", "a").contains(column.made())
                        && !column.referring()
                        && !column.indexed()
                        && !column.checked())
                .map(Column::name)
                .limit(3)
                .toList();
        if (!primary.isEmpty() && !changing.isEmpty()) {
            String set = IntStream.range(0, changing.size())
                    .mapToObj(i -> Quoted.identifier(changing.get(i)) + " = $" + (i + 1))
                    .collect(Collectors.joining(", "));
            add(
                    Kind.UPDATE,
                    size,
                    "UPDATE " + name + " SET " + set + " WHERE " + equal(primary, changing.size() + 1, ""),
                    table);
        }
    }

    private void add(Kind kind, double size, String sql, TargetTable table) {
        planned.add(new Planned(kind, size, sql, null, table));
    }

    private static String equal(List<String> columns, int first, String alias) {
        return IntStream.range(0, columns.size())
                .mapToObj(i -> alias + Quoted.identifier(columns.get(i)) + " = $" + (first + i))
                .collect(Collectors.joining(" AND "));
    }

    private static String quoted(List<String> columns) {
        return columns.stream().map(column -> Quoted.identifier(column)).collect(Collectors.joining(", "));
    }

    /** Each kind gets its share, also when another kind has no statement at all. */
    private void weigh(List<Made> made) {
        Map<Kind, Double> sizes = made.stream()
                .collect(Collectors.groupingBy(
                        each -> each.planned().kind(),
                        Collectors.summingDouble(each -> each.planned().size())));
        for (Made each : made) {
            Planned plan = each.planned();
            double weight = plan.kind().share * plan.size() / sizes.getOrDefault(plan.kind(), 1.0);
            List<Operation.Statement> statements =
                    new ArrayList<>(List.of(each.statement().statement()));
            String name = each.statement().name();
            List<String> key = plan.key();
            if (key != null) {
                Operation.Statement insert = each.statement().statement();
                statements.set(0, new Operation.Statement(insert.jdbc(), insert.parameters(), "made"));
                statements.add(new Operation.Statement(
                        "DELETE FROM " + plan.table().relation().quoted() + " WHERE "
                                + key.stream()
                                        .map(column -> Quoted.identifier(column) + " = ?")
                                        .collect(Collectors.joining(" AND ")),
                        key.stream()
                                .<Operation.Parameter>map(column -> new Operation.Taken("made", column))
                                .toList(),
                        null));
                name = name.replaceFirst("insert", "insert and delete");
            }
            int before = names.merge(name, 1, Integer::sum);
            String unique = before == 1 ? name : name + " #" + before;
            operations.add(new Operation(unique, weight, statements));
            statements.forEach(statement -> facts.add(new DerivedStatement(
                    unique,
                    statement.jdbc(),
                    weight,
                    null,
                    null,
                    null,
                    null,
                    each.statement().parameterSets(),
                    List.of())));
        }
    }
}
