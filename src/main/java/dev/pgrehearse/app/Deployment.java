package dev.pgrehearse.app;

import com.zaxxer.hikari.HikariPoolMXBean;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.postgres.Sessions;
import dev.pgrehearse.recording.AppEvent;
import dev.pgrehearse.recording.AppState;
import dev.pgrehearse.recording.FactSink;
import dev.pgrehearse.recording.Outcome;
import dev.pgrehearse.recording.StandbyFacts;
import dev.pgrehearse.scenario.AppSpec;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The instances of the user's service, and the balancer before them: those that are ready get the tries in turn.
 *
 * <p>Thread-safe. Life: the constructor starts the first instances, {@link #start} what Kubernetes does to them,
 * {@link #freeze} ends that, {@link #close} ends them.
 */
public final class Deployment implements AutoCloseable {
    /** Kubernetes' CrashLoopBackOff: at once, then after 10 s, 20 s, 40 s, … at most 5 min. */
    private static final Duration FIRST_RESTART_PAUSE = Duration.ofSeconds(10);

    private static final Duration LONGEST_RESTART_PAUSE = Duration.ofMinutes(5);

    /** Kubernetes' {@code terminationGracePeriodSeconds}. */
    private static final Duration GRACE = Duration.ofSeconds(30);

    private final AppSpec app;
    private final AppDatabase database;
    private final RehearsalClock clock;
    private final Sessions sessions;
    private final Consumer<String> broken;
    private final Diary diary;
    private final CopyOnWriteArrayList<Replica> replicas = new CopyOnWriteArrayList<>();
    private final CopyOnWriteArrayList<Replica> everyOne = new CopyOnWriteArrayList<>();
    private final @Nullable Kubelet kubelet;
    private final @Nullable Autoscaler autoscaler;
    private final MeanResponse responses = new MeanResponse();
    private volatile List<Replica> ready = List.of();
    private volatile Instance.Answers answers = (attempt, outcome, nanos) -> {};
    private volatile boolean frozen;

    /**
     * Starts the first instances; they get traffic at once.
     *
     * @param sessions learns which backend does what
     * @param facts gets the pools and what happens
     * @param broken is told in words when a thread of it ends that should not
     * @throws PoolInitializationException when one cannot connect
     */
    public Deployment(
            AppSpec app,
            AppDatabase database,
            RehearsalClock clock,
            Sessions sessions,
            FactSink facts,
            Consumer<String> broken) {
        this.app = app;
        this.database = database;
        this.clock = clock;
        this.sessions = sessions;
        this.broken = broken;
        this.diary = new Diary(clock, facts);
        this.kubelet = app.readiness() == null && app.liveness() == null
                ? null
                : new Kubelet(this, app.readiness(), app.liveness(), diary);
        AppSpec.Autoscaler scaling = app.autoscaler();
        this.autoscaler = scaling == null ? null : new Autoscaler(scaling, this, responses, clock, diary, broken);
        try {
            for (int i = 0; i < app.instances(); i++) {
                Replica replica = place();
                replica.put(open(replica));
                replica.ready(true);
            }
        } catch (PoolInitializationException refused) {
            close();
            throw refused;
        }
        balance();
    }

    void answersTo(Instance.Answers clients) {
        answers = clients;
    }

    /** Probes and scaling begin. */
    public void start() {
        if (kubelet != null) {
            replicas.forEach(kubelet::watch);
        }
        if (autoscaler != null) {
            autoscaler.start();
        }
    }

    /** The instances stay as they are from now on, and nothing more is told of them. */
    public void freeze() {
        frozen = true;
        diary.close();
        if (autoscaler != null) {
            autoscaler.close();
        }
        if (kubelet != null) {
            kubelet.close();
        }
    }

    /** Who is told when a thread of the load ends that should not. */
    public Consumer<String> broken() {
        return broken;
    }

    /** Learns how long a request took, for an autoscaler that looks at it. */
    public void responded(long nanos) {
        if (autoscaler != null) {
            responses.add(nanos);
        }
    }

    private synchronized Replica place() {
        int number = everyOne.size();
        Replica replica = new Replica(number, new Breaker(app.breaker(), Replica.nameOf(number), diary));
        replicas.add(replica);
        everyOne.add(replica);
        diary.poolMade(replica.name(), poolSize());
        if (database.standby() != null) {
            diary.poolMade(StandbyFacts.poolOf(replica.name()), poolSize());
        }
        return replica;
    }

    private int poolSize() {
        return Integer.parseInt(app.pool().getOrDefault("maximumPoolSize", "10"));
    }

    private Instance open(Replica replica) {
        AppDatabase standby = database.ofStandby();
        return new Instance(
                replica.name(),
                app,
                connections(database, replica.name(), "the server"),
                standby == null ? null : connections(standby, StandbyFacts.poolOf(replica.name()), "the standby"),
                clock,
                sessions,
                diary,
                this::answered);
    }

    private ConnectionSource connections(AppDatabase to, String pool, String who) {
        return new ConnectionSource(
                to,
                "pgrehearse " + pool,
                app.driverProperties(),
                refused -> diary.happened(
                        AppEvent.CONNECTION_REFUSED,
                        who + " refused " + pool + " a connection: " + refused.getMessage()));
    }

    private void answered(Try attempt, Outcome outcome, long nanos) {
        answers.answered(attempt, outcome, nanos);
    }

    /** The replica that try {@code turn} goes to; null when none is ready. */
    @Nullable
    Replica choose(long turn) {
        List<Replica> now = ready;
        return now.isEmpty() ? null : now.get((int) (turn % now.size()));
    }

    Breaker breakerOf(int number) {
        return everyOne.get(number).breaker();
    }

    /** Those that there are to be, in the order of their numbers. */
    List<Replica> replicas() {
        return List.copyOf(replicas);
    }

    private synchronized void balance() {
        List<Replica> now = replicas.stream()
                .filter(replica -> replica.isReady() && replica.instance().isPresent())
                .toList();
        boolean lost = now.isEmpty() && !ready.isEmpty();
        ready = now;
        if (lost) {
            diary.happened(
                    AppEvent.NO_INSTANCE_LEFT,
                    "no instance of " + replicas.size() + " gets traffic: every request is refused");
        }
    }

    /** An instance gets traffic, or none. */
    void ready(Replica replica, boolean now, String why) {
        replica.ready(now);
        if (now) {
            // Told when it is true: who hears it may send requests at once.
            balance();
            diary.happened(AppEvent.INSTANCE_READY, replica.name() + " gets traffic");
        } else {
            diary.happened(AppEvent.INSTANCE_REMOVED, replica.name() + " gets no traffic any more: " + why);
            balance();
        }
    }

    /** An instance is killed and started again. */
    void restart(Replica replica, String why) {
        Optional<Instance> killed = replica.instance();
        if (frozen || killed.isEmpty()) {
            return;
        }
        replica.put(null);
        replica.ready(false);
        diary.happened(AppEvent.INSTANCE_KILLED, replica.name() + " is killed: " + why);
        balance();
        Interruptible.started(replica.name() + " kill", killed.get()::kill, broken);
        startSoon(replica, restartPause(replica.endedAgain()));
    }

    /** So many instances there are to be, those that start among them. */
    void scaleTo(int wanted) {
        while (replicas.size() < wanted) {
            startSoon(place(), Duration.ZERO);
        }
        while (replicas.size() > wanted) {
            remove(replicas.get(replicas.size() - 1));
        }
    }

    private void startSoon(Replica replica, Duration pause) {
        Interruptible.started(
                replica.name() + " start",
                () -> {
                    TimeUnit.NANOSECONDS.sleep(pause.toNanos());
                    if (gone(replica)) {
                        return;
                    }
                    diary.happened(AppEvent.INSTANCE_STARTING, replica.name() + " starts");
                    TimeUnit.NANOSECONDS.sleep(app.startup().toNanos());
                    if (!gone(replica)) {
                        startNow(replica);
                    }
                },
                broken);
    }

    private boolean gone(Replica replica) {
        return frozen || replica.isLeaving();
    }

    private void startNow(Replica replica) {
        Instance instance;
        try {
            instance = open(replica);
        } catch (PoolInitializationException refused) {
            Duration pause = restartPause(replica.endedAgain());
            diary.happened(
                    AppEvent.INSTANCE_FAILED,
                    replica.name() + " could not open its pool" + cause(refused) + ": it is started again after "
                            + pause.toSeconds() + " s");
            startSoon(replica, pause);
            return;
        }
        if (gone(replica)) {
            instance.close();
            return;
        }
        replica.put(instance);
        diary.happened(AppEvent.INSTANCE_STARTED, replica.name() + " runs, with a pool of " + poolSize());
        if (app.readiness() == null) {
            ready(replica, true, "");
        }
        if (kubelet != null) {
            kubelet.watch(replica);
        }
    }

    private static String cause(PoolInitializationException refused) {
        Throwable cause = refused.getCause();
        return cause instanceof SQLException sql ? " (" + sql.getSQLState() + ", " + sql.getMessage() + ")" : "";
    }

    /** How long is waited before an instance is started again that has ended so often: not at all the first time. */
    static Duration restartPause(int ended) {
        if (ended <= 1) {
            return Duration.ZERO;
        }
        Duration pause = FIRST_RESTART_PAUSE.multipliedBy(1L << Math.min(ended - 2, 10));
        return pause.compareTo(LONGEST_RESTART_PAUSE) > 0 ? LONGEST_RESTART_PAUSE : pause;
    }

    private void remove(Replica replica) {
        replica.leave();
        replicas.remove(replica);
        balance();
        diary.happened(AppEvent.INSTANCE_STOPPED, replica.name() + " is stopped");
        replica.instance()
                .ifPresent(instance ->
                        Interruptible.started(replica.name() + " stop", () -> drain(replica, instance), broken));
    }

    /** Lets an instance finish what it has, for as long as Kubernetes does. */
    private void drain(Replica replica, Instance instance) throws InterruptedException {
        long bound = clock.nanos() + GRACE.toNanos();
        while (!frozen && !instance.isIdle() && clock.nanos() < bound) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
        if (!frozen) {
            instance.kill();
            replica.put(null);
        }
    }

    /** The service now. */
    public AppState state() {
        int running = 0;
        int workers = 0;
        int busy = 0;
        int busyForNobody = 0;
        int queued = 0;
        int pending = 0;
        // Without those that are being stopped, as the autoscaler counts.
        for (Replica replica : replicas) {
            Optional<Instance> instance = replica.instance();
            if (instance.isPresent()) {
                running++;
                workers += instance.get().workers();
                busy += instance.get().busy();
                busyForNobody += instance.get().busyForNobody();
                queued += instance.get().queued();
                pending += instance.get().pending();
            }
        }
        return new AppState(replicas.size(), running, ready.size(), workers, busy, busyForNobody, queued, pending);
    }

    /** The pools of all instances that there ever were, by their instances' names, for whoever watches them. */
    public List<PoolView> pools() {
        List<PoolView> pools = new ArrayList<>();
        for (Replica replica : everyOne) {
            pools.add(new PoolView(replica, poolSize(), false));
            if (database.standby() != null) {
                pools.add(new PoolView(replica, poolSize(), true));
            }
        }
        return pools;
    }

    /** One instance's pool, looked at from outside; all 0 while the instance does not run. Thread-safe. */
    public static final class PoolView {
        private final Replica replica;
        private final int size;
        private final boolean ofStandby;

        private PoolView(Replica replica, int size, boolean ofStandby) {
            this.replica = replica;
            this.size = size;
            this.ofStandby = ofStandby;
        }

        /** The instance's name; of its pool for the standby with a word behind it. */
        public String instance() {
            return ofStandby ? StandbyFacts.poolOf(replica.name()) : replica.name();
        }

        public int size() {
            return size;
        }

        public int active() {
            return state().map(HikariPoolMXBean::getActiveConnections).orElse(0);
        }

        public int idle() {
            return state().map(HikariPoolMXBean::getIdleConnections).orElse(0);
        }

        public int pending() {
            return state().map(HikariPoolMXBean::getThreadsAwaitingConnection).orElse(0);
        }

        private Optional<HikariPoolMXBean> state() {
            return replica.instance().map(ofStandby ? Instance::standbyPoolState : Instance::poolState);
        }
    }

    /** Ends all instances; what is under way is cut off. Does nothing the second time. */
    @Override
    public void close() {
        freeze();
        everyOne.forEach(replica -> replica.instance().ifPresent(Instance::close));
    }
}
