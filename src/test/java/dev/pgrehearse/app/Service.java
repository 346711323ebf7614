package dev.pgrehearse.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.ConnectionDetails;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.AppEvent;
import dev.pgrehearse.recording.Fact;
import dev.pgrehearse.recording.FactSink;
import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.RequestEntry;
import dev.pgrehearse.scenario.AppSpec;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** A service under test: it is asked requests, and what happens to it can be awaited. */
final class Service implements AutoCloseable, FactSink {
    private static final long MOST_NANOS = Duration.ofSeconds(60).toNanos();

    private final RehearsalClock clock = RehearsalClock.start();
    private final List<Fact> facts = new ArrayList<>();
    private final List<RequestEntry> ended = new ArrayList<>();
    final Deployment deployment;
    final Clients clients;
    private long asked;

    Service(AppSpec app, ConnectionDetails database) {
        deployment = new Deployment(app, new AppDatabase(database), clock, new Sessions(), this, broken -> {});
        clients = new Clients(app, deployment, clock, 42, this::end);
        deployment.start();
        clients.start();
    }

    private synchronized void end(RequestEntry entry) {
        ended.add(entry);
        notifyAll();
    }

    @Override
    public synchronized void add(Fact fact) {
        facts.add(fact);
        notifyAll();
    }

    /** Asks for one statement to be run. */
    void ask(String sql) {
        clients.ask(new Request(asked++, 0, new Sql(sql), clock.nanos()));
    }

    /** Asks for one statement to be run, and waits for the end of all that was asked so far. */
    void askAndAwait(String sql) throws InterruptedException {
        ask(sql);
        await(service -> service.ended().size() == asked, asked + " ends");
    }

    /** Asks for what cannot be made at all. */
    void askForWhatIsBroken() {
        Work broken = new Work() {
            @Override
            public Sessions.Use use() {
                return new Sessions.Use(Sessions.Role.WORKLOAD, "broken");
            }

            @Override
            public void run(Connection connection, long number) {
                throw new IllegalStateException("no such parameter");
            }
        };
        clients.ask(new Request(asked++, 0, broken, clock.nanos()));
    }

    private record Sql(String sql) implements Work {
        @Override
        public Sessions.Use use() {
            return new Sessions.Use(Sessions.Role.WORKLOAD, "ask");
        }

        @Override
        public void run(Connection connection, long number) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute(sql);
            }
        }
    }

    /** What has happened so far, in order. */
    synchronized List<Fact.Happened> happened() {
        return facts.stream()
                .filter(Fact.Happened.class::isInstance)
                .map(Fact.Happened.class::cast)
                .toList();
    }

    synchronized List<Fact> facts() {
        return List.copyOf(facts);
    }

    /** Requests that have ended, without work for nobody. */
    synchronized List<RequestEntry> ended() {
        return ended.stream().filter(entry -> entry.isRequest()).toList();
    }

    /** Work for nobody, or for a client that tried again. */
    synchronized List<RequestEntry> late() {
        return of(RequestEntry.Kind.WORK);
    }

    /** As their clients saw them. */
    synchronized List<RequestEntry> earlierTries() {
        return of(RequestEntry.Kind.EARLIER_TRY);
    }

    private List<RequestEntry> of(RequestEntry.Kind kind) {
        return ended.stream().filter(entry -> entry.kind() == kind).toList();
    }

    /** Waits until it has happened so often. */
    void await(AppEvent event, int times) throws InterruptedException {
        await(
                service -> service.happened().stream()
                                .filter(fact -> fact.kind().equals(event.kind()))
                                .count()
                        >= times,
                times + " × " + event);
    }

    /** Waits until so many tries that are not the last have failed. */
    void awaitEarlierTries(int times) throws InterruptedException {
        await(service -> service.earlierTries().size() >= times, times + " earlier tries");
    }

    /** Waits until so many requests have ended with an outcome. */
    void await(Outcome outcome, int times) throws InterruptedException {
        await(
                service -> service.ended().stream()
                                .filter(entry -> entry.outcome() == outcome)
                                .count()
                        >= times,
                times + " × " + outcome);
    }

    private synchronized void await(Predicate<Service> seen, String what) throws InterruptedException {
        long until = System.nanoTime() + MOST_NANOS;
        while (!seen.test(this)) {
            long left = (until - System.nanoTime()) / 1_000_000;
            assertThat(left)
                    .as("waiting for %s; so far %s, %s", what, happened(), ended())
                    .isPositive();
            wait(left);
        }
    }

    @Override
    public void close() {
        try {
            clients.finish(Duration.ofSeconds(1));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        deployment.close();
    }
}
