package dev.pgrehearse.app;

import dev.pgrehearse.recording.AppEvent;
import dev.pgrehearse.scenario.AppSpec.Probe;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Asks each instance whether it is ready, and whether it lives, as Kubernetes' kubelet does. Thread-safe. */
final class Kubelet implements AutoCloseable {
    private final Deployment deployment;
    private final @Nullable Probe readiness;
    private final @Nullable Probe liveness;
    private final Diary diary;
    private final ScheduledThreadPoolExecutor timer;

    Kubelet(Deployment deployment, @Nullable Probe readiness, @Nullable Probe liveness, Diary diary) {
        this.deployment = deployment;
        this.readiness = readiness;
        this.liveness = liveness;
        this.diary = diary;
        this.timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "kubelet");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
    }

    /** Begins to probe the instance that runs at a place now; ends when it does not any more. */
    void watch(Replica replica) {
        replica.instance().ifPresent(instance -> {
            if (readiness != null) {
                new Watch(replica, instance, readiness, true).soon();
            }
            if (liveness != null) {
                new Watch(replica, instance, liveness, false).soon();
            }
        });
    }

    /** One kind of probe of one instance. Its answers come one at a time, since the next is asked after the last. */
    private final class Watch {
        private final Replica replica;
        private final Instance instance;
        private final Probe probe;
        private final boolean ofReadiness;
        private int failedInARow;
        private int answeredInARow;

        Watch(Replica replica, Instance instance, Probe probe, boolean ofReadiness) {
            this.replica = replica;
            this.instance = instance;
            this.probe = probe;
            this.ofReadiness = ofReadiness;
        }

        void soon() {
            schedule(probe.initialDelay().toNanos());
        }

        private void schedule(long afterNanos) {
            try {
                var unused = timer.schedule(this::ask, afterNanos, TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException closed) {
                if (!timer.isShutdown()) {
                    throw closed;
                }
            }
        }

        private boolean goesOn() {
            return !replica.isLeaving()
                    && replica.instance().filter(now -> now == instance).isPresent();
        }

        private void ask() {
            if (!goesOn()) {
                return;
            }
            schedule(probe.period().toNanos());
            Probing probing = new Probing(probe.check());
            if (!instance.offer(probing)) {
                failed("the accept queue was full");
                return;
            }
            // A worker may answer later: a kubelet that has gone does not hear it, and the worker does not know.
            var unused = probing.answer()
                    .orTimeout(probe.timeout().toNanos(), TimeUnit.NANOSECONDS)
                    .whenCompleteAsync((wrong, late) -> heard(wrong, late), timer);
        }

        private void heard(@Nullable String wrong, @Nullable Throwable late) {
            if (late instanceof TimeoutException) {
                failed("no answer within " + probe.timeout().toMillis() + " ms");
            } else if (wrong == null || !wrong.isEmpty()) {
                failed(String.valueOf(late == null ? wrong : late));
            } else {
                answered();
            }
        }

        private void failed(String why) {
            if (!goesOn()) {
                return;
            }
            answeredInARow = 0;
            failedInARow++;
            String kind = ofReadiness ? "readiness" : "liveness";
            diary.happened(
                    AppEvent.PROBE_FAILED,
                    replica.name() + " failed its " + kind + " probe, " + failedInARow + " in a row ("
                            + probe.failures() + " are believed): " + why);
            String words = failedInARow + " " + kind + " probes failed, the last one since " + why;
            if (failedInARow >= probe.failures()) {
                if (!ofReadiness) {
                    deployment.restart(replica, words);
                } else if (replica.isReady()) {
                    deployment.ready(replica, false, words);
                }
            }
        }

        private void answered() {
            failedInARow = 0;
            answeredInARow++;
            if (ofReadiness && goesOn() && !replica.isReady() && answeredInARow >= probe.successes()) {
                deployment.ready(replica, true, "");
            }
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
