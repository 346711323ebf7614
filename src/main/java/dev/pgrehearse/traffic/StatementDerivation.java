package dev.pgrehearse.traffic;

import dev.pgrehearse.postgres.Quoted;
import dev.pgrehearse.profile.Profile.TrafficStatement;
import dev.pgrehearse.traffic.TargetTable.Column;
import dev.pgrehearse.values.RowRandom;
import dev.pgrehearse.workload.Operation;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jooq.impl.ParserException;
import org.jspecify.annotations.Nullable;

/** Makes one statement of production's runnable. Used by one thread, for one statement after another. */
final class StatementDerivation {
    /** Different parameters of a statement at most: as many as PostgreSQL looks at rows for a histogram of 100, and more. */
    private static final int SETS = 4096;

    private static final int SETS_THAT_VANISH = 20_000;
    private static final int LEAST_TRIES = 80;
    /** So much more or fewer buffers than in the profile, as a share, are told. */
    private static final double NOTABLE_DIFFERENCE = 0.25;

    private static final int FIRST_LENGTH = 5;
    private static final int LONGEST_LIST = 200;

    private final Connection plans;
    private final Connection trials;
    private final Sampler sampler;
    private final long seed;

    /**
     * A derivation.
     *
     * @param plans a session that reads plans, see {@link GenericPlan#ready}
     * @param trials a session that runs statements
     */
    StatementDerivation(Connection plans, Connection trials, Sampler sampler, long seed) {
        this.plans = plans;
        this.trials = trials;
        this.sampler = sampler;
        this.seed = seed;
    }

    /**
     * Makes it runnable.
     *
     * @param statement with rows below 0 when nobody knows how many there should be
     * @param tries how many sets of parameters are tried
     */
    RunnableStatement derive(TrafficStatement statement, int tries) throws NotRunnable, SQLException {
        Attempt first = new Attempt(statement, FIRST_LENGTH);
        RunnableStatement derived = first.derive(tries);
        double wanted = rowsPerCall(statement);
        if (first.text.lists() == 0 || derived.rowsPerCall() == 0 || first.rowsNeverChange) {
            return derived;
        }
        long length = Math.round(FIRST_LENGTH * wanted / first.plainRows);
        int better = (int) Math.max(2, Math.min(LONGEST_LIST, length));
        return better == FIRST_LENGTH ? derived : new Attempt(statement, better).derive(tries);
    }

    static double rowsPerCall(TrafficStatement statement) {
        return statement.calls() == 0 ? 0 : (double) statement.rows() / statement.calls();
    }

    private final class Attempt {
        private final TrafficStatement statement;
        private final int listLength;
        private final List<String> guessed = new ArrayList<>();
        private final RowRandom random;
        private NormalisedText text;
        private double plainRows;
        private boolean rowsNeverChange;

        private Attempt(TrafficStatement statement, int listLength) {
            this.statement = statement;
            this.listLength = listLength;
            this.random = new RowRandom(seed, "statement", statement.sql());
            this.text = NormalisedText.of(statement.sql(), listLength);
        }

        private RunnableStatement derive(int tries) throws NotRunnable, SQLException {
            ParameterTypes types = types();
            GenericPlan plan = GenericPlan.of(plans, types);
            Map<String, TargetTable> tables = new LinkedHashMap<>();
            for (Map.Entry<String, Relation> relation : plan.relations().entrySet()) {
                TargetTable table = TargetTable.read(plans, relation.getValue());
                if (table != null) {
                    tables.put(relation.getKey(), table);
                }
            }
            Bindings bindings = new Bindings(tables.keySet(), types.types());
            plan.conditions().forEach(bindings::read);
            Changes changes = changes(plan);
            Candidates candidates = new Candidates(types.types().size(), random);
            boolean vanishes = vanishes(plan, changes);
            know(candidates, types);
            tellWhatNothingBinds(types, bindings, changes);
            compare(candidates, tables, bindings, vanishes ? SETS_THAT_VANISH : SETS);
            Map<Integer, NewValues> renewed = assign(candidates, plan, changes);
            return fitted(
                    types,
                    plan,
                    tables,
                    bindings,
                    candidates,
                    renewed,
                    vanishes || (renewed.isEmpty() && isPairs(plan, changes)),
                    tries);
        }

