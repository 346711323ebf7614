package dev.pgrehearse.traffic;

import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.profile.Profile.Traffic;
import dev.pgrehearse.profile.Profile.TrafficStatement;
import dev.pgrehearse.progress.Progress;
import dev.pgrehearse.progress.ProgressEvent;
import dev.pgrehearse.recording.Recording.DerivedStatement;
import dev.pgrehearse.recording.Recording.Doubt;
import dev.pgrehearse.recording.Recording.LeftOutStatement;
import dev.pgrehearse.recording.Recording.WorkloadFacts;
import dev.pgrehearse.scenario.WorkloadSpec.FromProfile;
import dev.pgrehearse.workload.Operation;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes what production runs runnable: the statements of a profile, on a copy of the rehearsal's own data that is thrown
 * away afterwards. The same profile, data and seed give the same operations. Used once, by one thread.
 */
public final class Production {
    /** A statement that takes longer with some parameters does not run with them. */
    private static final String LONGEST_TRY = "30s";
    /** To try parameters of all statements, by their share of the calls and their time in production; of each a little. */
    private static final double TRYING_MILLIS = 15_000;

    private static final double LEAST_MILLIS = 200;
    private static final int LEAST_TRIES = 80;
    private static final int MOST_TRIES = 500;
    /** A request of more statements is no request that an application makes. */
    private static final int LONGEST_TRANSACTION = 100;
    /** What a try costs beside the statement itself. */
    private static final double OVERHEAD_MILLIS = 0.5;

    private final FromProfile spec;
    private final Traffic traffic;
    private final double ratePerSecond;
    private final Map<String, RunnableStatement> runnable = new LinkedHashMap<>();
    private final List<LeftOutStatement> leftOut = new ArrayList<>();
    private final Map<String, String> operationOf = new HashMap<>();
    private final Map<String, Integer> names = new HashMap<>();
    private final List<Doubt> doubts = new ArrayList<>();
    private double allCalls;
    private double allMillis;
    private double profileCalls;

    private Production(FromProfile spec, double ratePerSecond) {
        this.spec = spec;
        this.traffic = Objects.requireNonNull(spec.profile().traffic(), "the scenario's reader sees to it");
        this.ratePerSecond = ratePerSecond;
    }

    /**
     * Derives the operations.
     *
     * @param ratePerSecond requests per second, as the scenario says; calls per second when the rate is the profile's own
     * @param app the application's role, in the copy
     * @throws SQLException when the server fails, not when it refuses a statement
     */
    public static DerivedWorkload derive(
            FromProfile spec, double ratePerSecond, ConnectionDetails app, long seed, Progress progress)
            throws SQLException {
        Production production = new Production(spec, ratePerSecond);
        production.makeRunnable(app, seed, progress);
        return production.workload();
    }

    private void makeRunnable(ConnectionDetails app, long seed, Progress progress) throws SQLException {
        List<TrafficStatement> statements = traffic.statements().stream()
                .filter(statement -> statement.calls() > 0)
                .sorted(Comparator.comparingLong(TrafficStatement::calls)
                        .reversed()
                        .thenComparing(TrafficStatement::sql))
                .toList();
        UnwrittenTraffic unwritten = new UnwrittenTraffic(traffic);
        profileCalls = statements.stream().mapToDouble(TrafficStatement::calls).sum();
        allCalls = profileCalls + unwritten.calls();
        allMillis = statements.stream().mapToDouble(Production::millis).sum() + unwritten.millis();
        leftOut.addAll(unwritten.leftOut(allCalls, allMillis));
        String task = "making production's statements runnable";
        progress.report(ProgressEvent.started(task, statements.size(), "statements"));
        try (Connection plans = open(app);
                Connection trials = open(app)) {
            GenericPlan.ready(plans);
            StatementDerivation derivation = new StatementDerivation(plans, trials, new Sampler(plans, seed), seed);
            int done = 0;
            for (TrafficStatement statement : statements) {
                makeRunnable(derivation, statement);
                progress.report(ProgressEvent.advanced(task, ++done, statements.size(), "statements"));
            }
        }
        progress.report(ProgressEvent.finished(task));
    }

