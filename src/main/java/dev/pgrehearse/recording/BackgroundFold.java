package dev.pgrehearse.recording;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Folds what the server does by itself, checkpoints and autovacuum, and sets it against the migration's statements.
 *
 * <p>Source of the wordings: {@code LogCheckpointStart} and {@code LogCheckpointEnd} in {@code src/backend/access/transam/xlog.c}.
 */
final class BackgroundFold {
    private static final String STARTING = "checkpoint starting: ";
    private static final String COMPLETE = "checkpoint complete: ";
    private static final Pattern WROTE = Pattern.compile("wrote (\\d+) buffers");
    private static final Pattern AUTOVACUUM_ENDED = Pattern.compile("automatic (vacuum|analyze) of [^.]+\\.(.+) ended");
    private static final Pattern AUTOVACUUM_CANCELLED =
            Pattern.compile("cancelled: automatic (vacuum|analyze) of [^.]+\\.(.+)");
    private static final String IN_PUBLIC = "public.";

    /** The log has milliseconds, the two clocks differ by less, and a waiter has its lock at once after a cancel. */
    private static final long AT_THE_SAME_TIME_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** A worker is looked for every 250 ms. */
    private static final long LAST_SEEN_BEFORE_ITS_END_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final List<Fact.Happened> happened;
    private final List<Fact.AutovacuumSeen> seen;
    private final List<Fact.StatementRan> runs;
    private final Map<Fact.StatementRan, List<Recording.Lock>> locks;
    private final List<Fact.Waited> waits;
    private final Phases phases;

    /**
     * Folds a rehearsal's background.
     *
     * @param locks of each run
     * @param waits of everybody
     */
    BackgroundFold(
            List<Fact> facts,
            Map<Fact.StatementRan, List<Recording.Lock>> locks,
            List<Fact.Waited> waits,
            Phases phases) {
        this.happened = of(facts, Fact.Happened.class);
        this.seen = of(facts, Fact.AutovacuumSeen.class);
        this.runs = of(facts, Fact.StatementRan.class);
        this.locks = locks;
        this.waits = waits;
        this.phases = phases;
    }

    List<Checkpoint> checkpoints() {
        List<Checkpoint> checkpoints = new ArrayList<>();
        Fact.Happened open = null;
        for (Fact.Happened event : inOrder("checkpoint")) {
            if (event.text().startsWith(STARTING)) {
                // Of one whose end the log did not tell, the next one's start is the proof.
                if (open != null) {
                    checkpoints.add(checkpoint(open, null));
                }
                open = event;
            } else if (open != null && event.text().startsWith(COMPLETE)) {
                checkpoints.add(checkpoint(open, event));
                open = null;
            }
        }
        if (open != null) {
            checkpoints.add(checkpoint(open, null));
        }
        return checkpoints;
    }

    /** How many began while a run was under way. */
    int checkpointsDuring(Fact.StatementRan run) {
        return (int) inOrder("checkpoint").stream()
                .filter(event -> event.text().startsWith(STARTING)
                        && event.atNanos() >= run.startNanos()
                        && event.atNanos() <= run.endNanos())
                .count();
    }

    private Checkpoint checkpoint(Fact.Happened start, Fact.@Nullable Happened end) {
        String cause = start.text().substring(STARTING.length());
        Matcher wrote = WROTE.matcher(end == null ? "" : end.text());
        return new Checkpoint(
                phases.millis(start.atNanos()),
                end == null ? null : (Double) phases.millis(end.atNanos()),
                cause,
                !cause.equals("time"),
                wrote.find() ? (Long) Long.parseLong(wrote.group(1)) : null,
                phaseAt(start.atNanos()),
                runs.stream()
                        .filter(run -> run.startNanos() <= start.atNanos() && start.atNanos() <= run.endNanos())
                        .findFirst()
                        .map(Charges::name)
                        .orElse(null));
    }