        private ParameterTypes types() throws NotRunnable, SQLException {
            ParameterTypes.forget(plans);
            try {
                ParameterTypes types = ParameterTypes.prepare(plans, text);
                text = types.text();
                return types;
            } catch (SQLException refused) {
                throw new NotRunnable("the server does not take it: " + inWords(refused));
            }
        }

        private Changes changes(GenericPlan plan) throws NotRunnable {
            if (plan.changed() == null) {
                return Changes.NONE;
            }
            try {
                return Changes.of(text.sql());
            } catch (ParserException unread) {
                if (plan.operation().equals("Delete")) {
                    return Changes.NONE;
                }
                throw new NotRunnable("jOOQ's parser cannot read which columns it gives values to: "
                        + String.valueOf(unread.getMessage())
                                .lines()
                                .findFirst()
                                .orElse(""));
            }
        }

        /** Whether what it finds is no longer found afterwards: each set of parameters then comes once. */
        private boolean vanishes(GenericPlan plan, Changes changes) {
            if (plan.operation().equals("Delete")) {
                return true;
            }
            return plan.operation().equals("Update")
                    && plan.conditions().stream()
                            .flatMap(condition -> Expression.of(condition)
                                    .columns(plan.relations().keySet())
                                    .stream())
                            .anyMatch(changes.columns()::contains);
        }

        /** Whether it inserts keys that are made of references alone, so that no value of them can be a new one. */
        private boolean isPairs(GenericPlan plan, Changes changes) {
            return plan.operation().equals("Insert") && !changes.onConflict();
        }

        /** What is compared with no column, and is no column's new value, is the same in every call: nobody knows better. */
        private void tellWhatNothingBinds(ParameterTypes types, Bindings bindings, Changes changes) {
            Set<Integer> known = new HashSet<>(
                    KnownArguments.of(text, rowsPerCall(statement)).keySet());
            known.addAll(text.limits());
            bindings.found().values().forEach(binding -> known.add(binding.parameter()));
            changes.inserted().forEach(row -> known.addAll(row.keySet()));
            known.addAll(changes.set().keySet());
            known.addAll(changes.amounts().keySet());
            for (int i = 1; i <= types.types().size(); i++) {
                if (!known.contains(i)) {
                    guessed.add("$" + i + " is compared with no column: it is "
                            + PlainValues.of(types.types().get(i - 1)) + " in every call.");
                }
            }
        }

        private void know(Candidates candidates, ParameterTypes types) {
            Map<Integer, List<String>> known = KnownArguments.of(text, rowsPerCall(statement));
            for (int i = 1; i <= types.types().size(); i++) {
                candidates.know(
                        i,
                        known.getOrDefault(
                                i, List.of(PlainValues.of(types.types().get(i - 1)))));
            }
            if (text.lists() > 0) {
                guessed.add("A list of constants has " + listLength + " of them: its length is not in"
                        + " pg_stat_statements, and was chosen by the rows per call.");
            }
        }

        private void compare(Candidates candidates, Map<String, TargetTable> tables, Bindings bindings, int rows) {
            List<Binding> bound = bindings.found().values().stream()
                    .filter(binding -> !text.limits().contains(binding.parameter()))
                    .toList();
            if (bound.isEmpty()) {
                return;
            }
            if (bound.stream().noneMatch(binding -> isKey(binding, tables))) {
                candidates.askForOpenEnds();
            }
            String first = bound.get(0).alias();
            Set<String> needed =
                    bound.stream().map(Binding::alias).collect(Collectors.toCollection(LinkedHashSet::new));
            Map<String, TargetTable> used = new LinkedHashMap<>(tables);
            if (needed.size() == 1) {
                used.keySet().retainAll(needed);
            }
            @Nullable
            String ranked = bound.stream()
                    .filter(binding -> binding.use() == Binding.Use.FROM || binding.use() == Binding.Use.TO)
                    .sorted(java.util.Comparator.comparing(Binding::use))
                    .map(Binding::sql)
                    .findFirst()
                    .orElse(null);
            List<String> expressions = bound.stream().map(Binding::sql).toList();
            try {
                candidates.compare(
                        bound,
                        sampler.read(new Sampler.Wanted(
                                first, used, bindings.joins(), bindings.fixed(), expressions, ranked, rows)));
            } catch (SQLException refused) {
                separately(candidates, tables, bound, rows, refused);
            }
        }

