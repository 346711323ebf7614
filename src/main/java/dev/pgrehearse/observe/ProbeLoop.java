package dev.pgrehearse.observe;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.SqlState;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One thread that samples some probes, each in its period, and runs small tasks for them in between.
 *
 * <p>A failing or late probe never ends the rehearsal and never looks like silence: each such span becomes an event when
 * it is over, and all together a doubt at the end. When the server is gone the loop ends by itself.
 *
 * <p>{@link #submit} may be called by any thread and returns at once; the rest belongs to the thread that made the loop.
 */
final class ProbeLoop {
    /** Spans written as events for each probe; the doubt counts them all. */
    private static final int EVENTS = 20;

    private static final long JOIN_MILLIS = 15_000;

    /** A task that talks to the server. */
    interface Task {
        void run() throws SQLException;
    }

    private static final Task WAKE_UP = () -> {};

    private final class Scheduled {
        private final Probe probe;
        /** While there is nothing to see. */
        private final long calmNanos;

        private final long bearableNanos;
        private long dueNanos;
        private long samples;
        private long lastNanos;
        private long worstNanos;
        /** All the spans from one look to the next, without those in which there was nothing to look at. */
        private long spansNanos;

        private long spans;
        private boolean rested = true;
        private long holes;
        private long worstHoleNanos;
        private long firstHoleNanos;
        private long lastHoleNanos;
        private long failures;
        private long failingSinceNanos = -1;
        private String lastFailure = "";

        private Scheduled(Probe probe) {
            this.probe = probe;
            this.calmNanos = probe.period().toNanos();
            this.bearableNanos = probe.bearable().toNanos();
        }

        private void sample() throws SQLException {
            long began = clock.nanos();
            if (!rested) {
                worstNanos = Math.max(worstNanos, began - lastNanos);
                spansNanos += began - lastNanos;
                spans++;
            }
            rested = false;
            boolean closeToTheLast = samples > 0 && began - lastNanos <= bearableNanos;
            if (began - dueNanos > bearableNanos - calmNanos && !closeToTheLast) {
                hole(dueNanos, began, "was late");
            }
            lastNanos = began;
            samples++;
            try {
                probe.sample();
                if (failingSinceNanos >= 0) {
                    hole(failingSinceNanos, clock.nanos(), "failed (" + lastFailure + ")");
                    failingSinceNanos = -1;
                }
            } catch (SQLException | RuntimeException e) {
                failures++;
                lastFailure = String.valueOf(e.getMessage());
                if (failingSinceNanos < 0) {
                    failingSinceNanos = began;
                }
                if (e instanceof SQLException sql && isServerGone(sql)) {
                    throw sql;
                }
            }
            long now = clock.nanos();
            if (failingSinceNanos < 0 && now - began > bearableNanos) {
                hole(began, now, "took");
                silences.add(began, now);
            }
            // Periods that passed meanwhile are not made up for: two looks at once see no more than one.
            dueNanos = Math.max(dueNanos + probe.period().toNanos(), now);
        }

        private void hasten() {
            long soonest = Math.max(clock.nanos(), lastNanos + probe.period().toNanos());
            dueNanos = Math.min(dueNanos, soonest);
        }

        /** There is nothing to look at: as soon as there is, it is due. */
        private void rest() {
            rested = true;
            dueNanos = clock.nanos();
        }

        private void hole(long fromNanos, long toNanos, String what) {
            if (holes == 0) {
                firstHoleNanos = fromNanos;
            }
            holes++;
            lastHoleNanos = toNanos;
            worstHoleNanos = Math.max(worstHoleNanos, toNanos - fromNanos);
            if (holes <= EVENTS) {
                doubts.happened(
                        fromNanos,
                        "observer",
                        String.format(
                                Locale.ROOT,
                                "watching %s %s for %.0f ms",
                                probe.name(),
                                what,
                                (toNanos - fromNanos) / 1e6));
            }
        }

        private void finish(@Nullable Long goneNanos) {
            if (failingSinceNanos >= 0) {
                hole(failingSinceNanos, clock.nanos(), "failed (" + lastFailure + ")");
                failingSinceNanos = -1;
            } else if (goneNanos != null) {
                hole(goneNanos, clock.nanos(), "had ended with the server's connection");
            }
        }

        private Pace pace() {
            double mean = spans == 0 ? Double.NaN : spansNanos / 1e6 / spans;
            return new Pace(probe.name(), samples, calmNanos / 1e6, mean, worstNanos / 1e6);
        }
    }

    private final RehearsalClock clock;
    private final Doubts doubts;
    private final Silences silences;
    private final List<Scheduled> probes = new ArrayList<>();
    private final BlockingQueue<Task> tasks = new LinkedBlockingQueue<>();
    private final Thread thread;
    private long failedReadings;
    private long firstFailedNanos;
    private long lastFailedNanos;
    private String lastFailedReading = "";
    private volatile boolean stopping;
    private volatile @Nullable Long goneNanos;

    ProbeLoop(String threadName, RehearsalClock clock, Doubts doubts, Silences silences, List<? extends Probe> probes) {
        this.clock = clock;
        this.doubts = doubts;
        this.silences = silences;
        probes.forEach(probe -> this.probes.add(new Scheduled(probe)));
        this.thread = new Thread(this::run, threadName);
        this.thread.setDaemon(true);
    }

    void start() {
        long now = clock.nanos();
        probes.forEach(probe -> probe.dueNanos = now);
        thread.start();
    }

    /** Has the task run between two samples, soon. After the loop's end it is not run. */
    void submit(Task task) {
        tasks.add(task);
    }

    /** Has one of the loop's probes look as soon as its period, which may be another now, allows. Returns at once. */
    void hasten(Probe probe) {
        submit(() ->
                probes.stream().filter(scheduled -> scheduled.probe == probe).forEach(Scheduled::hasten));
    }

    /** Ends the loop after the sample under way and the tasks that were submitted before. */
    void stop() {
        stopping = true;
        tasks.add(WAKE_UP);
        if (!thread.isAlive()) {
            return;
        }
        boolean interrupted = false;
        try {
            thread.join(JOIN_MILLIS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (thread.isAlive()) {
            doubts.raise(
                    "observer-stuck",
                    "The observer's thread '" + thread.getName()
                            + "' did not end: the server has not answered its last question.");
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the server ended the connection, or itself. */
    boolean isServerGone() {
        return goneNanos != null;
    }

    /** Tells what the probes missed. After {@link #stop}. */
    void report() {
        probes.forEach(probe -> probe.finish(goneNanos));
        List<Scheduled> holed = probes.stream().filter(probe -> probe.holes > 0).toList();
        if (!holed.isEmpty()) {
            doubtHoles(holed);
        }
        if (failedReadings > 0) {
            doubts.raise(
                    "observer-reading-"
                            + thread.getName().substring(thread.getName().lastIndexOf(' ') + 1),
                    (failedReadings == 1
                                    ? "A reading of the server failed at " + doubts.when(firstFailedNanos) + ": "
                                    : failedReadings + " readings of the server failed between "
                                            + doubts.when(firstFailedNanos) + " and " + doubts.when(lastFailedNanos)
                                            + ", the last: ")
                            + lastFailedReading + ". What it would have told is missing.");
        }
    }

    /** One doubt, named after the first probe: the probes of a loop share a session, so one silence is a hole of each. */
    private void doubtHoles(List<Scheduled> holed) {
        long holes = holed.stream().mapToLong(probe -> probe.holes).sum();
        long failures = holed.stream().mapToLong(probe -> probe.failures).sum();
        String lastFailure = holed.stream()
                .map(probe -> probe.lastFailure)
                .filter(failure -> !failure.isEmpty())
                .reduce("", (earlier, later) -> later);
        doubts.raise(
                "observer-hole-" + holed.get(0).probe.name().replace(' ', '-'),
                String.format(
                        Locale.ROOT,
                        "Watching %s had %d %s%s between %s and %s, the longest of %.0f ms (%d failed looks%s):"
                                + " what happened then may be missing.",
                        inWords(holed.stream().map(probe -> probe.probe.name()).toList()),
                        holes,
                        holes == 1 ? "hole" : "holes",
                        holed.size() == 1 ? "" : " in all",
                        doubts.when(holed.stream()
                                .mapToLong(probe -> probe.firstHoleNanos)
                                .min()
                                .getAsLong()),
                        doubts.when(holed.stream()
                                .mapToLong(probe -> probe.lastHoleNanos)
                                .max()
                                .getAsLong()),
                        holed.stream()
                                        .mapToLong(probe -> probe.worstHoleNanos)
                                        .max()
                                        .getAsLong()
                                / 1e6,
                        failures,
                        lastFailure.isEmpty() ? "" : ", the last: " + lastFailure));
    }

    private static String inWords(List<String> names) {
        int last = names.size() - 1;
        return last == 0 ? names.get(0) : String.join(", ", names.subList(0, last)) + " and " + names.get(last);
    }

    List<Pace> paces() {
        return probes.stream().map(Scheduled::pace).toList();
    }

    private void run() {
        try {
            while (!stopping) {
                Scheduled next = earliest();
                if (next == null) {
                    run(tasks.take());
                    continue;
                }
                long waitNanos = next.dueNanos - clock.nanos();
                Task task = waitNanos > 0 ? tasks.poll(waitNanos, TimeUnit.NANOSECONDS) : tasks.poll();
                if (task != null) {
                    run(task);
                } else if (clock.nanos() >= next.dueNanos) {
                    next.sample();
                }
            }
            for (Task task = tasks.poll(); task != null; task = tasks.poll()) {
                run(task);
            }
        } catch (SQLException e) {
            goneNanos = clock.nanos();
            doubts.happened(
                    "server gone",
                    "the server ended the observer's connection: " + e.getMessage() + " (" + e.getSQLState() + ")");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Of the probes at work the one that is due first; null when none is at work. */
    private @Nullable Scheduled earliest() {
        Scheduled earliest = null;
        for (Scheduled probe : probes) {
            if (!probe.probe.isAtWork()) {
                probe.rest();
            } else if (earliest == null || probe.dueNanos < earliest.dueNanos) {
                earliest = probe;
            }
        }
        return earliest;
    }

    private void run(Task task) throws SQLException {
        try {
            task.run();
        } catch (SQLException | RuntimeException e) {
            if (e instanceof SQLException sql && isServerGone(sql)) {
                throw sql;
            }
            failedReading(String.valueOf(e.getMessage()));
        }
    }

    private void failedReading(String message) {
        lastFailedNanos = clock.nanos();
        if (failedReadings == 0) {
            firstFailedNanos = lastFailedNanos;
        }
        failedReadings++;
        lastFailedReading = message;
        if (failedReadings <= EVENTS) {
            doubts.happened(lastFailedNanos, "observer", "a reading of the server failed: " + message);
        }
    }

    private static boolean isServerGone(SQLException e) {
        return SqlState.meansConnectionLost(e.getSQLState());
    }
}