    /** The simple protocol sends texts as they are, {@code $1} and all. */
    static Connection open(ConnectionDetails app) throws SQLException {
        Connection connection = app.open("pgrehearse derive", Map.of("preferQueryMode", "simple"));
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET statement_timeout = '" + LONGEST_TRY + "'");
        }
        return connection;
    }

    private void makeRunnable(StatementDerivation derivation, TrafficStatement statement) throws SQLException {
        try {
            double millis = LEAST_MILLIS + TRYING_MILLIS * statement.calls() / profileCalls;
            int tries = (int) (millis / (OVERHEAD_MILLIS + statement.meanMillis()));
            runnable.put(
                    statement.sql(), derivation.derive(statement, Math.max(LEAST_TRIES, Math.min(MOST_TRIES, tries))));
        } catch (NotRunnable reason) {
            leaveOut(statement, String.valueOf(reason.getMessage()));
        } catch (SQLException refused) {
            if (String.valueOf(refused.getSQLState()).startsWith("08")) {
                throw refused;
            }
            leaveOut(
                    statement, "its plan or its parameters could not be read: " + StatementDerivation.inWords(refused));
        }
    }

    private void leaveOut(TrafficStatement statement, String reason) {
        leftOut.add(new LeftOutStatement(
                statement.sql(),
                statement.calls(),
                statement.calls() / allCalls,
                allMillis == 0 ? 0 : millis(statement) / allMillis,
                reason));
    }

    private static double millis(TrafficStatement statement) {
        return statement.calls() * statement.meanMillis();
    }

    private DerivedWorkload workload() {
        List<Operation> operations = new ArrayList<>(transactions());
        Set<String> within = new HashSet<>(operationOf.keySet());
        boolean writes = false;
        for (TrafficStatement statement : traffic.statements()) {
            RunnableStatement made = runnable.get(statement.sql());
            if (made != null && !within.contains(statement.sql())) {
                String name = unique(made.name());
                operationOf.put(statement.sql(), name);
                operations.add(new Operation(name, statement.calls(), List.of(made.statement())));
                writes |= !made.name().startsWith("select");
            }
        }
        addDoubts(writes);
        double requests = operations.stream().mapToDouble(Operation::weight).sum();
        return new DerivedWorkload(operations, facts(requests), doubts);
    }

    private String unique(String name) {
        int before = names.merge(name, 1, Integer::sum);
        return before == 1 ? name : name + " #" + before;
    }

    /** What the scenario says shares a transaction: one request, that comes as often as the rarest of its statements. */
    private List<Operation> transactions() {
        List<Operation> operations = new ArrayList<>();
        spec.transactions().forEach((name, texts) -> {
            List<TrafficStatement> members = texts.stream().map(this::statement).toList();
            double rarest =
                    members.stream().mapToDouble(TrafficStatement::calls).min().orElse(1);
            String problem = problem(members, rarest);
            if (problem == null) {
                operations.add(transaction(unique(name), members, rarest));
            } else {
                doubts.add(new Doubt(
                        "transaction-not-run",
                        "The transaction " + name + " is not run as one, since " + problem
                                + ": those of its statements that can be run are committed one by one."));
            }
        });
        return operations;
    }

    private @Nullable String problem(List<TrafficStatement> members, double rarest) {
        long missing = members.stream()
                .filter(member -> !runnable.containsKey(member.sql()))
                .count();
        if (missing > 0) {
            return missing + " of its " + members.size() + " statements cannot be run here";
        }
        long length =
                members.stream().mapToLong(member -> times(member, rarest)).sum();
        return length <= LONGEST_TRANSACTION
                ? null
                : "by their calls in the profile it would be " + length + " statements long, above the "
                        + LONGEST_TRANSACTION + " that a request may have";
    }

    private Operation transaction(String operation, List<TrafficStatement> members, double rarest) {
        List<Operation.Statement> statements = new ArrayList<>();
        for (TrafficStatement member : members) {
            operationOf.put(member.sql(), operation);
            Operation.Statement once =
                    Objects.requireNonNull(runnable.get(member.sql())).statement();
            long times = times(member, rarest);
            for (long time = 0; time < times; time++) {
                statements.add(Repeated.of(once, time, times));
            }
        }
        return new Operation(operation, rarest, statements);
    }

    /** How often a statement runs in a transaction that comes as often as the rarest of its statements. */
    private static long times(TrafficStatement member, double rarest) {
        return Math.round(member.calls() / rarest);
    }

    private TrafficStatement statement(String sql) {
        return traffic.statements().stream()
                .filter(statement -> statement.sql().equals(sql))
                .findFirst()
                .orElseThrow();
    }

    private double share(java.util.function.ToDoubleFunction<TrafficStatement> figure, double all) {
        return all == 0
                ? 1
                : traffic.statements().stream()
                                .filter(statement -> runnable.containsKey(statement.sql()))
                                .mapToDouble(figure)
                                .sum()
                        / all;
    }

    /**
     * The rate of requests at which each operation comes as often per second as in production. The profile's own rate
     * is of the calls that it tells, and a transaction is one request of several calls: so it is the share of the requests in the calls.
     */
    private double requestsPerSecond(double requests) {
        return spec.ownRate() ? ratePerSecond * requests / profileCalls : ratePerSecond;
    }

    private WorkloadFacts facts(double requests) {
        List<DerivedStatement> statements = new ArrayList<>();
        for (TrafficStatement statement : traffic.statements()) {
            RunnableStatement made = runnable.get(statement.sql());
            if (made != null) {
                statements.add(new DerivedStatement(
                        Objects.requireNonNull(operationOf.get(statement.sql())),
                        made.statement().jdbc(),
                        statement.calls(),
                        StatementDerivation.rowsPerCall(statement),
                        made.rowsPerCall(),
                        (double) statement.sharedBuffers() / statement.calls(),
                        made.buffersPerCall() == 0 ? null : made.buffersPerCall(),
                        made.parameterSets(),
                        made.guessed()));
            }
        }
        return new WorkloadFacts(
                "profile",
                requestsPerSecond(requests),
                spec.coverage(),
                share(TrafficStatement::calls, allCalls),
                share(Production::millis, allMillis),
                new UnwrittenTraffic(traffic).others(),
                statements,
                leftOut.stream()
                        .sorted(Comparator.comparingDouble(LeftOutStatement::calls)
                                .reversed())
                        .toList());
    }

    private void addDoubts(boolean writes) {
        if (writes) {
            doubts.add(new Doubt(
                    "transactions-unknown",
                    "Which statements share a transaction is not in pg_stat_statements: those that"
                            + " `workload.transactions` does not name are committed one by one, and hold their locks for a"
                            + " shorter time than production's may."));
        }
        long guessed = runnable.values().stream()
                .filter(made -> !made.guessed().isEmpty())
                .count();
        if (guessed > 0) {
            doubts.add(new Doubt(
                    "parameters-guessed",
                    "Of " + guessed + (guessed == 1 ? " statement" : " statements")
                            + " of production something had to be guessed; the table of the workload says what."));
        }
    }
}