        private static boolean isKey(Binding binding, Map<String, TargetTable> tables) {
            TargetTable table = tables.get(binding.alias());
            return binding.use() == Binding.Use.COMPARED
                    && table != null
                    && table.unique().stream().anyMatch(key -> key.equals(Arrays.asList(binding.column())));
        }

        /** Where rows that belong together cannot be found in time, or one expression is refused: what can be had. */
        private void separately(
                Candidates candidates,
                Map<String, TargetTable> tables,
                List<Binding> bound,
                int rows,
                SQLException because) {
            String first = bound.get(0).alias();
            List<Binding> own = bound.stream()
                    .filter(binding -> binding.alias().equals(first))
                    .toList();
            guessed.add(
                    "Values of its parameters are not all from rows that belong together: " + inWords(because) + ".");
            for (List<Binding> some : List.of(own, own.subList(0, 1))) {
                try {
                    candidates.compare(
                            some,
                            sampler.read(new Sampler.Wanted(
                                    first,
                                    Map.of(first, Objects.requireNonNull(tables.get(first))),
                                    Set.of(),
                                    Set.of(),
                                    some.stream().map(Binding::sql).toList(),
                                    null,
                                    rows)));
                    return;
                } catch (SQLException refused) {
                    because.addSuppressed(refused);
                }
            }
        }

        /** Values for what is inserted or set; gives the parameters that must be new each time. */
        private Map<Integer, NewValues> assign(Candidates candidates, GenericPlan plan, Changes changes)
                throws SQLException {
            Map<Integer, NewValues> renewed = new LinkedHashMap<>();
            Relation changed = plan.changed();
            TargetTable table = changed == null ? null : TargetTable.read(plans, changed);
            if (table == null) {
                return renewed;
            }
            List<String> all = List.copyOf(table.columns().keySet());
            Map<Integer, String> given = new LinkedHashMap<>(changes.set());
            changes.inserted().forEach(given::putAll);
            given.replaceAll((parameter, column) ->
                    column.startsWith("#") ? all.get(Integer.parseInt(column.substring(1)) - 1) : column);
            given.values().retainAll(table.columns().keySet());
            List<Integer> order = List.copyOf(given.keySet());
            if (!order.isEmpty()) {
                String alias = "pgrehearse_target";
                candidates.assign(
                        order,
                        sampler.read(new Sampler.Wanted(
                                alias,
                                Map.of(alias, table),
                                Set.of(),
                                Set.of(),
                                order.stream()
                                        .map(parameter -> alias + "."
                                                + Quoted.identifier(Objects.requireNonNull(given.get(parameter))))
                                        .toList(),
                                null,
                                SETS)),
                        apart(table, given, plan));
            }
            Set<String> columns =
                    changes.columns().isEmpty() && plan.operation().equals("Insert")
                            ? table.columns().keySet()
                            : changes.columns();
            List<Column> news = table.renewed(columns);
            if (news != null && !changes.onConflict()) {
                for (Column column : news) {
                    NewValues values = NewValues.of(plans, table, column, seed);
                    given.forEach((parameter, name) -> {
                        if (name.equals(column.name())) {
                            renewed.put(parameter, values);
                        }
                    });
                }
            }
            return renewed;
        }

        /** The parameters of keys that are made of references alone: from one row they would be a key that exists. */
        private Set<Integer> apart(TargetTable table, Map<Integer, String> given, GenericPlan plan) {
            Set<String> columns = table.unique().stream()
                    .filter(key -> given.values().containsAll(key)
                            && key.stream()
                                    .allMatch(column -> Objects.requireNonNull(
                                                    table.columns().get(column))
                                            .referring()))
                    .flatMap(List::stream)
                    .collect(Collectors.toSet());
            return plan.operation().equals("Insert")
                    ? given.keySet().stream()
                            .filter(parameter -> columns.contains(given.get(parameter)))
                            .collect(Collectors.toSet())
                    : Set.of();
        }

