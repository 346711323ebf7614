package dev.pgrehearse.app;

import dev.pgrehearse.clock.RehearsalClock;
import dev.pgrehearse.recording.AppEvent;
import dev.pgrehearse.recording.AppState;
import dev.pgrehearse.scenario.AppSpec;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Looks at the instances every so often and starts or stops some, as a HorizontalPodAutoscaler does. */
final class Autoscaler implements AutoCloseable {
    private final AppSpec.Autoscaler spec;
    private final Deployment deployment;
    private final MeanResponse responses;
    private final RehearsalClock clock;
    private final Diary diary;
    private final Consumer<String> broken;
    private final ScalingRule rule;
    private @Nullable Thread thread;

    Autoscaler(
            AppSpec.Autoscaler spec,
            Deployment deployment,
            MeanResponse responses,
            RehearsalClock clock,
            Diary diary,
            Consumer<String> broken) {
        this.spec = spec;
        this.deployment = deployment;
        this.responses = responses;
        this.clock = clock;
        this.diary = diary;
        this.broken = broken;
        this.rule = new ScalingRule(spec);
    }

    void start() {
        thread = Interruptible.started(
                "autoscaler",
                () -> {
                    while (true) {
                        TimeUnit.NANOSECONDS.sleep(spec.period().toNanos());
                        look();
                    }
                },
                broken);
    }

    private void look() {
        AppState state = deployment.state();
        double mean = responses.take();
        ScalingRule.Look look = new ScalingRule.Look(
                clock.nanos(), state.instances(), state.running(), state.ready(), ratio(state, mean));
        int wanted = rule.wanted(look);
        if (wanted != state.instances()) {
            diary.happened(
                    wanted > state.instances() ? AppEvent.SCALED_UP : AppEvent.SCALED_DOWN,
                    "the autoscaler wants " + wanted + " instances in place of " + state.instances() + ": "
                            + words(state, mean));
            deployment.scaleTo(wanted);
        }
    }

    /** What was measured by what is aimed at; NaN when nothing was. */
    private double ratio(AppState state, double meanNanos) {
        Double busy = spec.busyWorkers();
        if (busy != null) {
            return state.workers() == 0 ? Double.NaN : (double) state.busy() / state.workers() / busy;
        }
        return spec.latency() == null ? Double.NaN : meanNanos / spec.latency().toNanos();
    }

    private String words(AppState state, double meanNanos) {
        Double busy = spec.busyWorkers();
        return busy != null
                ? String.format(
                        Locale.ROOT,
                        "%d of %d workers are busy, %.0f %% are aimed at",
                        state.busy(),
                        state.workers(),
                        busy * 100)
                : String.format(Locale.ROOT, "the mean response took %.0f ms", meanNanos / 1e6);
    }

    @Override
    public void close() {
        if (thread != null) {
            thread.interrupt();
        }
    }
}