    List<Autovacuum> autovacuums() {
        List<Fact.AutovacuumSeen> untold = new ArrayList<>(seen);
        List<Told> told = new ArrayList<>();
        for (Fact.Happened event : inOrder("autovacuum")) {
            Matcher cancelled = AUTOVACUUM_CANCELLED.matcher(event.text());
            Matcher ended = AUTOVACUUM_ENDED.matcher(event.text());
            if (cancelled.matches() || ended.matches()) {
                Matcher line = cancelled.matches() ? cancelled : ended;
                String table = named(line.group(2));
                Fact.AutovacuumSeen work = worker(untold, table, event.atNanos());
                // VACUUM ANALYZE has a line for each half; the worker is told of with its last one.
                told.add(new Told(
                        table,
                        line.group(1),
                        work,
                        event.atNanos(),
                        cancelled.matches() ? Autovacuum.CANCELLED : Autovacuum.ENDED));
            }
        }
        told.forEach(line -> untold.remove(line.work()));
        for (Fact.AutovacuumSeen work : untold) {
            told.add(new Told(work.table(), work.what(), work, null, Autovacuum.UNKNOWN));
        }
        return told.stream()
                .sorted(Comparator.comparingLong(Told::lastNanos))
                .map(this::autovacuum)
                .toList();
    }

    /** What log and looks tell of one run of a worker, or of one half of it. */
    private record Told(
            String table,
            String what,
            Fact.@Nullable AutovacuumSeen work,
            @Nullable Long endNanos,
            String outcome) {
        long lastNanos() {
            return endNanos == null ? Objects.requireNonNull(work).lastNanos() : endNanos;
        }
    }

    private Autovacuum autovacuum(Told told) {
        Fact.AutovacuumSeen work = told.work();
        return new Autovacuum(
                told.table(),
                told.what(),
                work == null ? null : (Double) phases.millis(work.startNanos()),
                told.endNanos() == null ? null : (Double) phases.millis(told.endNanos()),
                told.outcome(),
                phaseAt(told.lastNanos()),
                told.outcome().equals(Autovacuum.CANCELLED)
                        ? canceller(told.table(), told.lastNanos())
                        : meanwhile(told, work));
    }

    private static Fact.@Nullable AutovacuumSeen worker(List<Fact.AutovacuumSeen> seen, String table, long endNanos) {
        return seen.stream()
                .filter(work -> work.table().equals(table)
                        && work.startNanos() <= endNanos
                        && work.lastNanos() >= endNanos - LAST_SEEN_BEFORE_ITS_END_NANOS)
                .max(Comparator.comparingLong(Fact.AutovacuumSeen::startNanos))
                .orElse(null);
    }

    /** A worker is cancelled by who waits for its table: the migration's, when it was the migration that waited then. */
    private @Nullable String canceller(String table, long atNanos) {
        boolean migrationWaited = waits.stream()
                .anyMatch(wait -> wait.operation().equals("migration")
                        && wait.relation().equals(table)
                        && wait.startNanos() <= atNanos
                        && wait.endNanos() >= atNanos - AT_THE_SAME_TIME_NANOS);
        return migrationWaited
                ? runs.stream()
                        .filter(run -> run.startNanos() <= atNanos
                                && run.endNanos() >= atNanos - AT_THE_SAME_TIME_NANOS
                                && touches(run, table))
                        .findFirst()
                        .map(Charges::name)
                        .orElse(null)
                : null;
    }

    private @Nullable String meanwhile(Told told, Fact.@Nullable AutovacuumSeen work) {
        long from = work == null ? told.lastNanos() : work.startNanos();
        return runs.stream()
                .filter(run -> run.startNanos() <= told.lastNanos() && run.endNanos() >= from)
                .filter(run -> touches(run, told.table()))
                .findFirst()
                .map(Charges::name)
                .orElse(null);
    }

    private boolean touches(Fact.StatementRan run, String table) {
        return locks.getOrDefault(run, List.of()).stream()
                .anyMatch(lock -> lock.relation().equals(table));
    }

    /** The server's {@code schema.table} as this tool names it. */
    private static String named(String qualified) {
        return qualified.startsWith(IN_PUBLIC) ? qualified.substring(IN_PUBLIC.length()) : qualified;
    }

    private @Nullable String phaseAt(long nanos) {
        return phases.at(nanos).map(Phases.Span::name).orElse(null);
    }

    private List<Fact.Happened> inOrder(String kind) {
        return happened.stream()
                .filter(event -> event.kind().equals(kind))
                .sorted(Comparator.comparingLong(Fact.Happened::atNanos))
                .toList();
    }

    private static <T extends Fact> List<T> of(List<Fact> facts, Class<T> kind) {
        return facts.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