        private RunnableStatement fitted(
                ParameterTypes types,
                GenericPlan plan,
                Map<String, TargetTable> tables,
                Bindings bindings,
                Candidates candidates,
                Map<Integer, NewValues> renewed,
                boolean once,
                int tries)
                throws NotRunnable, SQLException {
            List<Integer> places = List.copyOf(renewed.keySet());
            Trial trial = Trial.of(trials, types, plan.changed() != null);
            List<Map<Integer, String>> choices = candidates.choices(text.offsets());
            int triesOfEach = Math.max(LEAST_TRIES, tries / choices.size());
            Weighted best = null;
            SQLException failure = null;
            for (Map<Integer, String> choice : choices) {
                List<@Nullable String[]> sets = chosen(candidates.sets(), choice);
                Trial.Tried tried = trial.run(renewedFor(sets, renewed, places), triesOfEach);
                if (tried.sets().isEmpty()) {
                    failure = failure == null ? tried.failure() : failure;
                    continue;
                }
                Weighted weighted = weighted(trial, candidates, types, plan, sets, tried, triesOfEach);
                if (best == null || weighted.isBetterThan(best)) {
                    best = weighted;
                }
            }
            if (best == null) {
                throw new NotRunnable(
                        "it does not run: " + (failure == null ? "there are no values for it" : inWords(failure)));
            }
            double wantedRows = rowsPerCall(statement);
            Trial.Tried all = best.all();
            double[] weights = best.weights();
            plainRows = best.plainRows();
            rowsNeverChange = best.rowsNeverChange();
            List<@Nullable String[]> used = best.equal() ? best.sets() : all.sets();
            double[] drawn = best.equal() ? Fit.equal(used.size()) : weights;
            if (statement.rows() >= 0 && !Fit.near(Fit.mean(all.rows(), weights), wantedRows)) {
                guessed.add(String.format(
                        java.util.Locale.ROOT,
                        "It gives %.3g rows per call here, and %.3g in the profile.",
                        Fit.mean(all.rows(), weights),
                        wantedRows));
            }
            double buffers = Fit.mean(all.buffers(), weights);
            double wantedBuffers = (double) statement.sharedBuffers() / Math.max(1, statement.calls());
            if (plan.changed() == null
                    && statement.sharedBuffers() > 0
                    && buffers > 0
                    && Math.abs(buffers - wantedBuffers) > NOTABLE_DIFFERENCE * wantedBuffers) {
                guessed.add(String.format(
                        java.util.Locale.ROOT,
                        "It reads %.3g buffers per call here, and %.3g in the profile.",
                        buffers,
                        wantedBuffers));
            }
            @Nullable String[][] array = used.toArray(String[][]::new);
            ParameterSets parameters =
                    once ? ParameterSets.once(array, drawn, random) : ParameterSets.drawn(array, drawn, random);
            JdbcText jdbc = JdbcText.of(types);
            List<Operation.Parameter> sources = jdbc.parameters().stream()
                    .<Operation.Parameter>map(
                            parameter -> new Operation.Drawn(source(parameter, parameters, renewed, places)))
                    .toList();
            return new RunnableStatement(
                    StatementName.of(plan, tables, bindings),
                    new Operation.Statement(jdbc.sql(), sources, null),
                    Fit.mean(all.rows(), weights),
                    buffers,
                    parameters.size(),
                    guessed);
        }

        /**
         * Tried sets with their weights.
         *
         * @param equal whether all sets may be drawn, also those that were not tried
         */
        @SuppressWarnings("ArrayRecordComponent") // Neither compared nor printed.
        private record Weighted(
                List<@Nullable String[]> sets,
                Trial.Tried all,
                double[] weights,
                boolean equal,
                double plainRows,
                boolean rowsNeverChange,
                double apart) {
            /** The closer one; of equally close ones the one that is more varied. */
            private boolean isBetterThan(Weighted other) {
                return Math.abs(apart - other.apart) > 0.02
                        ? apart < other.apart
                        : Fit.effective(weights) / weights.length > Fit.effective(other.weights) / other.weights.length;
            }
        }

        private Weighted weighted(
                Trial trial,
                Candidates candidates,
                ParameterTypes types,
                GenericPlan plan,
                List<@Nullable String[]> sets,
                Trial.Tried first,
                int tries) {
            if (statement.rows() < 0) {
                // Nothing is known that it should come to.
                return new Weighted(sets, first, Fit.equal(first.sets().size()), first.failed() == 0, 1, true, 0);
            }
            double wantedRows = rowsPerCall(statement);
            double wantedBuffers = (double) statement.sharedBuffers() / statement.calls();
            double plain = Fit.mean(first.rows(), Fit.equal(first.rows().length));
            Trial.Tried all = first;
            boolean missed = wantedRows < 0.98 * plain;
            if (missed) {
                all = with(first, trial.run(candidates.misses(first.sets(), types.types()), tries));
            }
            boolean reads = plan.changed() == null;
            double[] weights = reads
                    ? Fit.to(all.rows(), wantedRows, all.buffers(), wantedBuffers)
                    : Fit.to(all.rows(), wantedRows, all.rows(), wantedRows);
            boolean equal = Arrays.stream(weights).allMatch(weight -> weight == 1) && first.failed() == 0 && !missed;
            double apart = Math.abs(Fit.mean(all.rows(), weights) - wantedRows) / Math.max(wantedRows, 1e-9);
            if (reads) {
                apart += 0.2
                        * Math.abs(Fit.mean(all.buffers(), weights) - wantedBuffers)
                        / Math.max(wantedBuffers, 1e-9);
            }
            return new Weighted(
                    sets,
                    all,
                    weights,
                    equal,
                    plain,
                    Fit.spread(first.rows()) == 0 && !plan.operation().equals("Update"),
                    apart);
        }

        private static List<@Nullable String[]> chosen(List<@Nullable String[]> sets, Map<Integer, String> choice) {
            sets.forEach(set -> choice.forEach((parameter, value) -> set[parameter - 1] = value));
            return sets;
        }

        private static Trial.Tried with(Trial.Tried first, Trial.Tried more) {
            List<@Nullable String[]> sets = new ArrayList<>(first.sets());
            sets.addAll(more.sets());
            return new Trial.Tried(
                    sets,
                    DoubleStream.concat(Arrays.stream(first.rows()), Arrays.stream(more.rows()))
                            .toArray(),
                    DoubleStream.concat(Arrays.stream(first.buffers()), Arrays.stream(more.buffers()))
                            .toArray(),
                    first.failed(),
                    first.failure());
        }

        /** For trials numbers that no request has. */
        private List<@Nullable String[]> renewedFor(
                List<@Nullable String[]> sets, Map<Integer, NewValues> renewed, List<Integer> places) {
            return renewed.isEmpty()
                    ? sets
                    : IntStream.range(0, sets.size())
                            .mapToObj(i -> {
                                @Nullable String[] set = sets.get(i).clone();
                                for (int place = 0; place < places.size(); place++) {
                                    int parameter = places.get(place);
                                    set[parameter - 1] = Objects.requireNonNull(renewed.get(parameter))
                                            .at((1_000_000L + i) * places.size() + place, set[parameter - 1]);
                                }
                                return set;
                            })
                            .toList();
        }

        private static LongFunction<@Nullable String> source(
                int parameter, ParameterSets parameters, Map<Integer, NewValues> renewed, List<Integer> places) {
            LongFunction<@Nullable String> drawn = parameters.parameter(parameter - 1);
            NewValues values = renewed.get(parameter);
            int place = places.indexOf(parameter);
            return values == null ? drawn : number -> values.at(number * places.size() + place, drawn.apply(number));
        }
    }

    static String inWords(SQLException failure) {
        return String.valueOf(failure.getMessage())
                        .lines()
                        .findFirst()
                        .orElse("")
                        .replaceFirst("^ERROR: ", "") + " (" + failure.getSQLState() + ")";
    }
}
